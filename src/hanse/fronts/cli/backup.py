"""`hanse backup`: the whole installation in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, such as hanse-2026-06-30.tar.")],
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Let it take the place of a file that is there.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As data, for programs.")] = False,
) -> None:
    """Write the whole installation (database, imported files, results of runs) into one file, while it is in use."""
    from hanse.fronts.cli.tables import console, print_json, progress
    from hanse.installation import backup as making
    from hanse.installation import start

    start.ready()
    with progress("backup") as tell:
        made = making.back_up(file.resolve(), replace=replace, progress=tell)
    size, rows = file.stat().st_size, sum(made.rows.values())
    if json:
        print_json({
            "file": str(file), "bytes": size, "made": made.made, "hanse": made.hanse, "server": made.server,
            "rows": rows, "tables": len(made.rows), "files": len(made.contents) - 1, "audit_head": made.audit_head,
        })  # fmt: skip
        return
    to = console()
    to.print(f"{file}: {size / 1e6:,.1f} MB", soft_wrap=True)
    to.print(f"{rows:,} rows in {len(made.rows)} tables, {len(made.contents) - 1:,} files, as they were at {made.made}")
    to.print(f"audit head {made.audit_head}", soft_wrap=True)
