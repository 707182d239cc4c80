"""What a visitor of the museum does with an edition and facts: check it, run its cases, evaluate."""

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pyarrow import parquet

from hanse.engines import cases, run, trial
from hanse.engines.duck import DuckEngine
from hanse.language import edition as editions
from hanse.language.context import Days
from hanse.language.problems import HanseError, Problem

GOOD = Path(__file__).parent / "good"
JUDGED = Days(date(2017, 6, 30), date(2017, 6, 30))


@dataclass(frozen=True)
class Seen:
    """What came out: an error's problems with its exit code, or the rows of the outcome."""

    exit: int
    errors: tuple[Problem, ...] = ()
    problems: tuple[dict[str, Any], ...] = ()
    levels: tuple[tuple[str, str | None], ...] = ()


def build(folder: Path, exhibit: dict[str, Any]) -> tuple[Path, Path]:
    """The good edition and facts with the exhibit's changes; returns their folders."""
    shutil.copytree(GOOD, folder / "museum")
    edition, facts = folder / "museum" / "edition", folder / "museum" / "facts"
    for where, root in (("edition", edition), ("facts", facts)):
        for file, change in (exhibit.get(where) or {}).items():
            alter(root / file, change)
    return edition, facts


def alter(path: Path, change: Any) -> None:
    """A change is the whole new text, or: {replace: [old, new]}, {append: text}, {hex: bytes}, {remove: true}."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(change, str):
        path.write_text(change, encoding="utf-8", newline="")
        return
    (how, what), *more = change.items()
    assert not more, f"one change at a time: {change}"
    if how == "replace":
        text = path.read_text(encoding="utf-8")
        assert text.count(what[0]) == 1, f"{what[0]!r} stands {text.count(what[0])} times in {path.name}"
        path.write_text(text.replace(*what), encoding="utf-8")
    elif how == "append":
        path.write_text(path.read_text(encoding="utf-8") + what, encoding="utf-8")
    elif how == "hex":
        path.write_bytes(bytes.fromhex(what))
    elif how == "remove":
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    else:
        raise AssertionError(f"{how!r} is not a change")


def visit(edition: Path, facts: Path, out: Path, *, check: bool = True) -> Seen:
    """Checks, runs the cases and evaluates. Anything but a HanseError passes through: it would be a traceback."""
    try:
        loaded = editions.load(str(edition))
        wrong = checked(loaded) if check else ()
        if wrong:
            return Seen(1, wrong)
        with DuckEngine(facts, loaded.tables, threads=1) as engine:
            run.evaluate(engine, loaded, JUDGED, out)
    except HanseError as error:
        return Seen(error.exit_code, error.problems)
    standings = parquet.read_table(out / "standings.parquet").to_pylist()
    return Seen(
        0,
        problems=tuple(parquet.read_table(out / "problems.parquet").to_pylist()),
        levels=tuple((r["partner"], r["level"]) for r in standings),
    )


def checked(edition: editions.Edition) -> tuple[Problem, ...]:
    """What `hanse check` would say: of the edition, else of its cases."""
    wrong = trial.problems_of(edition, JUDGED.as_of)
    if wrong:
        return tuple(wrong)
    return tuple(
        Problem(case.source.place(case.path), difference, "the case expects otherwise", "mend the rule, or the case")
        for case in cases.cases_of(edition)
        for difference in cases.run(edition, case).differences
    )
