"""`hanse demo`: a walk through everything over a channel made for it, which ends with the running application."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from hanse.fronts.cli.demo_state import Made

HOST = "127.0.0.1"  # a demo's passwords are on the screen: it is for this machine alone


def demo(
    *,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where the facts, the installation and the report go.")
    ] = Path("demo"),
    partners: Annotated[int, typer.Option(min=1, help="How many partners.")] = 5_000,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="End with the pages in a browser.")] = True,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port of the pages; else the next free one.")] = 8000,
    anew: Annotated[bool, typer.Option("--anew", help="Make it again, though it is there.")] = False,
) -> None:
    """Walk through it: a channel is made, imported, judged, explained, rehearsed; then sign in and look around.

    What an earlier demo of this version left in the folder is shown again at once. Only this machine is answered.
    """
    from hanse.fronts.cli import demo_people, demo_state
    from hanse.fronts.cli.tables import console
    from hanse.fronts.pages import assets

    to = console()
    for name in ("HANSE_DATABASE_URL", "HANSE_HOSTS"):  # those of an installation that is no demo
        os.environ.pop(name, None)
    os.environ["HANSE_HOME"] = str((out / "home").resolve())
    if serve:
        assets.check_built()
    with demo_state.alone(out):
        made = None if anew else _there(to, out, partners)
        if made is None:
            made = _made(to, out, partners)
        demo_people.shown(to, made.people, made.password)
        _farewell(to, out)
        if serve:
            _served(to, port)


def _there(to: Console, out: Path, partners: int) -> Made | None:
    """The demo that is there and can be shown; says why where there is one that cannot."""
    from hanse.fronts.cli import demo_state
    from hanse.installation import start
    from hanse.language.problems import HanseError

    found = demo_state.found(out)
    if found is None:
        return None
    why = "it was made by another version, or with another number of partners"
    if found.by == demo_state.made_by(partners):
        try:
            start.ready(pages=True)
        except HanseError as error:
            why = f"{error.problems[0].what}: {error.problems[0].why}"
        else:
            to.print(f"The demo in {out} is there already (hanse demo --anew makes it again).\n", soft_wrap=True)
            return found
    to.print(f"The demo in {out} cannot be shown: {why}. It is made anew.", soft_wrap=True)
    return None


def _made(to: Console, out: Path, partners: int) -> Made:
    """Takes away what an earlier demo left, and makes one."""
    from hanse.fronts.cli import demo_allies, demo_people, demo_state, demo_walk

    if demo_state.cleared(out):
        to.print(f"What an earlier demo left in {out} is taken away.", soft_wrap=True)
    began = perf_counter()
    seen = demo_walk.walked(to, out, partners)
    given = demo_people.password()
    people = demo_people.added(seen, given)
    demo_allies.shown([key for key in dict.fromkeys((seen.short, seen.falling, seen.pilot)) if key])
    made = demo_state.Made(demo_state.made_by(partners), given, people)
    demo_state.keep(out, made)
    to.print(f"\nAll of it took {perf_counter() - began:.0f} seconds.\n", soft_wrap=True)
    return made


def _farewell(to: Console, out: Path) -> None:
    from hanse.demo.lists import FILES
    from hanse.fronts.cli.demo_walk import LISTS

    lists = " and ".join(str((out / LISTS / name).resolve()) for name in FILES)
    to.print(f"\nTwo lists that name some of these partners once more, to import on the desk: {lists}", soft_wrap=True)
    to.print(
        f"\nThe report of the rehearsal: {out / 'rehearsal' / 'report.html'}. On the command line:\n", soft_wrap=True
    )
    to.print("  source .venv/bin/activate", soft_wrap=True)
    to.print(f"  export HANSE_HOME={shlex.quote(str((out / 'home').resolve()))}", soft_wrap=True)
    to.print("  hanse runs list; hanse import --list; hanse audit list; hanse doctor\n", soft_wrap=True)


def _served(to: Console, port: int) -> None:
    """Serves the pages until Ctrl-C, on the port or, where that is taken, on the next free one."""
    from rich.text import Text

    from hanse.fronts.cli import serve

    if not serve.is_free(HOST, port):
        taken, port = port, serve.next_free(HOST, port)
        to.print(f"Port {taken} is taken; this is on {port}.", soft_wrap=True)
    to.print(Text.assemble("Hanse is at ", (serve.address_of(HOST, port), "bold"), " (Ctrl-C ends it)"), soft_wrap=True)
    serve.run(host=HOST, port=port)
