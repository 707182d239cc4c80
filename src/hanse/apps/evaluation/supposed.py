"""What does a supposed change mean in facts? The rows that would be recorded, or hidden, were it so.

A change is a kind and values as somebody wrote them: "2 more people with this certificate", "this person leaves", or one more
row of a fact table that the edition looks at. Whatever cannot be read is said by field, all of it at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hanse.apps.evaluation.askable import CERTIFICATES, Askable
from hanse.apps.evaluation.laid_over import Supposed
from hanse.apps.evidence import typed
from hanse.language.edition import Edition
from hanse.language.facts import Column

CERTIFIED, PASSES, LAPSES, LEAVES, WON = "certified", "passes", "lapses", "leaves", "won"
OF_PEOPLE = (CERTIFIED, PASSES, LAPSES, LEAVES)
MOST_CHANGES, MOST_TIMES = 20, 100
NEW = "what-if"  # begins the keys of people, deals and customers that do not exist
NUMBERS = frozenset({"amount", "number", "integer", "real", "rate"})
_NUMBER = re.compile(r"-?[0-9]{1,14}(\.[0-9]{1,4})?")
_WRONG = {"day": "no day", "moment": "no day", "currency": "no currency", "country": "no country"}
Row = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """One change: its kind (one of OF_PEOPLE, WON, or a fact table's name), and what was written into its fields."""

    kind: str
    values: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.kind, *sorted(self.values.items())))


@dataclass(frozen=True)
class Wrong:
    """What is wrong with a change: the field, and why in one of a few words; `given` is what was written."""

    field: str
    why: str
    given: str = ""


class WrongChangeError(Exception):
    """A change that means nothing: its number in the list, and all that is wrong with it."""

    def __init__(self, number: int, wrong: Sequence[Wrong]) -> None:
        self.number, self.wrong = number, tuple(wrong)
        super().__init__("; ".join(f"{one.field}: {one.why}" for one in wrong))


@dataclass(frozen=True)
class About:
    """Whose facts are supposed, on which day, under which edition; with the facts on record that a change may be about."""

    partner: str
    day: date
    joined: date | None
    edition: Edition
    asks: Askable
    people: Sequence[Row]
    certificates: Sequence[Row]
    deals: Sequence[Row]
    occurring: Mapping[tuple[str, str], Sequence[str]] = field(
        default_factory=dict
    )  # texts on record, by table and column

    @property
    def present(self) -> dict[str, Row]:
        """Who works there on the day, by key."""
        found = {}
        for row in self.people:
            if row["partner"] == self.partner and row["since"] <= self.day and not _over(row["until"], self.day):
                found[str(row["person"])] = row
        return found

    @property
    def held(self) -> list[Row]:
        """The certificates of those people that count on the day."""
        here = self.present
        return [
            row
            for row in self.certificates
            if row["person"] in here and row["earned"] <= self.day and not _over(row["expires"], self.day)
        ]

    @property
    def open_deals(self) -> dict[str, Row]:
        """The deals that are neither won nor lost yet, by key."""
        return {str(row["deal"]): row for row in self.deals if not row["outcome"]}


def meant(changes: Sequence[Change], about: About) -> Supposed:
    """The facts that the changes mean, together. Raises WrongChangeError for the first that means nothing."""
    if len(changes) > MOST_CHANGES:
        raise WrongChangeError(MOST_CHANGES, [Wrong("", "too many changes", str(len(changes)))])
    added: dict[str, list[Row]] = {}
    hidden: dict[str, list[int]] = {}
    for number, change in enumerate(changes):
        reading = _Reading(change, about, f"{NEW}-{number + 1}")
        for table, row in reading.rows():
            added.setdefault(table, []).append(row)
        if reading.wrong:
            raise WrongChangeError(number, reading.wrong)
        for table, fact in reading.hidden:
            hidden.setdefault(table, []).append(fact)
    return Supposed(added, hidden)


class _Reading:
    """One change while it is read: what is wrong is collected."""

    def __init__(self, change: Change, about: About, new: str) -> None:
        self.change, self.about, self.new = change, about, new
        self.wrong: list[Wrong] = []
        self.hidden: list[tuple[str, int]] = []

    def rows(self) -> Iterator[tuple[str, Row]]:
        """The rows that are added, by table."""
        kinds = {
            CERTIFIED: self._certified,
            PASSES: self._passes,
            LAPSES: self._lapses,
            LEAVES: self._leaves,
            WON: self._won,
        }
        offered = self.about.asks.people if self.change.kind in OF_PEOPLE else "deals" in self.about.asks.tables
        if self.change.kind in kinds and offered:
            yield from kinds[self.change.kind]()
        elif self.change.kind in self.about.asks.tables:
            yield from self._one_more(self.change.kind)
        else:
            self.fail("", "not asked", self.change.kind)

    def fail(self, name: str, why: str, given: str = "") -> None:
        self.wrong.append(Wrong(name, why, given))

    # -- people and their certificates --------------------------------------------------------------------------

    def _certified(self) -> Iterator[tuple[str, Row]]:
        certificate, day, times = self._certificate(), self._day("on"), self._times("people")
        more = self._further()
        if self.wrong:
            return
        employed: Row = {k: more[k] for k in ("role", "country") if k in more}
        of_certificate = {k: v for k, v in more.items() if k not in employed}
        for n in range(1, times + 1):
            person = f"{self.new}-{n}"
            yield "people", {"person": person, "partner": self.about.partner, "since": day, **employed}
            yield CERTIFICATES, {"person": person, "certificate": certificate, "earned": day, **of_certificate}

    def _passes(self) -> Iterator[tuple[str, Row]]:
        person, certificate, day = self._person(), self._certificate(), self._day("on")
        more = {k: v for k, v in self._further().items() if k not in ("role", "country")}
        if not self.wrong:
            yield CERTIFICATES, {"person": person, "certificate": certificate, "earned": day, **more}

    def _lapses(self) -> Iterator[tuple[str, Row]]:
        person, certificate = self._person(), self._text("certificate")
        last = self._last_day()
        held = [r for r in self.about.held if (r["person"], r["certificate"]) == (person, certificate)]
        if person and certificate and not held:
            self.fail("certificate", "not held", certificate)
        if self.wrong:
            return
        columns = self.about.edition.tables[CERTIFICATES].by_name
        for row in held:
            if row["earned"] > last:
                self.hidden.append((CERTIFICATES, int(row["fact"])))
            else:
                yield CERTIFICATES, {k: v for k, v in row.items() if k in columns} | {"expires": last}

    def _leaves(self) -> Iterator[tuple[str, Row]]:
        person, last = self._person(), self._last_day(self._lag())
        if self.wrong:
            return
        columns = self.about.edition.tables["people"].by_name
        row = self.about.present[person]
        if row["since"] > last:
            self.hidden.append(("people", int(row["fact"])))
        else:
            yield "people", {k: v for k, v in row.items() if k in columns} | {"until": last}

    def _lag(self) -> timedelta:
        """Longer than the certificates of a leaver may count on: who has left that long ago counts no more."""
        lag = self.about.edition.programme.people.counted_after_leaving
        return timedelta(days=31 * lag.months + lag.days + (31 if lag.day else 0)) if lag else timedelta()

    # -- anything else -------------------------------------------------------------------------------------------

    def _won(self) -> Iterator[tuple[str, Row]]:
        key, day = self._text("deal"), self._day("on")
        row = self.about.open_deals.get(key)
        if key and row is None:
            self.fail("deal", "no such deal", key)
        if row is None or self.wrong:
            return
        columns = self.about.edition.tables["deals"].by_name
        won = {"outcome": "won", "closed": day, "launched": row["launched"] or day}
        yield "deals", {k: v for k, v in row.items() if k in columns} | won

    def _one_more(self, name: str) -> Iterator[tuple[str, Row]]:
        table, times = self.about.edition.tables[name], self._times("times")
        day = self._day("on") if table.day else None
        if table.after_joining and day and self.about.joined and day < self.about.joined:
            self.fail("on", "before joining", str(self.about.joined))
        row: Row = {} if table.day is None else {table.day: day}
        if table.owner == "partner":
            row["partner"] = self.about.partner
        fields = {one.name: one for one in self.about.asks.tables[name]}
        for one in fields.values():
            given = self._person() if one.name == "person" else self._read(one.column, required=one.required)
            if given is not None:
                row[one.name] = given
        self._unknown({*fields, "times", "on"})
        missing = [c.name for c in table.columns if c.required and c.name not in row and c.name not in fields]
        if self.wrong:
            return
        for n in range(1, times + 1):
            yield name, row | dict.fromkeys(missing, f"{self.new}-{n}")

    def _further(self) -> Row:
        """What the edition's metrics look at besides the certificate."""
        fields = self.about.asks.about_people
        found = {one.name: self._read(one.column, required=one.required) for one in fields}
        self._unknown({*(one.name for one in fields), "people", "person", "certificate", "on"})
        return {name: value for name, value in found.items() if value is not None}

    # -- values ----------------------------------------------------------------------------------------------------

    def _text(self, name: str) -> str:
        found = self.change.values.get(name, "").strip()
        if not found:
            self.fail(name, "missing")
        elif not found.isprintable():
            self.fail(name, "no text")
        return found

    def _read(self, column: Column, *, required: bool = False) -> Any:
        raw = self.change.values.get(column.name, "").strip()
        if not raw:
            if required:
                self.fail(column.name, "missing")
            return None
        if column.type in NUMBERS:
            raw = plainly(raw)
            if not _NUMBER.fullmatch(raw):
                self.fail(column.name, "no number", self.change.values[column.name])
                return None
        if not raw.isprintable():
            self.fail(column.name, "no text")
            return None
        try:
            return typed.value(column, raw)
        except ValueError:
            self.fail(column.name, _WRONG.get(column.type, "no number"), self.change.values[column.name])
            return None

    def _person(self) -> str:
        person = self._text("person")
        if person and person not in self.about.present:
            self.fail("person", "not there", person)
        return person

    def _certificate(self) -> str:
        found = self._text("certificate")
        if (
            found
            and not self.about.asks.knows(found)
            and all(r["certificate"] != found for r in self.about.certificates)
        ):
            self.fail("certificate", "unknown certificate", found)
        return found

    def _times(self, name: str) -> int:
        raw = self.change.values.get(name, "").strip() or "1"
        if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw[:6]) <= MOST_TIMES:
            self.fail(name, "not so many", raw)
            return 1
        return int(raw)

    def _day(self, name: str) -> date:
        """The day given, or the day judged; never after it, for then it would not count yet."""
        day = self._read(Column(name, "day"))
        if day is not None and day > self.about.day:
            self.fail(name, "after the day", str(day))
        return day or self.about.day

    def _last_day(self, earlier: timedelta = timedelta()) -> date:
        """The last day on which something holds: the one given, or the day before the one judged (and earlier by so much)."""
        day = self._read(Column("on", "day"))
        return day or self.about.day - timedelta(days=1) - earlier

    def _unknown(self, known: set[str]) -> None:
        for name, given in self.change.values.items():
            if name not in known:
                self.fail(name, "not asked", given)


def _over(last: date | None, day: date) -> bool:
    return last is not None and last < day


def plainly(raw: str) -> str:
    """A number as people write it, as a computer does: 70 000,50 and 70,000.50 are 70000.50."""
    tight = "".join(raw.split()).replace("’", "").replace("'", "")
    whole, comma, rest = tight.rpartition(",")
    if comma and "." not in tight and "," not in whole and len(rest) != 3:
        return f"{whole}.{rest}"
    return tight.replace(",", "")
