"""`hanse restore`: an installation out of a backup file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What hanse backup wrote.")],
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Give up what is in this installation.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As data, for programs.")] = False,
) -> None:
    """Fill an empty installation from a backup: everything is compared, and it answers as it did."""
    from hanse.fronts.cli.tables import console, print_json, progress
    from hanse.installation import home, start
    from hanse.installation import restore as filling

    start.ready(must_be_initialised=False, pages=True)
    with progress("restore") as tell:
        done = filling.restore(file.resolve(), replace=replace, progress=tell)
        if done.applied:
            start.check_initialised()
            _filled(lambda what: tell(what, 0, 0))
    found = done.manifest
    rows = sum(found.rows.values())
    if json:
        print_json({
            "home": str(home.folder()), "made": found.made, "rows": rows, "tables": len(found.rows),
            "files": len(found.contents) - 1, "audit_head": found.audit_head, "replaced": done.replaced,
            "migrations": list(done.applied),
        })  # fmt: skip
        return
    to = console()
    to.print(f"{home.folder()} is as it was at {found.made}", soft_wrap=True)
    to.print(f"{rows:,} rows in {len(found.rows)} tables and {len(found.contents) - 1:,} files, compared one by one")
    to.print(f"audit head {found.audit_head}", soft_wrap=True)
    if done.applied:
        to.print(f"{len(done.applied)} migrations of this newer hanse applied")


def _filled(tell: Callable[[str], None]) -> None:
    """Makes what this version keeps beside the facts, and an older one did not."""
    from hanse.apps.standings import upgrading

    upgrading.catch_up(tell)
