"""What goes wrong in real files? Rows of every kind that must be reported and not counted.

They stand after the good ones. Each kind is a good row of a table with something changed in it. Their number
depends on the number of partners only. No good row refers to one of them, nor stops counting because of one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from hanse.demo.chance import Ints
from hanse.demo.firms import NEVER, World
from hanse.demo.output import Row

EPOCH = date(1970, 1, 1)
UNKNOWN_PARTNER = "BP-9999999"
UNKNOWN_PERSON = "PE-9999999-01"
UNKNOWN_COUNTRY = "ZZ"  # reserved for private use: never a country
NO_SUCH_CURRENCY = "XQZ"
NO_KRONA = (date(2008, 12, 10), date(2018, 2, 1))  # the European Central Bank gave no rate for ISK
NEVER_QUOTED = "AED"


@dataclass(frozen=True)
class Scene:
    """Where something goes wrong: at a partner, and at one that joined inside the window (`late`)."""

    world: World
    kind: int  # position in KINDS
    number: int  # of the row within its kind
    firm: int
    late: int

    @property
    def partner(self) -> str:
        return str(self.world.keys(np.asarray([self.firm]))[0])

    @property
    def stranger(self) -> str:
        """A number that no partner has, and no other bad row of the same table: 8000417."""
        return str(8_000_000 + self.kind % 10 * 100_000 + self.number)

    @property
    def late_partner(self) -> str:
        return str(self.world.keys(np.asarray([self.late]))[0])

    @property
    def person(self) -> str:
        return self.partner.replace("BP-", "PE-") + "-01"

    def day(self, before: int = 0) -> str:
        """A day of the last year, or so many days before it."""
        return _iso(self.world.as_of - 20 - 7 * (self.number % 45) - before)

    @property
    def before_joining(self) -> str:
        return _iso(int(self.world.joined[self.late]) - 15 - self.number % 60)


@dataclass(frozen=True)
class Kind:
    """A kind of bad row: so many per thousand partners (at least one), and what is changed in a good row.

    `text_only`: a typed file cannot hold it.
    """

    name: str
    table: str
    per_thousand: int
    change: Callable[[Scene], dict[str, str | None]]
    text_only: bool = False

    def count(self, partners: int) -> int:
        """How many such rows a channel of so many partners has."""
        return max(1, partners * self.per_thousand // 1000)


def _iso(day: int) -> str:
    return (EPOCH + timedelta(days=day)).isoformat()


def _solution(scene: Scene) -> str:
    return scene.world.catalogue.competencies[0].solutions[0]


def _certificate(scene: Scene) -> str:
    return scene.world.catalogue.competencies[0].certificates[0]


# for each table a good row, as texts
GOOD: Mapping[str, Callable[[Scene], dict[str, str | None]]] = {
    "partners": lambda s: {
        "partner": f"BP-{s.stranger}", "name": f"Record {s.stranger}", "country": "FR", "joined": s.day(900),
    },
    "people": lambda s: {
        "person": f"PE-{s.stranger}-01", "partner": s.partner, "since": s.day(), "role": "sales",
    },
    "certifications": lambda s: {"person": s.person, "certificate": _certificate(s), "earned": s.day()},
    "surveys": lambda s: {"partner": s.partner, "on": s.day(), "score": "8.0"},
    "references": lambda s: {"partner": s.partner, "on": s.day(), "solution": _solution(s), "country": "DE"},
    "sales": lambda s: {
        "partner": s.partner, "on": s.day(), "amount": "12500.00", "currency": "EUR",
        "solution": _solution(s), "kind": "new", "role": "sold", "country": "DE",
    },
    "customers": lambda s: {
        "customer": f"CU-{s.stranger}-01", "name": f"Customer {s.stranger}", "country": "DE",
    },
    "deals": lambda s: {
        "deal": f"DL-{s.stranger}-01", "partner": s.partner, "opened": s.day(), "stage": "validating",
        "amount": "9000.00", "currency": "EUR",
    },
    "levels_held": lambda s: {"partner": s.partner, "subject": s.world.catalogue.levels[0], "from": s.day()},
    "attestations": lambda s: {"partner": s.partner, "name": "verified_service", "granted": s.day()},
    "ownership": lambda s: {"owner": s.partner, "owned": s.late_partner, "percent": "12.00", "from": s.day()},
    "benefit_uses": lambda s: {
        "partner": s.partner, "benefit": s.world.catalogue.benefits[0], "on": s.day(), "quantity": "1",
    },
    "exceptions": lambda s: {
        "partner": s.partner, "subject": s.world.catalogue.requirements[0], "from": s.day(200),
        "until": s.day(), "reason": "merger under way", "by": "partner office",
    },
}  # fmt: skip


def _without_rate(scene: Scene) -> dict[str, str | None]:
    """A currency that is real, on a day for which there is no rate."""
    quoted = not NO_KRONA[0] <= date.fromisoformat(scene.day()) <= NO_KRONA[1]
    return {"currency": NEVER_QUOTED if quoted else "ISK"}


def _unknown_partner(_: Scene) -> dict[str, str | None]:
    return {"partner": UNKNOWN_PARTNER}


def _unknown_country(_: Scene) -> dict[str, str | None]:
    return {"country": UNKNOWN_COUNTRY}


def _too_early(column: str) -> Callable[[Scene], dict[str, str | None]]:
    return lambda s: {"partner": s.late_partner, column: s.before_joining}


KINDS: tuple[Kind, ...] = (
    Kind("duplicate", "partners", 3, lambda s: {"partner": s.partner, "name": "Old record of the same firm"}),
    Kind("unknown_country", "partners", 2, _unknown_country),
    Kind("missing_name", "partners", 1, lambda _: {"name": None}),
    Kind("ends_before_start", "partners", 1, lambda s: {"left": s.day(1200)}),
    Kind("unknown_partner", "people", 4, _unknown_partner),
    Kind("ends_before_start", "people", 3, lambda s: {"until": s.day(400)}),
    Kind("missing_day", "people", 3, lambda _: {"since": None}),
    Kind("unknown_person", "certifications", 6, lambda _: {"person": UNKNOWN_PERSON}),
    Kind("ends_before_start", "certifications", 4, lambda s: {"expires": s.day(30)}),
    Kind("missing_certificate", "certifications", 3, lambda _: {"certificate": None}),
    Kind("not_a_day", "certifications", 4, lambda _: {"earned": "31/02/2017"}, text_only=True),
    Kind("unknown_partner", "surveys", 4, _unknown_partner),
    Kind("missing_score", "surveys", 4, lambda _: {"score": None}),
    Kind("before_joining", "surveys", 3, _too_early("on")),
    Kind("not_a_number", "surveys", 3, lambda _: {"score": "8,5"}, text_only=True),
    Kind("before_joining", "references", 3, _too_early("on")),
    Kind("unknown_country", "references", 2, _unknown_country),
    Kind("not_a_day", "references", 2, lambda _: {"on": "spring 2016"}, text_only=True),
    Kind("unknown_partner", "sales", 8, _unknown_partner),
    Kind("unknown_country", "sales", 4, _unknown_country),
    Kind("before_joining", "sales", 8, _too_early("on")),
    Kind("missing_amount", "sales", 8, lambda _: {"amount": None}),
    Kind("missing_day", "sales", 3, lambda _: {"on": None}),
    Kind("no_such_currency", "sales", 4, lambda _: {"currency": NO_SUCH_CURRENCY}),
    Kind("no_rate", "sales", 8, _without_rate),
    Kind("not_a_number", "sales", 5, lambda _: {"amount": "12.500,00"}, text_only=True),
    Kind("not_a_day", "sales", 5, lambda _: {"on": "2017-02-30"}, text_only=True),
    Kind("unknown_country", "customers", 2, _unknown_country),
    Kind("unknown_partner", "deals", 3, _unknown_partner),
    Kind("before_joining", "deals", 2, _too_early("opened")),
    Kind("unknown_partner", "levels_held", 2, _unknown_partner),
    Kind("ends_before_start", "levels_held", 2, lambda s: {"until": s.day(100)}),
    Kind("unknown_partner", "attestations", 2, _unknown_partner),
    Kind("ends_before_start", "attestations", 1, lambda s: {"expires": s.day(100)}),
    Kind("negative_percent", "ownership", 1, lambda _: {"percent": "-12.00"}),
    Kind("above_hundred_percent", "ownership", 1, lambda _: {"percent": "120.00"}),
    Kind("unknown_partner", "ownership", 1, lambda _: {"owned": UNKNOWN_PARTNER}),
    Kind("unknown_partner", "benefit_uses", 2, _unknown_partner),
    Kind("not_a_number", "benefit_uses", 1, lambda _: {"quantity": "two"}, text_only=True),
    Kind("missing_reason", "exceptions", 1, lambda _: {"reason": None}),
    Kind("ends_before_start", "exceptions", 1, lambda s: {"until": s.day(300)}),
)


def bad_rows(world: World, table: str, columns: list[str], *, typed: bool) -> dict[str, list[Row]]:
    """The bad rows of a table by kind; none that a typed file cannot hold, or whose column is not there."""
    steady = np.flatnonzero((world.joined < world.window_start) & (world.left == NEVER))
    late = np.flatnonzero((world.joined >= world.window_start + 80) & (world.left == NEVER))
    found: dict[str, list[Row]] = {}
    for position, kind in enumerate(KINDS):
        if kind.table != table or (typed and kind.text_only):
            continue
        rows: list[Row] = []
        for number in range(kind.count(world.size)):
            firm, newcomer = (_victim(world, among, kind, number) for among in (steady, late))
            scene = Scene(world, position, number, firm, newcomer)
            changed = kind.change(scene)
            if set(changed) <= set(columns):
                rows.append({k: v for k, v in {**GOOD[table](scene), **changed}.items() if k in columns})
        if rows:
            found[kind.name] = rows
    return found


def _victim(world: World, among: Ints, kind: Kind, number: int) -> int:
    """One of these partners, or, in a channel too small to have any, one of all."""
    chosen = among if len(among) else np.arange(world.size)
    draw = world.dice.below(len(chosen), f"victim of {kind.name} in {kind.table}", number)
    return int(chosen[int(draw[0])])
