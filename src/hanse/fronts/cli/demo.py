"""`hanse demo`: a walk through everything over a channel made for it, in less than a minute."""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from hanse.fronts.cli.evaluate import Outcome
    from hanse.language.context import Days
    from hanse.language.edition import Edition

EDITION = "partnerworld/2017"
SEED = 2017
LEVEL, METRIC, FACTOR = "gold", "revenue", Fraction(5, 4)  # what the rehearsed change asks more of
RETIRED = 10  # and how many competencies it retires
COUNTRIES = 10  # so many are shown


def demo(
    *,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the facts, the outcome and the report go.")] = Path(
        "demo"
    ),
    partners: Annotated[int, typer.Option(min=1, help="How many partners.")] = 5_000,
) -> None:
    """Walk through it: make a channel, check and evaluate a programme, explain a partner, rehearse."""
    from hanse.demo.channel import AS_OF
    from hanse.fronts.cli.evaluate import evaluated, levels_table, problems_table
    from hanse.fronts.cli.tables import console
    from hanse.language import edition as editions
    from hanse.language.context import Days

    began = perf_counter()
    to, days, facts = console(), Days(AS_OF, AS_OF), out / "facts"
    edition = editions.load(EDITION)
    title = edition.label(edition.programme.title, EDITION)

    _heading(to, f"A channel of {partners:,} partners", f"hanse demo-channel --partners {partners} --out {facts}")
    to.print(_made(facts, partners), soft_wrap=True)

    _heading(to, f"{title} is an edition that holds its own cases", f"hanse check {EDITION}")
    _checked(to)

    _heading(
        to,
        "Where everybody stands",
        f"hanse evaluate {EDITION} --facts {facts} --as-of {days.as_of} --out {out / 'outcome'}",
    )
    outcome = evaluated(edition, str(facts), days, out / "outcome")
    to.print(levels_table(outcome))
    to.print()
    to.print(_countries_table(outcome))
    if outcome.problems:
        to.print()
        to.print(problems_table(outcome.problems, kinds=5))

    below = edition.level_names[edition.level_names.index(LEVEL) - 1]
    partner = one_short(out / "outcome", outcome.standings, LEVEL, below)
    if partner is not None:
        _heading(
            to,
            f"Why one partner is not {_label(edition, LEVEL)}: a single requirement is missing",
            f"hanse explain {EDITION} --run {out / 'outcome'} --partner {partner}",
        )
        _explained(to, out / "outcome", partner)

    draft, rehearsal = out / "partnerworld-draft", out / "rehearsal"
    change = f"{RETIRED} competencies were retired, and {_label(edition, LEVEL)} asked a quarter more revenue"
    command = f"hanse rehearse {EDITION} {draft} --facts {facts} --as-of {days.as_of} --out {rehearsal}"
    _heading(to, f"What if {change}?", command)
    _changed(edition, draft, days, out / "outcome")
    report = _rehearsed(edition, draft, days, facts, rehearsal)
    took = f"All of it took {perf_counter() - began:.0f} seconds."
    to.print(f"\nOpen {report} in a browser: it is the report of the rehearsal. {took}", soft_wrap=True)


def _heading(to: Console, text: str, command: str) -> None:
    from rich.text import Text

    to.print()
    to.print(Text(text, style="bold"), soft_wrap=True)
    to.print(Text(f"$ {command}", style="dim"), soft_wrap=True)
    to.print()


def _label(edition: Edition, level: str) -> str:
    return edition.label(edition.programme.levels.get(level), level)


def _made(facts: Path, partners: int) -> str:
    """Makes the channel and says how much it is."""
    from hanse.demo.catalogue import catalogue_of
    from hanse.demo.channel import generate
    from hanse.demo.command import edition_folder
    from hanse.fronts.cli.tables import progress

    with progress("Making the channel") as tell:
        channel = generate(
            facts,
            partners=partners,
            seed=SEED,
            catalogue=catalogue_of(edition_folder(EDITION)),
            on_progress=lambda done, total: tell("", done, total),
        )
    rows, bad = sum(channel.rows.values()), sum(channel.bad.values())
    listed = ", ".join(f"{channel.rows[name]:,} {name}" for name in ("people", "certifications", "sales", "surveys"))
    return f"{rows:,} rows in {len(channel.rows)} tables ({listed} ...), {bad:,} of them wrong on purpose"


def _checked(to: Console) -> None:
    from hanse.fronts.cli.check import lines, outcomes
    from hanse.fronts.cli.tables import progress

    with progress("Checking") as tell:
        checked = outcomes([EDITION], tell)
    for line in lines(checked):
        to.print(line)


def _countries_table(outcome: Outcome) -> Any:
    """Partners by country and level, the largest countries first."""
    from hanse.fronts.cli.tables import table
    from hanse.language.words import Words, language_of

    words = Words(language_of(os.environ))
    levels = list(reversed(outcome.edition.level_names))
    cells = Counter((standing["country"], standing["level"]) for standing in outcome.standings)
    sizes = Counter(standing["country"] for standing in outcome.standings)
    rows = [
        (words.country(country), *(cells[country, level] for level in levels), size)
        for country, size in sorted(sizes.items(), key=lambda of: (-of[1], of[0]))[:COUNTRIES]
    ]
    columns = ("country", *(_label(outcome.edition, level) for level in levels), "partners")
    return table(f"The {len(rows)} largest of {len(sizes)} countries", columns, rows)


def one_short(run: Path, standings: list[dict[str, Any]], level: str, below: str) -> str | None:
    """The partner on the level below that lacks one requirement and comes nearest; None where there is none.

    One that lacks exactly one unit (one person, one reference) comes first: its story is the easiest to tell.
    """
    from pyarrow import compute, parquet

    candidates = {standing["partner"] for standing in standings if standing["level"] == standing["granted"] == below}
    columns = ["partner", "subject", "actual", "needed", "met"]
    checks = parquet.read_table(run / "checks.parquet", columns=columns)
    asked = compute.equal(checks["subject"], level)
    unmet = checks.filter(compute.and_(asked, compute.invert(checks["met"]))).to_pylist()
    missing = Counter(row["partner"] for row in unmet)
    near = [
        (
            row["actual"].is_integer() and row["needed"] - row["actual"] == 1,
            row["actual"] / row["needed"],
            row["partner"],
        )
        for row in unmet
        if missing[row["partner"]] == 1 and row["partner"] in candidates and row["actual"] and row["needed"]
    ]
    return max(near)[-1] if near else None


def _explained(to: Console, run: Path, partner: str) -> None:
    from hanse.decisions.explanation import explain
    from hanse.engines.explain import Asked, outcome
    from hanse.fronts.cli.explanation_page import show
    from hanse.language.words import Words, language_of

    words = Words(language_of(os.environ))
    show(
        explain(outcome(Asked(edition=EDITION, partner=partner, run=run), words.label), words.label),
        words,
        to,
    )


def _changed(edition: Edition, draft: Path, days: Days, run: Path) -> None:
    """Writes the changed edition: the competencies with the fewest holders retired, the revenue raised."""
    from hanse.fronts.cli.draft import copied, raise_amounts, retire

    copied(edition.folder, draft)
    retire(draft, fewest_holders(edition, run, RETIRED), days.as_of - timedelta(days=1))
    raise_amounts(draft, LEVEL, METRIC, FACTOR)


def _rehearsed(edition: Edition, draft: Path, days: Days, facts: Path, out: Path) -> Path:
    """Rehearses the changed edition and returns where the report lies."""
    from hanse.decisions.rehearsal_figures import Side
    from hanse.fronts.cli.rehearse import rehearsed, show
    from hanse.language import edition as editions
    from hanse.language.words import Words, language_of

    sides = Side(edition, days), Side(editions.load(str(draft)), days)
    done = rehearsed(*sides, str(facts), out, language=Words(language_of(os.environ)).language)
    show(done)
    return done.report


def fewest_holders(edition: Edition, run: Path, n: int) -> list[str]:
    """The competencies in force that the fewest partners hold."""
    from pyarrow import parquet

    held = Counter(parquet.read_table(run / "competencies.parquet", columns=["competency"])["competency"].to_pylist())
    listed = edition.competencies.competencies if edition.competencies else {}
    return sorted((name for name, one in listed.items() if one.until is None), key=lambda name: (held[name], name))[:n]
