"""Which fact tables are there, which columns do they have, and what makes a row count on a day?

The names are the contract's: once published they stay. An edition may declare tables and columns of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

# amounts and numbers have four decimals, rates as many as central banks publish
SQL_TYPES = {
    "text": "VARCHAR", "country": "VARCHAR", "currency": "VARCHAR", "day": "DATE", "moment": "TIMESTAMP",
    "amount": "DECIMAL(18, 4)", "number": "DECIMAL(18, 4)", "integer": "BIGINT", "real": "DOUBLE", "rate": "DECIMAL(38, 12)",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    name: str
    type: str = "text"
    required: bool = False
    means: str = ""


@dataclass(frozen=True)
class FactTable:
    """A kind of fact.

    `owner` says whose fact a row is: the `partner` column, the `person` (and so the firm where that person works on
    the day judged), or nobody's. `day` is the column that windows look at, `lasts` the columns of the first and last
    day on which the row is valid, `after_joining` whether a day before the partner joined is an error. `key` names the
    columns that say which thing a row is about, where a later statement about it replaces an earlier one; without a
    key every row is an event of its own. Optional columns of a key count as empty where they are missing.
    """

    name: str
    columns: tuple[Column, ...]
    owner: str = "partner"
    day: str | None = None
    lasts: tuple[str, str] | None = None
    after_joining: bool = False
    key: tuple[str, ...] = ()
    means: str = ""
    by_name: dict[str, Column] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        self.by_name.update({c.name: c for c in self.columns})

    @property
    def of_partners(self) -> bool:
        """Does a row say something of a partner: of itself, its people, or of two that belong together?"""
        return self.owner != "none" or self.name == "ownership"


def _table(name: str, columns: str, *, key: str = "", **more: object) -> FactTable:
    """Columns as `name:type` words, required ones with a `!`; every table may carry `known`."""
    parsed = []
    for word in [*columns.split(), "known:moment"]:
        column, _, kind = word.partition(":")
        parsed.append(Column(column.rstrip("!"), kind or "text", column.endswith("!")))
    return FactTable(name, tuple(parsed), key=tuple(key.split()), **more)  # type: ignore[arg-type]


def _event(name: str, columns: str) -> FactTable:
    return _table(name, columns, day="on", after_joining=True)


def _lasting(name: str, columns: str, first: str, last: str, *, owner: str = "partner", key: str = "") -> FactTable:
    return _table(name, columns, day=first, lasts=(first, last), owner=owner, key=key)


_ALL = (
    _table(
        "partners",
        "partner! name! country!:country region city latitude:real longitude:real type group joined:day left:day "
        "employees:integer website vat",
        day="joined",
        key="partner",
    ),
    _table(
        "locations",
        "partner! location! name street postcode city country:country latitude:real longitude:real phone",
        key="partner location",
    ),
    _lasting(
        "people",
        "person! partner! since!:day until:day role country:country",
        "since",
        "until",
        key="person partner since",
    ),
    _lasting(
        "certifications",
        "person! certificate! earned!:day expires:day version vendor status",
        "earned",
        "expires",
        owner="person",
        key="person certificate earned version",
    ),
    _event("surveys", "partner! on!:day score!:number respondents:integer customer"),
    replace(
        _lasting("references", "partner! on!:day competency solution customer country:country expires:day", "on", "expires"),
        after_joining=True,
    ),
    _event(
        "sales",
        "partner! on!:day amount!:amount currency!:currency customer solution product kind role country:country "
        "segment plan payer term_months:integer quantity:number",
    ),
    _table(
        "series",
        "partner! metric! on!:day value!:number currency:currency customer country:country product role segment",
        day="on",
        key="partner metric on customer country product role segment",
    ),
    _table("customers", "customer! name country:country segment industry sector", owner="none", key="customer"),
    _lasting(
        "associations",
        "partner! customer! role! from!:day until:day product claim:day",
        "from",
        "until",
        key="partner customer role from product",
    ),
    _lasting(
        "contracts",
        "partner! customer! start!:day end:day product amount:amount currency:currency term_months:integer",
        "start",
        "end",
        key="partner customer start product",
    ),
    _table(
        "deals",
        "deal! partner! opened!:day customer kind stage closed:day outcome amount:amount currency:currency "
        "monthly:amount launched:day",
        day="opened",
        after_joining=True,
        key="deal",
    ),
    _lasting(
        "levels_held",
        "partner! subject! from!:day until:day anniversary:day programme",
        "from",
        "until",
        key="partner subject from programme",
    ),
    _lasting(
        "assignments",
        "person! role! subject! from!:day until:day",
        "from",
        "until",
        owner="person",
        key="person role subject from",
    ),
    _lasting(
        "attestations",
        "partner! name! granted!:day kind level version expires:day by",
        "granted",
        "expires",
        key="partner name granted kind level version",
    ),
    _lasting(
        "ownership",
        "owner! owned! percent!:number from!:day until:day",
        "from",
        "until",
        owner="none",
        key="owner owned from",
    ),
    _table("benefit_uses", "partner! benefit! on!:day quantity!:number", day="on"),
    _lasting(
        "exceptions", "partner! subject! from!:day until!:day reason! by!", "from", "until", key="partner subject from"
    ),
    _table("events", "partner! kind! on:day into name note", day="on"),
    _table("rates", "on!:day currency!:currency per_euro!:rate", owner="none", day="on", key="on currency"),
)  # fmt: skip
CONTRACT: dict[str, FactTable] = {table.name: table for table in _ALL}

# what an edition's metrics see of a person's facts besides the table's own columns: the employment behind it
FROM_EMPLOYMENT = (Column("role"), Column("country", "country"))
