"""What does a demo walk through? Every step is a command: shown as it would be typed, run as it would be run."""

from __future__ import annotations

import csv
import os
import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from datetime import date

    from rich.console import Console

    from hanse.apps.standings.lists import Line
    from hanse.language.edition import Edition

EDITION, DRAFT = "partnerworld/2017", "partnerworld/2018"
SEED = 2017
LEVEL, METRIC, FACTOR = "gold", "revenue", Fraction(5, 4)  # what the rehearsed change asks more of
RETIRED = 10  # and how many competencies it retires
COUNTRIES = 10  # so many are shown
YEARS = 3  # so many year's ends are judged
LISTS = "lists"  # the folder of two lists that overlap
PILOTS = 12  # partners that see the draft


@dataclass(frozen=True)
class Seen:
    """Partners worth looking at: one that lacks a single requirement, one about to fall, one that pilots the draft."""

    short: str | None
    falling: str | None
    pilot: str | None


def walked(to: Console, out: Path, partners: int) -> Seen:
    """Makes a channel, imports it, judges three year's ends, explains, undoes, rehearses a change and pilots it.

    Raises typer.Exit with the exit code of a step that failed.
    """
    from hanse.demo.channel import AS_OF
    from hanse.language import edition as editions

    walk, edition = Walk(to), editions.load(EDITION)
    title, facts = edition.label(edition.programme.title, EDITION), out / "facts"
    walk.heading(f"A channel of {partners:,} partners, three years of their business",
                 f"hanse demo-channel --partners {partners} --out {facts}")  # fmt: skip
    walk.to.print(_made(facts, partners), soft_wrap=True)
    _lists(facts, out)
    walk.step(f"{title} is an edition that holds its own cases", "check", EDITION)
    walk.step("A system of record, with a database of its own", "init")
    walk.step("The channel comes in: every row with its source, and what cannot be read is set aside",
              "import", *_files(facts), "--source", "demo channel", "--no-evaluate")  # fmt: skip
    walk.step("The programme is installed, once its cases hold", "editions", "install", EDITION)
    walk.step("and goes into force", "editions", "in-force", EDITION, "--on", AS_OF.replace(month=1, day=1), "--alone",
              "--reason", "a demonstration")  # fmt: skip
    _judged(walk, AS_OF)
    walk.heading("Where everybody stands, by country", "hanse runs list")
    run = _latest_run()
    walk.to.print(_countries_table(edition, run))

    standings = _standings(run)
    below = edition.level_names[edition.level_names.index(LEVEL) - 1]
    short = one_short(run, standings, LEVEL, below, METRIC)
    if short is not None:
        walk.step(f"Why one partner is not {_label(edition, LEVEL)}: a single requirement is missing", "explain", short)
        _mended(walk, edition, run, short, out, AS_OF)
    held, falling = _about_to_fall()
    if held is not None:
        walk.step("Another is about to lose its level; the vendor leaves it for half a year", "facts", "waive",
                  held.partner, f"level:{held.stands}", "--since", AS_OF, "--until", AS_OF + timedelta(days=183),
                  "--why", "a merger is under way")  # fmt: skip

    draft, rehearsal = out / "partnerworld-draft", out / "rehearsal"
    change = f"{RETIRED} competencies were retired, and {_label(edition, LEVEL)} asked a quarter more revenue"
    _changed(edition, draft, AS_OF, run)
    walk.step(f"What if {change}?", "rehearse", EDITION, draft, "--facts", facts, "--as-of", AS_OF, "--out", rehearsal)
    pilots = _pilots(standings, short)
    walk.step("The change becomes a draft of next year's edition", "editions", "install", draft)
    walk.step(f"that {len(pilots)} partners see first", "editions", "pilot", DRAFT, "--on", AS_OF,
              "--reason", "hear them before it is announced",
              *(word for partner in pilots for word in ("--partner", partner)))  # fmt: skip
    walk.step("Where they and all others would stand by it", "evaluate", DRAFT, "--as-of", AS_OF)
    walk.step("Who did all this? The trail is chained, and proves itself", "audit", "verify")
    return Seen(short, falling.partner if falling else None, pilots[0] if pilots else None)


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


def _lists(facts: Path, out: Path) -> None:
    """Two lists that name some of the partners once more, for whoever wants to see how that is found out."""
    from hanse.demo.catalogue import catalogue_of
    from hanse.demo.command import edition_folder
    from hanse.demo.lists import write_lists

    write_lists(facts, out / LISTS, seed=SEED, catalogue=catalogue_of(edition_folder(EDITION)))


def _files(facts: Path) -> list[Path]:
    return sorted(facts.glob("*.parquet"))


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


def _about_to_fall() -> tuple[Line | None, Line | None]:
    """Two partners that are about to lose their level, where there are; the second has many neighbours to work with."""
    from hanse.apps.accounts.actors import operator
    from hanse.apps.registry.selectors import partner_list
    from hanse.apps.standings import lists

    found = lists.moving_list(actor=operator(), edition=EDITION, moving=lists.FALLING, limit=50)
    towns = Counter((firm.country, firm.city) for firm in partner_list(operator(), limit=10**6) if firm.city)
    others = sorted(found[1:], key=lambda line: -towns[line.country, line.city or ""])
    return (found[0] if found else None), (others[0] if others else None)


def _pilots(standings: list[dict[str, Any]], but: str | None) -> list[str]:
    """Partners on the level that the change makes dearer: they have something to say about it."""
    above = [s["partner"] for s in standings if s["level"] == s["granted"] == LEVEL and s["partner"] != but]
    return sorted(above or [s["partner"] for s in standings])[:PILOTS]


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
    from hanse.fronts.cli.draft import copied, raise_amounts, renamed, retire

    copied(edition.folder, draft)
    renamed(draft, EDITION.partition("/")[2], DRAFT.partition("/")[2])
    retire(draft, fewest_holders(edition, run, RETIRED), as_of - timedelta(days=1))
    raise_amounts(draft, LEVEL, METRIC, FACTOR)


def fewest_holders(edition: Edition, run: Path, n: int) -> list[str]:
    """The competencies in force that the fewest partners hold."""
    from pyarrow import parquet

    held = Counter(parquet.read_table(run / "competencies.parquet", columns=["competency"])["competency"].to_pylist())
    listed = edition.competencies.competencies if edition.competencies else {}
    return sorted((name for name, one in listed.items() if one.until is None), key=lambda name: (held[name], name))[:n]
