"""`hanse demo`: a walk through everything, over a channel made for it.

Every step is a command: it is shown as it would be typed, and run as it would be run.
"""

from __future__ import annotations

import csv
import os
import shlex
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from datetime import date

    from rich.console import Console

    from hanse.language.edition import Edition

EDITION = "partnerworld/2017"
SEED = 2017
LEVEL, METRIC, FACTOR = "gold", "revenue", Fraction(5, 4)  # what the rehearsed change asks more of
RETIRED = 10  # and how many competencies it retires
COUNTRIES = 10  # so many are shown
YEARS = 3  # so many year's ends are judged


def demo(
    *,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where the facts, the installation and the report go.")
    ] = Path("demo"),
    partners: Annotated[int, typer.Option(min=1, help="How many partners.")] = 5_000,
) -> None:
    """Walk through it: make a channel, import it, judge three year's ends, explain, import and undo, rehearse."""
    from hanse.demo.channel import AS_OF
    from hanse.fronts.cli.tables import console
    from hanse.language import edition as editions

    began = perf_counter()
    walk, edition = Walk(console()), editions.load(EDITION)
    title, facts, home = edition.label(edition.programme.title, EDITION), out / "facts", out / "home"
    os.environ["HANSE_HOME"] = str(home.resolve())

    walk.heading(f"A channel of {partners:,} partners, three years of their business",
                 f"hanse demo-channel --partners {partners} --out {facts}")  # fmt: skip
    walk.to.print(_made(facts, partners), soft_wrap=True)
    walk.step(f"{title} is an edition that holds its own cases", "check", EDITION)
    walk.step("A system of record, with a database of its own", "init")
    walk.step("The channel comes in: every row with its source, and what cannot be read is set aside",
              "import", *_files(facts), "--source", "demo channel", "--no-evaluate")  # fmt: skip
    walk.step("The programme is installed, once its cases hold", "editions", "install", EDITION)
    _in_force(walk, AS_OF)
    _judged(walk, AS_OF)
    walk.heading("Where everybody stands, by country", "hanse runs list")
    run = _latest_run()
    walk.to.print(_countries_table(edition, run))

    below = edition.level_names[edition.level_names.index(LEVEL) - 1]
    standings = _standings(run)
    partner = one_short(run, standings, LEVEL, below, METRIC)
    if partner is not None:
        walk.step(
            f"Why one partner is not {_label(edition, LEVEL)}: a single requirement is missing", "explain", partner
        )
        _mended(walk, edition, run, partner, out, AS_OF)

    draft, rehearsal = out / "partnerworld-draft", out / "rehearsal"
    change = f"{RETIRED} competencies were retired, and {_label(edition, LEVEL)} asked a quarter more revenue"
    _changed(edition, draft, AS_OF, run)
    walk.step(f"What if {change}?", "rehearse", EDITION, draft, "--facts", facts, "--as-of", AS_OF, "--out", rehearsal)
    walk.step("Who did all this? The trail is chained, and proves itself", "audit", "verify")
    _farewell(walk.to, home, rehearsal / "report.html", perf_counter() - began)


class Walk:
    """Steps that are commands: each is shown as it would be typed, then run as it would be run."""

    def __init__(self, to: Console) -> None:
        self.to = to

    def heading(self, text: str, command: str) -> None:
        from rich.text import Text

        self.to.print()
        self.to.print(Text(text, style="bold"), soft_wrap=True)
        self.to.print(Text(f"$ {command}", style="dim"), soft_wrap=True)
        self.to.print()

    def step(self, text: str, *command: object) -> None:
        """Runs one command. Ends the demo with the command's exit code where that is not 0."""
        from hanse.fronts.cli.main import run

        words = [str(word) for word in command]
        # a pattern of files is typed without quotes, so that the shell sees it
        typed = [word if "*" in word else shlex.quote(word) for word in ("hanse", *_short(words))]
        self.heading(text, " ".join(typed))
        code = run(words)
        if code:
            raise typer.Exit(code)


def _short(words: Sequence[str]) -> list[str]:
    """A long list of files in a folder as one pattern."""
    files = [word for word in words if word.endswith(".parquet")]
    if len(files) < 2:
        return list(words)
    pattern = f"{Path(files[0]).parent}/*.parquet"
    return [pattern if word == files[0] else word for word in words if word == files[0] or word not in files]


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


def _files(facts: Path) -> list[Path]:
    return sorted(facts.glob("*.parquet"))


def _in_force(walk: Walk, on: date) -> None:
    """Puts the edition in force, unless an earlier demo has."""
    from hanse.apps.programmes.selectors import version_named

    if version_named(EDITION, on).state != "in_force":
        edition_day = on.replace(month=1, day=1)
        walk.step("and goes into force", "editions", "in-force", EDITION, "--on", edition_day, "--alone",
                  "--reason", "a demonstration")  # fmt: skip


def _judged(walk: Walk, as_of: date) -> None:
    """Judges the end of each year by the rules of today, and shows how the levels moved."""
    ends = [as_of.replace(year=as_of.year - back) for back in reversed(range(YEARS))]
    for number, end in enumerate(ends, start=1):
        walk.step(f"Where everybody stood at the end of year {number}" if number < YEARS else "Where everybody stands",
                  "evaluate", EDITION, "--as-of", end, "--rules-as-of", as_of)  # fmt: skip
    walk.step("Levels over time", "levels", EDITION)


def _latest_run() -> Path:
    """The folder of the run that counts."""
    from hanse.apps.accounts.actors import operator
    from hanse.apps.standings import selectors

    return Path(selectors.run_list(operator(), edition=EDITION, limit=1)[0]["folder"])


def _standings(run: Path) -> list[dict[str, Any]]:
    from pyarrow import parquet

    rows: list[dict[str, Any]] = parquet.read_table(run / "standings.parquet").to_pylist()
    return rows


def _countries_table(edition: Edition, run: Path) -> Any:
    """Partners by country and level, the largest countries first."""
    from hanse.fronts.cli.tables import table
    from hanse.language.words import Words, language_of

    words, standings = Words(language_of(os.environ)), _standings(run)
    levels = list(reversed(edition.level_names))
    cells = Counter((standing["country"], standing["level"]) for standing in standings)
    sizes = Counter(standing["country"] for standing in standings)
    rows = [
        (words.country(country), *(cells[country, level] for level in levels), size)
        for country, size in sorted(sizes.items(), key=lambda of: (-of[1], of[0]))[:COUNTRIES]
    ]
    columns = ("country", *(_label(edition, level) for level in levels), "partners")
    return table(f"The {len(rows)} largest of {len(sizes)} countries", columns, rows)


def one_short(
    run: Path, standings: list[dict[str, Any]], level: str, below: str, metric: str | None = None
) -> str | None:
    """The partner on the level below that lacks one requirement and comes nearest; None where there is none.

    One that lacks exactly one unit (one person, one reference) comes first: its story is the easiest to tell. With
    `metric` it must be a requirement of that metric.
    """
    unmet = _unmet(run, level)
    candidates = {standing["partner"] for standing in standings if standing["level"] == standing["granted"] == below}
    missing = Counter(row["partner"] for row in unmet)
    near = [
        (
            row["actual"].is_integer() and row["needed"] - row["actual"] == 1,
            row["actual"] / row["needed"],
            row["partner"],
        )
        for row in unmet
        if missing[row["partner"]] == 1 and row["partner"] in candidates and row["actual"] and row["needed"]
        and metric in (None, row["metric"].rpartition(":")[2])
    ]  # fmt: skip
    return max(near)[-1] if near else None


def _unmet(run: Path, level: str) -> list[dict[str, Any]]:
    from pyarrow import compute, parquet

    checks = parquet.read_table(
        run / "checks.parquet", columns=["partner", "subject", "metric", "actual", "needed", "met"]
    )
    asked = compute.equal(checks["subject"], level)
    rows: list[dict[str, Any]] = checks.filter(compute.and_(asked, compute.invert(checks["met"]))).to_pylist()
    return rows


def _mended(walk: Walk, edition: Edition, run: Path, partner: str, out: Path, on: date) -> None:
    """A distributor's file brings what was missing, and rows that cannot be read; then it is taken back."""
    (row,) = [row for row in _unmet(run, LEVEL) if row["partner"] == partner]
    file = out / "umsatz.csv"
    _report(file, partner, row["needed"] - row["actual"] + 1, on)
    walk.step("A distributor reports in its own words: three sales are good, four rows are not",
              "import", file, "--source", "distributor")  # fmt: skip
    number = _last_import()
    walk.step("What is wrong with them, line by line", "import", "--refused", number)
    walk.step(f"The good ones made it {_label(edition, LEVEL)}", "history", partner)
    walk.step("It was the wrong file. One command takes it back, whatever its size", "undo", number)
    walk.step("and everything stands where it stood", "history", partner)


def _report(file: Path, partner: str, missing: float, on: date) -> None:
    """Sales as a distributor's system writes them: German headings, days and decimals."""
    day = on - timedelta(days=20)
    shown, half = f"{day:%d.%m.%Y}", f"{missing / 2 + 1:.2f}".replace(".", ",")
    rows = [
        ("Partnernummer", "Rechnungsdatum", "Umsatz netto", "Währung"),
        (partner, shown, half, "USD"),
        (partner, shown, f"{missing / 2 + 2:.2f}".replace(".", ","), "USD"),
        (partner, "31.02.2017", "1200,00", "USD"),
        (partner, shown, "zwölf", "USD"),
        (partner, shown, "900,00", "EURO"),
        ("", shown, "450,00", "USD"),
        (partner, shown, "", "USD"),
    ]
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened, delimiter=";").writerows(rows)


def _last_import() -> int:
    from hanse.apps.accounts.actors import operator
    from hanse.apps.imports import selectors

    return int(selectors.import_list(operator())[0]["id"])


def _changed(edition: Edition, draft: Path, as_of: date, run: Path) -> None:
    """Writes the changed edition: the competencies with the fewest holders retired, the revenue raised."""
    from hanse.fronts.cli.draft import copied, raise_amounts, retire

    copied(edition.folder, draft)
    retire(draft, fewest_holders(edition, run, RETIRED), as_of - timedelta(days=1))
    raise_amounts(draft, LEVEL, METRIC, FACTOR)


def fewest_holders(edition: Edition, run: Path, n: int) -> list[str]:
    """The competencies in force that the fewest partners hold."""
    from pyarrow import parquet

    held = Counter(parquet.read_table(run / "competencies.parquet", columns=["competency"])["competency"].to_pylist())
    listed = edition.competencies.competencies if edition.competencies else {}
    return sorted((name for name, one in listed.items() if one.until is None), key=lambda name: (held[name], name))[:n]


def _farewell(to: Console, home: Path, report: Path, took: float) -> None:
    to.print(f"\nOpen {report} in a browser: it is the report of the rehearsal.", soft_wrap=True)
    to.print(f"All of it took {took:.0f} seconds. To go on by yourself:\n", soft_wrap=True)
    to.print("  source .venv/bin/activate", soft_wrap=True)
    to.print(f"  export HANSE_HOME={shlex.quote(str(home.resolve()))}", soft_wrap=True)
    to.print("  hanse runs list; hanse import --list; hanse audit list; hanse doctor", soft_wrap=True)
