"""`hanse undo`: takes an import back, whatever its size, whenever."""

from __future__ import annotations

from typing import Annotated

import typer

_NO_EVALUATE = typer.Option("--no-evaluate", help="Leave judging the partners touched to the jobs.")


def undo(
    number: Annotated[int, typer.Argument(metavar="N", help="The import; hanse import --list shows them.")],
    *,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the trail.")] = "taken back by hand",
    no_evaluate: Annotated[bool, _NO_EVALUATE] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Take an import back: its facts no longer count, and what was built on them is judged again."""
    from hanse.fronts.cli.import_words import judge_touched
    from hanse.fronts.cli.tables import console, print_json, progress
    from hanse.installation.start import ready

    ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.imports import services

    with progress(f"Taking import {number} back"):
        undone = services.undo(actor=operator(), number=number, reason=reason)
    if undone.batch is not None and not no_evaluate:
        judge_touched([undone.batch])
    if as_json:
        print_json({"number": number, "state": undone.state, "batch": undone.batch, "facts": undone.added})
        return
    if undone.batch is None:
        said = f"Import {number} was still waiting and has been given up: nothing had been recorded."
    else:
        said = (
            f"Import {number} ({undone.file}) is taken back: the {undone.added:,} facts it added count no longer.\n"
            "  What another source said too stays; importing the file again brings all of it back."
        )
    console().print(said, soft_wrap=True)
