"""What does a programme give, to which level and in which country?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from hanse.decisions.asks import EVERYBODY
from hanse.decisions.counting import window_told
from hanse.decisions.naming import Names, plain
from hanse.decisions.phrasing import phrase
from hanse.language import model, values
from hanse.language.problems import HanseError
from hanse.language.words import mark

_UNITS = {
    "voucher": mark("vouchers"), "percent": mark("percent"), "person": mark("people"), "mark": mark("mark"),
    "assessment": mark("assessments"), "engagement": mark("engagements"), "entitlement": mark("entitlement"),
    "offer": mark("offer"), "portfolio": mark("portfolios"),
}  # fmt: skip
_YES = frozenset({"entitlement", "mark", "offer", "person", "assessment", "engagement"})  # of which one is simply: yes


@dataclass(frozen=True)
class Given:
    """A benefit. `numbers` are quantities by class (or for EVERYBODY); where a number decides, `counted` says which."""

    name: str
    label: str
    unit: str
    money: str | None
    numbers: Mapping[str, Fraction]
    classification: str
    counted: str
    period: str
    terms: tuple[str, ...]
    clause: str


def of_benefits(names: Names) -> list[Given]:
    """The benefits in the programme's order."""
    return [_given(name, benefit, names) for name, benefit in names.edition.benefits.items()]


def quantity(given: Given, number: Fraction | None, names: Names) -> str:
    """A quantity as a table shows it: a number with its unit, or yes where one of it is all there is."""
    if number is None:
        return ""
    if given.money:
        return names.quantity(number, given.money)
    if given.unit == "percent":
        return names.quantity(number, "percent")
    if number == 1 and given.unit in _YES:
        return names.words.say("yes")
    return names.quantity(number, None)


def unit_told(given: Given, names: Names) -> str:
    """What the quantity counts, in the plural; empty where the quantity says it."""
    if given.money or given.unit in ("", "percent") or given.unit in _YES:
        return ""
    return names.words.say(_UNITS[given.unit]) if given.unit in _UNITS else plain(given.unit)


def _given(name: str, benefit: model.Benefit, names: Names) -> Given:
    numbers: dict[str, Fraction] = {}
    classification = counted = ""
    raw = benefit.quantity
    if isinstance(raw, dict) and set(raw) == {"metric"}:
        counted = names.metric(str(raw["metric"]))
    else:
        numbers, classification, counted = _numbers(name, raw, benefit, names)
    terms = []
    if benefit.when:
        terms.append(names.words.say("only if {test}", test=phrase(benefit.when, names)))
    if benefit.countries and benefit.countries.only:
        terms.append(names.words.say("only in {countries}", countries=names.countries(benefit.countries.only)))
    if benefit.countries and benefit.countries.not_:
        terms.append(names.words.say("not in {countries}", countries=names.countries(benefit.countries.not_)))
    days = names.days(benefit.from_, benefit.until)
    terms += [days] if days else []
    period = period_told(benefit.period, names) if benefit.period else ""
    return Given(
        name, names.benefit(name), benefit.unit or "", benefit.currency, numbers, classification, counted, period,
        tuple(terms), benefit.clause or "",
    )  # fmt: skip


def _numbers(
    name: str, raw: object, benefit: model.Benefit, names: Names
) -> tuple[dict[str, Fraction], str, str]:  # fmt: skip
    try:
        unit = benefit.currency or ("percent" if benefit.unit == "percent" else None)
        found = names.ctx.value(raw, "benefits", (name, "quantity"), unit)
    except HanseError:
        return {}, "", plain(str(raw))
    if isinstance(found, values.ByClass):
        rows = [*found.numbers, *([(values.ELSE, found.otherwise)] if found.otherwise else [])]
        return {c: Fraction(n.value) for c, n in rows}, found.classification, ""
    return {EVERYBODY: Fraction(found.value)}, "", ""


_PERIODS = {
    "subscription year": mark("for each subscription year"), "anniversary year": mark("for each year from anniversary to anniversary"),
    "calendar year": mark("for each calendar year"), "fiscal year": mark("for each fiscal year"),
    "quarter": mark("for each quarter"), "month": mark("for each month"),
}  # fmt: skip


def period_told(raw: object, names: Names) -> str:
    """For how long a quantity is given."""
    return names.words.say(_PERIODS[raw]) if isinstance(raw, str) and raw in _PERIODS else window_told(raw, names)
