"""`hanse init`: makes the installation, or brings it up to this version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

_NEXT = (
    ("hanse import FILE", "bring in partners, sales, certifications ... (CSV, Excel or Parquet)"),
    ("hanse editions install EDITION", "install the programme that they are judged by"),
    ("hanse users add ADDRESS", "say who may do what"),
    ("hanse doctor", "see that all is well"),
)


def init(*, json: Annotated[bool, typer.Option("--json", help="As data, for programs.")] = False) -> None:
    """Make the installation: its folder, its database and all that is in it. Run it again after every upgrade.

    What a new version keeps beside the facts (places, the map, the directory) is then made from what is on record.

    HANSE_HOME names the folder, HANSE_DATABASE_URL a server of your own; without it an embedded one is used.
    """
    from hanse.fronts.cli.tables import console, print_json, progress
    from hanse.installation import address, home, start

    with progress("init") as tell:
        tell("finding the database", 0, 3)
        start.ready(must_be_initialised=False, pages=True)
        tell("applying migrations", 1, 3)
        done = start.migrate()
        start.ready()
        for room in ("files", "runs", "editions"):
            home.room(room)
        made = _filled(lambda what: tell(what, 2, 3))
    embedded = address.given() is None
    if json:
        print_json({
            "home": str(home.folder()), "embedded": embedded, "database": address.shown(),
            "role_made": done.role_made, "migrations": list(done.applied), "made": made,
        })  # fmt: skip
        return
    to = console()
    to.print(f"home       {home.folder()}", soft_wrap=True)
    to.print(f"database   {address.shown()}{'  (embedded)' if embedded else ''}", soft_wrap=True)
    changed = len(done.applied)
    to.print(f"migrations {changed} applied" if changed else "migrations none to apply: all was there already")
    if made:
        to.print(f"made anew  {' and '.join(made)}, from what is on record")
    if done.role_made:
        to.print(f"role       {address.APPLICATION_ROLE} made")
    if changed:
        to.print("\nNext:")
        for command, what in _NEXT:
            to.print(f"  {command:<32}{what}", soft_wrap=True)


def _filled(tell: Callable[[str], None]) -> list[str]:
    """Makes what this version keeps beside the facts, where it is not there yet."""
    from hanse.apps.standings import upgrading

    return upgrading.catch_up(tell)
