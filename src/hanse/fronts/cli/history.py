"""`hanse history`: how a partner's level moved, when, decided by which run, and because of what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable


def history(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="The partner's key.")],
    *,
    edition: Annotated[str | None, typer.Option(help="By this edition only.")] = None,
    json: Annotated[bool, typer.Option("--json", help="As data, for programs.")] = False,
) -> None:
    """Tell how a partner's level moved: the day judged, the run, the requirement that decided."""
    from hanse.installation.start import ready

    ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.standings import selectors
    from hanse.fronts.cli.tables import console, print_json, table

    found = selectors.history(operator(), partner, edition=edition)
    if json:
        print_json(found)
        return
    label = _labels()
    columns = ("judged", "edition", "achieved", "in force", "because", "run")
    rows = [
        (
            str(r["as_of"]),
            r["edition"],
            _move(r, "level", label),
            _move(r, "granted", label),
            r["reason"],
            str(r["run"]),
        )
        for r in found
    ]
    console().print(table("", columns, rows) if rows else f"{partner} has not been judged yet.")


def _labels() -> Callable[[str, str | None], str]:
    """A level's label in its edition; editions are read once."""
    from functools import cache

    from hanse.apps.programmes.selectors import edition as installed

    loaded = cache(installed)

    def label(edition: str, level: str | None) -> str:
        if level is None:
            return "no level"
        read = loaded(edition)
        return read.label(read.programme.levels.get(level), level)

    return label


def _move(row: dict[str, Any], kind: str, label: Callable[[str, str | None], str]) -> str:
    """`Silver → Gold`, or `Gold` where it stayed, or appeared."""
    before, after = row[f"{kind}_before"], row[f"{kind}_after"]
    now = label(row["edition"], after)
    return now if before == after or row["direction"] == "appears" else f"{label(row['edition'], before)} → {now}"
