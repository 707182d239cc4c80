"""`hanse rehearse`: what a changed edition, or another day, would do to every partner, before it is published."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from hanse.decisions.rehearsal_figures import Side
    from hanse.engines.rehearse import Rehearsal


def rehearse(
    edition: Annotated[str, typer.Argument(help="The programme as it is: a name (partnerworld/2017) or a folder.")],
    new_edition: Annotated[str, typer.Argument(help="The programme as it would be; or the same, with another date.")],
    *,
    facts: Annotated[str, typer.Option(metavar="DIR", help="Folder of CSV or Parquet tables, or postgresql://...")],
    as_of: Annotated[str, typer.Option(metavar="DATE", help="The day judged, such as 2017-06-30.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where report.html, moves.parquet and both outcomes go.")],
    new_as_of: Annotated[str | None, typer.Option(metavar="DATE", help="Judge the new edition on another day.")] = None,
    rules_as_of: Annotated[str | None, typer.Option(metavar="DATE", help="Judge by the rules of another day.")] = None,
    new_rules_as_of: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="The same for the new edition; else as for the old one."),
    ] = None,
    known_at: Annotated[
        str | None,
        typer.Option(metavar="MOMENT", help="With what had been learned by then: 2017-06-30T14:00:00."),
    ] = None,
    fewer_than: Annotated[
        int,
        typer.Option(metavar="N", min=0, help="Competencies with fewer holders are candidates for retirement."),
    ] = 25,
    language: Annotated[str | None, typer.Option(help="en or fr; else as the environment says (LANG).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The summary (and errors) as JSON.")] = False,
) -> None:
    """Rehearse a change over the same facts: who would move, because of what, and what becomes of benefits."""
    from hanse.decisions.rehearsal_figures import Side
    from hanse.fronts.cli.arguments import days_of
    from hanse.fronts.cli.tables import print_json
    from hanse.language import edition as editions
    from hanse.language.words import Words, language_of

    words = Words(language or language_of(os.environ))
    days = days_of(as_of, rules_as_of, known_at)
    new_days = days_of(new_as_of or as_of, new_rules_as_of or (rules_as_of if not new_as_of else None), known_at)
    sides = (Side(editions.load(edition), days), Side(editions.load(new_edition), new_days))
    done = rehearsed(*sides, facts, out, fewer_than=fewer_than, language=words.language)
    if as_json:
        print_json({**done.summary, "sentences": list(done.sentences), "report": str(done.report)})
    else:
        show(done)


def rehearsed(
    before: Side, after: Side, facts: str, out: Path, *, fewer_than: int = 25, language: str = "en"
) -> Rehearsal:
    """Rehearses with a progress bar. Raises EditionError, CallError."""
    from hanse.engines.choose import open_engine
    from hanse.engines.rehearse import rehearse as run
    from hanse.engines.rehearse import tables_of
    from hanse.fronts.cli.tables import progress

    tables = tables_of(before.edition, after.edition)
    with (
        progress(f"Rehearsing {after.edition.name}") as tell,
        open_engine(facts, tables, progress=tell) as engine,
    ):
        return run(engine, before, after, out, fewer_than=fewer_than, language=language)


def show(done: Rehearsal) -> None:
    """The sentences, the movers from level to level, and where the report lies."""
    from hanse.fronts.cli.tables import console

    to = console()
    for sentence in done.sentences:
        to.print(sentence, soft_wrap=True)
    if done.summary["moves"]["all"]:
        to.print()
        to.print(moves_table(done))
    to.print(f"\n{done.report}", soft_wrap=True)


def moves_table(done: Rehearsal) -> Any:
    """How many move from which level to which, the greatest first."""
    from hanse.fronts.cli.tables import table

    reading = done.reading
    movers = [pair for pair in done.summary["achieved"] if pair["before"] != pair["after"]]
    movers.sort(key=lambda pair: -pair["partners"])
    rows = [(reading.level(p["before"]), reading.level(p["after"]), p["partners"]) for p in movers]
    columns = [reading.phrase(key) for key in ("before", "after", "partners")]
    return table(reading.phrase("t_achieved"), columns, rows)
