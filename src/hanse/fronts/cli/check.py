"""`hanse check`: is an edition well-formed, does it compile, and do its own cases come out as it says?"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hanse.language.problems import HanseError, Problem

if TYPE_CHECKING:
    from hanse.language.edition import Edition

PROCESSES = 2
TOGETHER = 4  # cases that travel to a process at once
WORTH_IT = 24  # fewer cases are done before a second process has started


def check(
    edition: Annotated[str | None, typer.Argument(help="A name or a folder; without it every shipped edition.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The outcome (and errors) as JSON.")] = False,
) -> None:
    """Validate an edition and run its cases. Exits with 1 if the edition or a case is wrong."""
    from hanse.fronts.cli.tables import console, print_json, print_problems, progress
    from hanse.language import edition as editions

    names = [edition] if edition is not None else editions.shipped()
    with progress("Checking") as tell:
        checked = outcomes(names, tell)
    problems = [problem for one in checked for problem in one.problems]
    if as_json:
        print_json({"ok": all(one.ok for one in checked), "editions": [one.as_json() for one in checked]})
    else:
        to = console()
        for line in lines(checked):
            to.print(line, soft_wrap=isinstance(line, str))
    if problems:
        print_problems(problems, as_json=as_json)
    if not all(one.ok for one in checked):
        raise typer.Exit(1)


@dataclass(frozen=True)
class CaseOutcome:
    """One check of one case: what came out otherwise, or the problems for which it could not be judged."""

    id: str
    says: str
    place: str
    as_of: str
    differences: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.differences and not self.problems


@dataclass
class Checked:
    """One edition: its cases in their order, and what is wrong with the edition itself."""

    name: str
    edition_problems: list[Problem] = field(default_factory=list)
    cases: list[CaseOutcome] = field(default_factory=list)

    @property
    def problems(self) -> list[Problem]:
        """Everything that is wrong with how the edition is written, each once."""
        return list(dict.fromkeys([*self.edition_problems, *(p for case in self.cases for p in case.problems)]))

    @property
    def failed(self) -> list[CaseOutcome]:
        return [case for case in self.cases if not case.ok]

    @property
    def ok(self) -> bool:
        return not self.edition_problems and not self.failed

    def as_json(self) -> dict[str, Any]:
        failed = [
            {
                "id": c.id,
                "says": c.says,
                "place": c.place,
                "as_of": c.as_of,
                "differences": list(c.differences),
                "problems": [vars(p) for p in c.problems],
            }
            for c in self.failed
        ]
        return {
            "edition": self.name,
            "ok": self.ok,
            "cases": len(self.cases),
            "passed": len(self.cases) - len(self.failed),
            "failed": failed,
            "problems": [vars(problem) for problem in self.problems],
        }


def outcomes(names: Sequence[str], tell: Any) -> list[Checked]:
    """Checks the editions of these names; `tell` hears of (edition, cases done, cases in all).

    Raises CallError where a name is not an edition; what is wrong with an edition is in its outcome.
    """
    _read.cache_clear()  # a file may have been edited since
    found = [Checked(name) for name in names]
    tasks: list[tuple[int, range]] = []  # which edition, which of its cases; no cases: the trial of its rules
    for position, one in enumerate(found):
        try:
            count = len(_read(one.name)[1])
        except HanseError as error:
            if error.exit_code != 1:
                raise
            one.edition_problems += error.problems
            continue
        tasks.append((position, range(0)))
        tasks += [(position, range(at, min(at + TOGETHER, count))) for at in range(0, count, TOGETHER)]
    total = sum(len(batch) for _, batch in tasks)
    results: dict[tuple[int, int], list[CaseOutcome]] = {}
    with _workers(total) as pool:
        done = 0
        for (at, batch), result in _results(pool, names, tasks):
            if isinstance(result, tuple):
                found[at].edition_problems += result
            else:
                results[at, batch.start] = result
            done += len(batch)
            tell(names[at], done, total)
    for (at, _), result in sorted(results.items()):
        found[at].cases += result
    return found


def _results(
    pool: ProcessPoolExecutor | None, names: Sequence[str], tasks: list[tuple[int, range]]
) -> Iterator[tuple[tuple[int, range], list[CaseOutcome] | tuple[Problem, ...]]]:
    """The outcome of every task, as they come."""
    if pool is None:
        yield from (((at, batch), _run(names[at], batch)) for at, batch in tasks)
        return
    futures = {pool.submit(_run, names[at], batch): (at, batch) for at, batch in tasks}
    yield from ((futures[future], future.result()) for future in as_completed(futures))


@contextmanager
def _workers(cases: int) -> Iterator[ProcessPoolExecutor | None]:
    """Processes where there is enough to do; started anew, as a database does not survive a fork."""
    if cases < WORTH_IT:
        yield None
        return
    anew = multiprocessing.get_context("spawn")
    ignore = (signal.SIGINT, signal.SIG_IGN)  # an interruption is answered by the first process alone
    with ProcessPoolExecutor(PROCESSES, anew, initializer=signal.signal, initargs=ignore) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@lru_cache(maxsize=64)
def _read(name: str) -> tuple[Edition, list[Any]]:
    from hanse.engines.cases import cases_of
    from hanse.language import edition as editions

    edition = editions.load(name)
    return edition, cases_of(edition)


def _run(name: str, batch: range) -> list[CaseOutcome] | tuple[Problem, ...]:
    """Runs some cases of an edition, or tries its rules, in this process or in another."""
    from hanse.engines import cases as engine

    edition, cases = _read(name)
    if not batch:
        return _tried(edition, cases)
    found = []
    for case in (cases[index] for index in batch):
        told = CaseOutcome(case.id, case.says, case.source.place(case.path), str(case.days.as_of))
        try:
            found.append(replace(told, differences=engine.run(edition, case).differences))
        except HanseError as error:
            found.append(replace(told, problems=error.problems))
    return found


def _tried(edition: Edition, cases: Sequence[Any]) -> tuple[Problem, ...]:
    """What is wrong with the rules, on the first day in force; where there is none, on the first case's."""
    from hanse.engines.trial import problems_of

    day = edition.programme.in_force or (cases[0].days.rules_as_of if cases else None)
    return tuple(problems_of(edition, day)) if day is not None else ()


def lines(checked: Sequence[Checked]) -> Iterator[Any]:
    """The outcome for people: a table of editions, then every case that came out otherwise."""
    from rich.text import Text

    from hanse.fronts.cli.tables import table

    rows = [
        (
            one.name,
            len(one.cases),
            len(one.cases) - len(one.failed),
            len(one.failed),
            Text("ok", style="green") if one.ok else Text("wrong", style="bold red"),
        )
        for one in checked
    ]
    cases, failed = sum(len(one.cases) for one in checked), sum(len(one.failed) for one in checked)
    footer = ("all", cases, cases - failed, failed, "") if len(checked) > 1 else ()
    yield table("", ("edition", "cases", "ok", "failed", ""), rows, footer=footer)
    for one in checked:
        for case in one.failed:
            if case.differences:
                yield ""
                yield Text(f"{case.place}: {case.id}", style="bold").append(
                    f" on {case.as_of}: {case.says}", style="default"
                )
                yield from (Text(f"  {difference}", style="red") for difference in case.differences)
        if one.ok and not one.cases:
            yield f"{one.name} has no cases: add some to cases/*.yaml, so that mistakes are seen"
