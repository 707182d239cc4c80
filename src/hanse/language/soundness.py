"""What an edition refers to must be there: levels, countries, columns, lengths of time, wherever they are named.

Form is checked when the files are read, and whatever is computed is checked when it is compiled. Here stands what neither
would notice on a given day: a rule of a transition that is over, a level nobody holds yet, a country without partners. All
problems of an edition are found together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from babel import Locale

from hanse.language.problems import Problem, nearest
from hanse.language.source import Path_

if TYPE_CHECKING:
    from hanse.language.edition import Edition

_LENGTH = re.compile(r"\d+ (day|month|year)s?")
_NO_COUNTRIES = {"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"}
_CADENCES = ("at_once", "never", "monthly", "quarterly", "half_yearly", "yearly", "anniversary")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@lru_cache(maxsize=1)
def all_countries() -> list[str]:
    """ISO 3166-1 alpha-2 codes (and XK), as far as Unicode's data knows them."""
    territories = [str(code) for code in Locale("en").territories]
    return sorted(c for c in territories if len(c) == 2 and c.isalpha() and c not in _NO_COUNTRIES)


def problems_of(edition: Edition) -> list[Problem]:
    """Everything that is named and is not there."""
    found = [
        *_names(edition),
        *_metrics(edition),
        *_levels(edition),
        *_lengths(edition),
        *_cadences(edition),
        *_countries(edition),
    ]
    return [*found, *_competencies(edition), *_tables(edition), *_rollup(edition)]


def _problem(edition: Edition, file: str, path: Path_, what: str, why: str, remedy: str) -> Problem:
    return Problem(edition.source_of(file).place(path), what, why, remedy)


def _names(edition: Edition) -> Iterator[Problem]:
    """Keys by which others refer to an entry are plain words."""
    for file, listed in (("metrics", edition.metrics), ("benefits", edition.benefits), ("results", edition.results)):
        for name in listed:
            if not _NAME.fullmatch(name):
                yield _problem(edition, file, (name,), f"{name!r} is not written as a name must be",
                               "others refer to it by that name", "write lower-case words joined by _")  # fmt: skip


def _metrics(edition: Edition) -> Iterator[Problem]:
    """Metrics that a metric is made of."""
    for name, metric in edition.metrics.items():
        made_of = [(key, getattr(metric, key, None)) for key in ("numerator", "denominator", "of")]
        named = [(key, n) for key, of in made_of if of is not None for n in (of if isinstance(of, dict) else [of])]
        for key, other in named:
            if other not in edition.metrics:
                yield _problem(edition, "metrics", (name, key), f"{other!r} is not a metric", f"{name!r} is made of it",
                               nearest(str(other), edition.metrics))  # fmt: skip


def _levels(edition: Edition) -> Iterator[Problem]:
    """Levels that the life of a level and the transition mention."""
    life, listed = edition.programme.life, edition.level_names
    named: list[tuple[str, Path_, str]] = []
    for index, rule in enumerate(life.grandfather):
        named.append(("programme", ("life", "grandfather", index, "level"), rule.level))
    for index, retired in enumerate(life.retired):
        named.append(("programme", ("life", "retired", index, "level"), retired.level))
    for index, ceiling in enumerate(life.ceiling):
        named += [("programme", ("life", "ceiling", index, k), getattr(ceiling, k)) for k in ("level", "then")]
        if ceiling.metric not in edition.metrics:
            yield _problem(edition, "programme", ("life", "ceiling", index, "metric"), f"{ceiling.metric!r} is not a metric",
                           "a ceiling compares a metric", nearest(ceiling.metric, edition.metrics))  # fmt: skip
    if life.leave_after:
        named.append(("programme", ("life", "leave_after", "level"), life.leave_after.level))
    for index, match in enumerate(edition.transition.levels):
        named += [
            ("transition", ("levels", index, k), n) for k, n in (("gives", match.gives), ("else", match.else_)) if n
        ]
        if match.gives is None and match.else_ is None:
            yield _problem(edition, "transition", ("levels", index), "the old level gives nothing",
                           "each is matched with a level of this programme", "add `gives: ...`")  # fmt: skip
        elif match.gives and match.level is None:
            yield _problem(edition, "transition", ("levels", index), "no old level is named", "a match is from one level to another",
                           "add `level: ...`, or write `else: ...` for everybody")  # fmt: skip
    for file, path, level in named:
        if level not in listed:
            yield _problem(
                edition,
                file,
                path,
                f"{level!r} is not a level",
                "programme.yaml lists the levels",
                nearest(level, listed),
            )


def _lengths(edition: Edition) -> Iterator[Problem]:
    life = edition.programme.life
    given = {
        ("life", "grace"): life.grace,
        ("life", "waiting", "after_loss"): life.waiting.after_loss if life.waiting else None,
        ("life", "lapse", "unpublished_after"): life.lapse.unpublished_after if life.lapse else None,
    }
    for path, text in given.items():
        if text is not None and not _LENGTH.fullmatch(text.strip()):
            yield _problem(edition, "programme", path, f"{text!r} is not a length of time", "a day is reckoned with it",
                           "write 90 days, 3 months or 1 year")  # fmt: skip


def _cadences(edition: Edition) -> Iterator[Problem]:
    for word in ("up", "down"):
        cadence = getattr(edition.programme.life, word)
        path: Path_ = ("life", word)
        remedy = f"write one of: {', '.join(_CADENCES)}, or {{at: [month-day, ...]}}"
        if isinstance(cadence, dict) and set(cadence) == {"at"}:
            days = cadence["at"] if isinstance(cadence["at"], list) else [cadence["at"]]
            for day in days:
                if not _is_month_day(str(day)):
                    yield _problem(edition, "programme", (*path, "at"), f"{day!r} is not a day of the year",
                                   "levels are reviewed on it", "write the month and the day: 01-15")  # fmt: skip
        elif cadence not in _CADENCES:
            yield _problem(
                edition, "programme", path, f"{cadence!r} is not a cadence", "it says when levels are reviewed", remedy
            )
    if not _is_month_day(edition.programme.fiscal_year_starts):
        yield _problem(edition, "programme", ("fiscal_year_starts",), f"{edition.programme.fiscal_year_starts!r} is not a day of the year",
                       "windows begin on it", "write the month and the day: 07-01")  # fmt: skip


def _is_month_day(text: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d\d-\d\d", text)) and date.fromisoformat(f"2000-{text}") is not None
    except ValueError:
        return False


def _countries(edition: Edition) -> Iterator[Problem]:
    named: list[tuple[str, Path_, str]] = []
    for classification, table in edition.classes.items():
        raw = edition.source_of("countries").data[classification]
        for name in dict.fromkeys(table.values()):
            listed = raw.get(name)
            named += [
                ("countries", (classification, name, i), str(c))
                for i, c in enumerate(listed if isinstance(listed, list) else [])
            ]
    for name, benefit in edition.benefits.items():
        if benefit.countries:
            for key, countries in (("only", benefit.countries.only), ("not", benefit.countries.not_)):
                named += [("benefits", (name, "countries", key), str(c)) for c in countries or []]
    life = edition.programme.life
    for key, listed in (
        ("grandfather", [rule.countries for rule in life.grandfather]),
        ("retired", [rule.countries for rule in life.retired]),
    ):
        for index, countries in enumerate(listed):
            named += [("programme", ("life", key, index, "countries"), str(c)) for c in countries or []]
    for file, path, country in named:
        if country not in all_countries():
            yield _problem(edition, file, path, f"{country!r} is not a country", "countries are ISO 3166-1 alpha-2 codes",
                           _likely(country))  # fmt: skip


def _likely(country: str) -> str:
    """The code of a country that is often written otherwise, or the nearest ones."""
    known = {"UK": "GB", "EL": "GR", "EN": "GB", "UKR": "UA", "USA": "US", "SU": "RU"}
    return f"write {known[country]}" if country in known else nearest(country, all_countries())


def _competencies(edition: Edition) -> Iterator[Problem]:
    if edition.competencies is None:
        return
    columns = {c for table in edition.tables.values() for c in table.by_name} | _own_columns(edition)
    for name, entry in edition.competencies.competencies.items():
        for column in entry.counts:
            if column not in columns:
                yield _problem(edition, "competencies", ("competencies", name, "counts", column), f"no table has a column {column!r}",
                               "`counts` says by column which facts are the competency's", nearest(column, columns))  # fmt: skip
        for metric in entry.thresholds:
            if metric not in edition.metrics:
                yield _problem(edition, "competencies", ("competencies", name, "thresholds", metric), f"{metric!r} is not a metric",
                               "another number would be asked of it", nearest(metric, edition.metrics))  # fmt: skip


def _own_columns(edition: Edition) -> set[str]:
    """Words of the derived tables, among which are their columns."""
    return {word for key, text in edition.sql.items() if key.startswith("tables/") for word in re.findall(r"\w+", text)}


def _tables(edition: Edition) -> Iterator[Problem]:
    """The day and the validity of an own table are columns of it, and are days."""
    for name, raw in (edition.source_of("facts").data or {}).items():
        table, days = edition.tables[name], {}
        if isinstance(raw, dict):
            days = {("day",): raw.get("day")} | {("lasts", i): c for i, c in enumerate(raw.get("lasts") or [])}
        if raw.get("lasts") and len(raw["lasts"]) != 2:
            yield _problem(edition, "facts", (name, "lasts"), "`lasts` does not name two columns", "a row is valid from one day to another",
                           "write lasts: [first, last]")  # fmt: skip
        for path, column in days.items():
            if column is not None and (column not in table.by_name or table.by_name[column].type != "day"):
                yield _problem(edition, "facts", (name, *path), f"{column!r} is no column of days of {name}", "windows look at it",
                               nearest(str(column), [c.name for c in table.columns if c.type == "day"]))  # fmt: skip


def _rollup(edition: Edition) -> Iterator[Problem]:
    rule = edition.rollup
    file = "levels" if "rollup" in (edition.source_of("levels").data or {}) else "programme"
    partners = edition.tables["partners"].by_name
    if rule and rule.best_of and rule.best_of not in partners and rule.best_of not in edition.classes:
        yield _problem(edition, file, ("rollup", "best_of"), f"{rule.best_of!r} is no column of partners",
                       "members are compared within it", nearest(rule.best_of, {*partners, *edition.classes}))  # fmt: skip
