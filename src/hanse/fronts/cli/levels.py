"""`hanse levels`: how many partners stood at each level, on every day that was judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from hanse.apps.standings.over_time import Day
    from hanse.language.edition import Edition


def levels(
    edition: Annotated[str, typer.Argument(help="An edition that is installed, such as partnerworld/2017.")],
    *,
    achieved: Annotated[bool, typer.Option("--achieved", help="What the facts said, not what was in force.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As data, for programs.")] = False,
) -> None:
    """Show how many partners stood at each level, on every day that was judged, and how that moved."""
    from hanse.installation.start import ready

    ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.programmes.selectors import edition as installed
    from hanse.apps.standings.over_time import levels_over_time
    from hanse.fronts.cli.tables import console, print_json

    read = installed(edition)
    days = levels_over_time(operator(), read.name)
    if json:
        print_json(
            [
                {"as_of": d.as_of, "run": d.run, "achieved": _named(d.achieved), "granted": _named(d.granted)}
                for d in days
            ]
        )
        return
    console().print(_table(read, days, achieved) if days else "No day has been judged yet: hanse evaluate --as-of DATE")


def _named(counted: dict[str | None, int]) -> dict[str, int]:
    return {name or "none": n for name, n in counted.items()}


def _table(edition: Edition, days: list[Day], achieved: bool) -> Any:
    """One row per level, the highest first; one column per day, with how it moved since the day before."""
    from hanse.fronts.cli.tables import table

    counted = [day.achieved if achieved else day.granted for day in days]
    names: list[str | None] = [*reversed(edition.level_names)]
    names += [None] if any(None in c for c in counted) else []
    rows = []
    for name in names:
        cells: list[object] = [edition.label(edition.programme.levels.get(name or ""), name or "no level")]
        for number, found in enumerate(counted):
            now = found.get(name, 0)
            cells.append(now)
            if number:
                cells.append(f"{now - counted[number - 1].get(name, 0):+,}")
        rows.append(cells)
    columns = ["level"]
    for number, day in enumerate(days):
        columns += [day.as_of.isoformat()] + ([""] if number else [])
    totals: list[str] = ["partners"]
    for number, found in enumerate(counted):
        totals += [f"{sum(found.values()):,}"] + ([""] if number else [])
    return table(f"Levels {'achieved' if achieved else 'in force'}, {edition.name}", columns, rows, footer=totals)
