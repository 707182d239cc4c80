"""`hanse editions`: the programmes that are installed, in all their versions, and what each is on a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hanse.fronts.cli.arguments import day_of

if TYPE_CHECKING:
    from hanse.apps.programmes.selectors import Seen

editions = typer.Typer(help="Programme editions: install, pilot, announce, put in force, retire.")
Name = Annotated[str, typer.Argument(metavar="EDITION", help="partnerworld/2017, or one version: partnerworld/2017@2.")]
On = Annotated[str | None, typer.Option(metavar="DATE", help="From this day on; else from today.")]
Why = Annotated[str, typer.Option(metavar="TEXT", help="The reason; it stays on record.")]
Alone = Annotated[bool, typer.Option("--alone", help="Publish what you installed yourself: there is nobody else.")]
AsJson = Annotated[bool, typer.Option("--json", help="As data, for programs.")]


@editions.command("list")
def list_(
    *,
    on: Annotated[str | None, typer.Option(metavar="DATE", help="As of this day; else today.")] = None,
    json: AsJson = False,
) -> None:
    """List all versions of all editions, and what each is on a day."""
    day = _day(on)
    _ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.programmes import selectors
    from hanse.fronts.cli.tables import console, print_json, table

    found = selectors.editions(actor=operator(), day=day)
    if json:
        print_json([as_data(one) for one in found])
        return
    rows = [
        (one.key, one.state.replace("_", " "), one.since, one.cases, one.author, one.content_hash[:12]) for one in found
    ]
    columns = ("edition", f"on {day}", "since", "cases", "installed by", "content")
    console().print(
        table("", columns, rows) if rows else "None yet. Install one: hanse editions install FOLDER-OR-NAME"
    )


@editions.command("show")
def show(name: Name, *, json: AsJson = False) -> None:
    """Show one version: its content, and all that has happened to it."""
    _ready()
    from hanse.apps.programmes import selectors
    from hanse.fronts.cli.tables import console, print_json, table

    found = selectors.version_named(name, _day(None))
    if json:
        print_json(
            as_data(found)
            | {"files": sorted(selectors.files_of(found.id)), "pilots": selectors.pilots_of(found.id, _day(None))}
        )
        return
    to = console()
    to.print(
        f"{found.key}: {found.state.replace('_', ' ')}, {found.cases} cases, installed from {found.source}",
        soft_wrap=True,
    )
    to.print(f"content {found.content_hash}", soft_wrap=True)
    rows = [
        (e.on, e.state.replace("_", " "), e.actor, e.reason + (" (alone)" if e.alone else ""), e.pilots or None)
        for e in found.events
    ]
    to.print(table("", ("from", "it is", "by", "because", "pilots"), rows))


@editions.command("install")
def install(
    name: Annotated[str, typer.Argument(metavar="EDITION", help="A folder, or the name of a shipped edition.")],
    *,
    reason: Why = "",
    json: AsJson = False,
) -> None:
    """Check an edition, run its cases, and keep its files as a version. Other content is another version."""
    _ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.programmes import services
    from hanse.fronts.cli.tables import console, print_json, progress

    with progress(f"Checking {name}") as tell:
        done = services.install(actor=operator(), name=name, reason=reason, progress=tell)
    if json:
        print_json(as_data(done.version) | {"new": done.new})
        return
    said = (
        "installed; it is drafted"
        if done.new
        else f"is installed already; it is {done.version.state.replace('_', ' ')}"
    )
    console().print(f"{done.version.key}: {said} ({done.version.cases} cases hold)", soft_wrap=True)


@editions.command("unpack")
def unpack(name: Name, out: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")]) -> None:
    """Write the files of a version into a folder, to look at or to change."""
    _ready()
    from hanse.apps.programmes import content, selectors
    from hanse.fronts.cli.tables import console
    from hanse.language.problems import CallError, Problem

    found = selectors.version_named(name, _day(None))
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CallError(Problem(str(out), "the folder is not empty", "files in it might be lost", "give a new one"))
    content.unpack(selectors.files_of(found.id), out)
    console().print(f"{found.key} is in {out}", soft_wrap=True)


@editions.command("pilot")
def pilot(
    name: Name,
    *,
    partner: Annotated[list[str] | None, typer.Option(help="A partner of the group; may be repeated.")] = None,
    partners: Annotated[Path | None, typer.Option(help="A file with one key a line.")] = None,
    reason: Why,
    on: On = None,
    json: AsJson = False,
) -> None:
    """Show a version to a group of partners, about 50, before it is announced."""
    group = [*(partner or ())]
    if partners is not None:
        group += [line.strip() for line in partners.read_text(encoding="utf-8").splitlines() if line.strip()]
    _happens("pilot", name, on, json, partners=group, reason=reason)


@editions.command("announce")
def announce(name: Name, *, reason: Why, on: On = None, alone: Alone = False, json: AsJson = False) -> None:
    """Publish a version: partners see what they would be by it. Somebody else than its author does this."""
    _happens("announce", name, on, json, reason=reason, alone=alone)


@editions.command("in-force")
def in_force(name: Name, *, reason: Why, on: On = None, alone: Alone = False, json: AsJson = False) -> None:
    """Put a version in force from a day on; the edition before is retired that day."""
    _happens("put_in_force", name, on, json, reason=reason, alone=alone)


@editions.command("retire")
def retire(name: Name, *, reason: Why, on: On = None, json: AsJson = False) -> None:
    """End a version on a day. What was judged by it stays."""
    _happens("retire", name, on, json, reason=reason)


def _happens(verb: str, name: str, on: str | None, json: bool, **more: Any) -> None:
    day = _day(on)
    _ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.programmes import services
    from hanse.fronts.cli.tables import console, print_json

    act: Callable[..., Seen] = getattr(services, verb)
    found = act(actor=operator(), name=name, on=day, **more)
    if json:
        print_json(as_data(found))
        return
    console().print(f"{found.key} is {found.state.replace('_', ' ')} from {day} on", soft_wrap=True)


def as_data(found: Seen) -> dict[str, Any]:
    """A version for programs."""
    return {
        "edition": found.name, "version": found.number, "title": found.title, "content_hash": found.content_hash,
        "state": found.state, "since": found.since, "cases": found.cases, "author": found.author,
        "installed": found.installed, "source": found.source, "events": [vars(event) for event in found.events],
    }  # fmt: skip


def _day(text: str | None) -> date:
    return day_of(text, "--on") if text else datetime.now(UTC).date()


def _ready() -> None:
    from hanse.installation.start import ready

    ready()
