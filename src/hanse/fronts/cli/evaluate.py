"""`hanse evaluate`: where every partner stands on a day, with a summary for whoever watches.

With `--facts` from files to Parquet, here; without, in the installation: evaluate_database.py.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hanse.language.problems import CallError, Problem

if TYPE_CHECKING:
    from hanse.engines.choose import Engine
    from hanse.engines.run import Run
    from hanse.language.context import Days
    from hanse.language.edition import Edition

PLACES = 3  # of each kind of problem, so many places are shown
KINDS = 12  # and so many kinds


def evaluate(
    edition: Annotated[
        str | None, typer.Argument(help="An edition, such as partnerworld/2017, or a folder; without it all in force.")
    ] = None,
    *,
    as_of: Annotated[str, typer.Option(metavar="DATE", help="The day judged, such as 2017-06-30.")],
    facts: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Folder of CSV or Parquet tables, or postgresql://...; else the installation."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="With --facts: where the outcome is written, as Parquet.")
    ] = None,
    rules_as_of: Annotated[str | None, typer.Option(metavar="DATE", help="Judge by the rules of another day.")] = None,
    known_at: Annotated[
        str | None,
        typer.Option(metavar="MOMENT", help="With what had been learned by then: 2017-06-30T14:00:00."),
    ] = None,
    engine: Annotated[str | None, typer.Option(metavar="NAME", help="With --facts: duckdb, postgres or spark.")] = None,
    partner: Annotated[
        list[str] | None, typer.Option(metavar="KEY", help="In the installation: only this one; may be repeated.")
    ] = None,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="In the installation: why, for the trail.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The summary (and errors) as JSON.")] = False,
) -> None:
    """Judge every partner on a day: with --facts from files into files, else in the installation."""
    from hanse.fronts.cli.arguments import days_of
    from hanse.fronts.cli.tables import print_json
    from hanse.language import edition as editions

    days = days_of(as_of, rules_as_of, known_at)
    if facts is None:
        from hanse.fronts.cli.evaluate_database import judge, only_with_facts

        only_with_facts({"--out": out, "--engine": engine})
        judge(edition, days, partners=partner, reason=reason, as_json=as_json)
        return
    if edition is None or out is None:
        raise _missing("EDITION" if edition is None else "--out")
    read = editions.load(edition)
    outcome = evaluated(read, facts, days, out, engine=engine)
    if as_json:
        print_json(summary_of(outcome))
    else:
        show(outcome)


def _missing(what: str) -> CallError:
    why = "files are judged by an edition, and the outcome is written into a folder"
    return CallError(Problem(what, "it is missing beside --facts", why, "give it, or leave out --facts"))


@dataclass(frozen=True)
class Outcome:
    """A finished run with what its summary needs."""

    edition: Edition
    days: Days
    run: Run
    standings: list[dict[str, Any]]
    problems: list[dict[str, Any]]


def evaluated(edition: Edition, facts: str, days: Days, out: Path, *, engine: str | None = None) -> Outcome:
    """Evaluates with a progress bar. Raises EditionError, CallError."""
    from hanse.engines.choose import open_engine
    from hanse.fronts.cli.tables import progress

    with (
        progress(f"Evaluating {edition.name}") as tell,
        open_engine(facts, edition.tables, engine=engine, progress=tell) as opened,
    ):
        return evaluated_by(opened, edition, days, out)


def evaluated_by(engine: Engine, edition: Edition, days: Days, out: Path) -> Outcome:
    """Evaluates on an engine that is open already."""
    from pyarrow import parquet

    from hanse.engines import run

    done = run.evaluate(engine, edition, days, out)
    standings = parquet.read_table(out / "standings.parquet").to_pylist()
    problems = parquet.read_table(out / "problems.parquet").to_pylist()
    return Outcome(edition, days, done, standings, problems)


def summary_of(outcome: Outcome) -> dict[str, Any]:
    """The summary for a program."""
    levels = {kind: levels_of(outcome, kind) for kind in ("level", "granted", "expected")}
    return {
        "edition": outcome.edition.name,
        "as_of": outcome.days.as_of,
        "rules_as_of": outcome.days.rules_as_of,
        "known_at": outcome.days.known_at,
        "out": str(outcome.run.folder),
        "rows": dict(outcome.run.rows),
        "partners": len(outcome.standings),
        "levels": levels,
        "problems": [
            {"table": table, "what": kind, "rows": len(rows), "places": places_of(rows)}
            for (table, kind), rows in kinds_of(outcome.problems)
        ],
    }


def levels_of(outcome: Outcome, column: str) -> dict[str, int]:
    """Partners by level, from the highest to the lowest, every level named; those without one last."""
    counted = Counter(standing[column] for standing in outcome.standings)
    found = {level: counted.pop(level, 0) for level in reversed(outcome.edition.level_names)}
    return found | {"none": sum(counted.values())} if counted else found


def kinds_of(problems: list[dict[str, Any]]) -> list[tuple[tuple[str, str], list[dict[str, Any]]]]:
    """Problems by table and kind (the reason says which kind), the most frequent first."""
    kinds: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for problem in problems:
        kinds.setdefault((problem["table"], problem["why"]), []).append(problem)
    return sorted(kinds.items(), key=lambda kind: (-len(kind[1]), kind[0]))


def places_of(rows: list[dict[str, Any]]) -> list[str]:
    """The first few places of one kind of problem, with what is wrong there."""
    return [f"{row['file']}:{row['line']}: {row['what']}" for row in rows[:PLACES]]


def show(outcome: Outcome) -> None:
    """The summary for people."""
    from hanse.fronts.cli.tables import console

    to = console()
    to.print(levels_table(outcome))
    if outcome.problems:
        to.print()
        to.print(problems_table(outcome.problems))
    rows = outcome.run.rows
    listed = ", ".join(
        f"{count:,} {name}" for name, count in rows.items() if count and name not in ("standings", "problems")
    )
    to.print(f"\n{listed or 'nothing else'}; all of it is in {outcome.run.folder}", soft_wrap=True)


def levels_table(outcome: Outcome) -> Any:
    """Standings by level: what the facts say, what is in force, what the next review would give."""
    from hanse.fronts.cli.tables import share, table

    edition = outcome.edition
    achieved, granted, expected = (levels_of(outcome, kind) for kind in ("level", "granted", "expected"))
    total = len(outcome.standings)
    rows = [
        (
            edition.label(edition.programme.levels.get(level), "no level" if level == "none" else level),
            achieved.get(level, 0),
            share(achieved.get(level, 0), total),
            granted.get(level, 0),
            expected.get(level, 0),
        )
        for level in granted | achieved | expected
    ]
    title = f"{edition.label(edition.programme.title, edition.name)} on {outcome.days.as_of}"
    footer = (f"{total:,} partners", total, "", total, total)
    return table(title, ("level", "achieved", "", "granted", "expected"), rows, footer=footer)


def problems_table(problems: list[dict[str, Any]], *, kinds: int = KINDS) -> Any:
    """How many rows of facts did not count, by kind: what the first one is, and where the first ones are."""
    from hanse.fronts.cli.tables import table

    every = kinds_of(problems)
    rows = [(len(found), name, found[0]["what"], _lines(found)) for (name, _), found in every[:kinds]]
    title = f"{len(problems):,} rows of facts are wrong and were not counted"
    if len(every) > kinds:
        title += f"; {kinds} of {len(every)} kinds, all of them in problems.parquet"
    return table(title, ("rows", "table", "what is wrong, for instance", "where"), rows)


def _lines(rows: list[dict[str, Any]]) -> str:
    """The first few places, each file named once: sales.parquet:92139, 92140, 92141 ..."""
    listed = ", ".join(str(row["line"]) for row in rows[:PLACES] if row["file"] == rows[0]["file"])
    return f"{rows[0]['file']}:{listed}" + (" ..." if len(rows) > PLACES else "")
