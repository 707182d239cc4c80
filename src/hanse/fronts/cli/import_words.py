"""What an import did, in words and tables, or as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from hanse.fronts.cli.tables import console, print_json, table

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor
    from hanse.apps.imports.services import Outcome

KINDS = 8  # of what several imports refused, so many kinds are shown
_STATES = {"preview": "would be imported", "repeated": "was imported before"}
_WRITTEN = {"dmy": "day first", "mdy": "month first", "point": "decimal point", "comma": "decimal comma"}


def judge_touched(batches: Sequence[int]) -> None:
    """Judges whom these batches touch now, rather than when the jobs get to it; a run of all serves all."""
    from hanse.apps.evaluation import services
    from hanse.fronts.cli.tables import progress

    since = datetime.now(UTC)
    with progress("Judging the partners touched") as tell:
        for number, batch in enumerate(batches):
            tell("", number, len(batches))
            services.evaluate_touched(batch=batch, since=since if number else None)


def show_outcomes(outcomes: Sequence[Outcome], *, as_json: bool) -> None:
    """Each import: what came in, what was there, what was refused, and how the columns were read."""
    if as_json:
        print_json([_for_programs(o) for o in outcomes])
        return
    to = console()
    if not outcomes:
        to.print("Nothing was waiting.")
    if len(outcomes) > 1:
        _show_all(outcomes)
        return
    for outcome in outcomes:
        _show(outcome)


def _show_all(outcomes: Sequence[Outcome]) -> None:
    """Several imports in one table, then what was refused in all of them."""
    to = console()
    rows: list[list[object]] = []
    for o in outcomes:
        tables = ", ".join(dict.fromkeys(m.table for m in o.mappings))
        counts = (o.rows, o.added, o.already, o.refused)
        rows.append([str(o.number or ""), o.file, tables, *counts, _STATES.get(o.state, "")])
    sums: list[str] = ["", f"{len(outcomes)} files", ""]
    sums += [f"{sum(getattr(o, n) for o in outcomes):,}" for n in ("rows", "added", "already", "refused")]
    columns = ["import", "file", "table", "rows", "added", "already there", "refused", ""]
    to.print(table("", columns, rows, footer=[*sums, ""]))
    kinds = [
        [name, f"{column}: {kind.replace('_', ' ')}", count]
        for o in outcomes
        for (name, kind, column), count in o.kinds.items()
    ]
    if kinds:
        to.print()
        kinds.sort(key=lambda row: -int(str(row[2])))
        to.print(table("Refused", ["table", "what", "rows"], kinds[:KINDS]))
        if len(kinds) > KINDS:
            to.print(f"and {len(kinds) - KINDS} more kinds; hanse import --refused N shows the rows of one import")
    if any(o.number for o in outcomes):
        to.print()
        to.print("hanse undo N takes an import back")


def _show(outcome: Outcome) -> None:
    to = console()
    title = _STATES.get(outcome.state, "imported")
    number = f" as import {outcome.number}" if outcome.number is not None else ""
    to.print(Text(f"{outcome.file} {title}{number}", style="bold"), soft_wrap=True)
    if outcome.state == "repeated":
        to.print("  the same file, read the same way: nothing has changed")
        return
    rows: list[Sequence[object]] = [
        ["rows read", outcome.rows],
        ["added", outcome.added],
        ["already there", outcome.already],
    ]
    rows += [["refused", outcome.refused]]
    rows += [["of persons erased on request, left out", outcome.erased]] if outcome.erased else []
    rows += [["partners touched", "any" if outcome.touched is None else outcome.touched]]
    to.print(table("", ["", "rows"], rows))
    if outcome.kinds:
        listed = sorted(outcome.kinds.items(), key=lambda kind: -kind[1])
        cells = [[name, f"{column}: {kind.replace('_', ' ')}", count] for (name, kind, column), count in listed]
        to.print(table("Refused", ["table", "what", "rows"], cells))
    to.print(_mapping_table(outcome))
    for note in outcome.notes:
        to.print(Text(f"  note: {note}", style="dim"), soft_wrap=True)
    if outcome.number is not None and outcome.refused:
        to.print(
            f"  hanse import --refused {outcome.number} --to mend.csv writes the refused rows to be mended",
            soft_wrap=True,
        )
    if outcome.number is not None:
        to.print(f"  hanse undo {outcome.number} takes it back", soft_wrap=True)
    to.print()


def _mapping_table(outcome: Outcome) -> Any:
    cells = []
    for mapping in outcome.mappings:
        for column, heading in mapping.columns.items():
            written = _WRITTEN.get(mapping.dates.get(column) or mapping.decimals.get(column) or "", "")
            cells.append([mapping.table, column, heading, written])
        cells += [[mapping.table, column, "", f"always {value}"] for column, value in mapping.constants.items()]
        cells += [[mapping.table, f"({name})", heading, "kept beside"] for name, heading in mapping.kept.items()]
        cells += [[mapping.table, "(left out)", heading, ""] for heading in mapping.left_out]
    return table("Read as", ["table", "column", "heading", "how"], cells)


def _for_programs(outcome: Outcome) -> dict[str, Any]:
    from dataclasses import asdict

    found = asdict(outcome)
    found["kinds"] = [
        {"table": name, "kind": kind, "column": column, "rows": count}
        for (name, kind, column), count in outcome.kinds.items()
    ]
    return found


def show_list(actor: Actor, *, as_json: bool) -> None:
    """The imports there were, the newest first."""
    from hanse.apps.imports import selectors

    found = selectors.import_list(actor)
    if as_json:
        print_json(found)
        return
    counts = ("rows", "added", "already", "refused")
    cells = [
        [i["id"], i["file"], i["source"], i["state"], f"{i['created']:%Y-%m-%d %H:%M}", *(i[c] for c in counts)]
        for i in found
    ]
    columns = ["import", "file", "source", "state", "started", "rows", "added", "already there", "refused"]
    console().print(table("", columns, cells))


def show_refused(actor: Actor, number: int, to: Path | None, *, limit: int, as_json: bool) -> None:
    """The rows that an import refused: on the screen the first few, in a file all of them, ready to be mended."""
    from hanse.apps.imports import selectors

    if to is not None:
        written = selectors.write_refused(actor, number, to)
        if as_json:
            print_json([{"file": str(path), "rows": count} for path, count in written])
        else:
            for path, count in written:
                console().print(f"{path}: {count:,} rows to mend; then: hanse import {path}", soft_wrap=True)
            if not written:
                console().print(f"import {number} refused nothing")
        return
    rows = list(selectors.refused_rows(actor, number, limit=None if as_json else limit))
    if as_json:
        print_json([vars(row) for row in rows])
        return
    cells = [[row.sheet, row.line, row.what, row.why, row.remedy] for row in rows]
    console().print(table(f"Refused by import {number}", ["sheet", "line", "what", "why", "remedy"], cells))
    if len(rows) == limit:
        console().print(f"hanse import --refused {number} --to FILE writes all of them", soft_wrap=True)
