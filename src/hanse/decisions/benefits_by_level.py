"""What would each level give a partner of a country?

What the edition says, without the facts of a partner: a quantity that a metric gives, or one that depends on a condition, is
said to be so. What a partner has now is decided in benefits.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hanse.language import compiler, values
from hanse.language.context import Context, Days, FactsInfo
from hanse.language.edition import ELSE, Edition
from hanse.language.model import Benefit
from hanse.language.values import in_force


@dataclass(frozen=True)
class Offer:
    """One benefit. `quantities` by level, without the levels that give none; None where facts say how much it is.

    `conditional`: who gets it also depends on a condition. `labels` are {language: text}.
    """

    benefit: str
    labels: Mapping[str, str] | None
    unit: str | None
    currency: str | None
    clause: str | None
    period: str | None
    conditional: bool
    quantities: Mapping[str, float] | None


def offers(edition: Edition, days: Days, facts: FactsInfo, country: str | None) -> tuple[Offer, ...]:
    """The benefits in force on the day in a country, in the edition's order. Raises EditionError."""
    ctx = compiler.context(edition, days, facts)
    return tuple(
        _offer(ctx, name, one, country)
        for name, one in edition.benefits.items()
        if in_force({"from": one.from_, "until": one.until}, days.rules_as_of) and _given_in(one, country)
    )


def _given_in(one: Benefit, country: str | None) -> bool:
    if one.countries is None:
        return True
    only, without = one.countries.only, one.countries.not_
    return not (only and country not in only) and not (without and country in without)


def _offer(ctx: Context, name: str, one: Benefit, country: str | None) -> Offer:
    quantities = _quantities(ctx, name, one, country)
    period = str(one.period) if one.period is not None else None
    return Offer(name, one.label, one.unit, one.currency, one.clause, period, bool(one.when), quantities)


def _quantities(ctx: Context, name: str, one: Benefit, country: str | None) -> dict[str, float] | None:
    source = ctx.edition.source_of("benefits")
    raw, where = values.version(one.quantity, ctx.days.rules_as_of, source, (name, "quantity"))
    if isinstance(raw, dict) and set(raw) == {"metric"}:
        return None
    found = ctx.value(raw, "benefits", where, one.currency or one.unit)
    each: dict[str, Any]
    if isinstance(found, values.Number):
        each = dict.fromkeys(ctx.edition.level_names, found)
    elif found.classification == "level":
        each = {level: found.of(level) for level in ctx.edition.level_names}
    elif found.classification in ctx.edition.classes:
        table = ctx.edition.classes[found.classification]
        each = dict.fromkeys(ctx.edition.level_names, found.of(table.get(country or "", table.get(ELSE, ""))))
    else:
        return None
    return {level: float(number.value) for level, number in each.items() if number is not None and number.value > 0}
