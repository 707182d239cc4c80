"""What are the tables and columns of facts called, for whoever reads a form or a file's headings?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hanse.fronts.desk.deciding import type_label
from hanse.fronts.pages import telling
from hanse.language.words import mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hanse.language.words import Words

TABLES = {
    "partners": mark("partners"), "locations": mark("locations"), "people": mark("employments"),
    "certifications": mark("certificates"), "surveys": mark("surveys"), "references": mark("client references"),
    "sales": mark("sales"), "series": mark("usage figures"), "customers": mark("customers"),
    "associations": mark("associations"), "contracts": mark("contracts"), "deals": mark("deals"),
    "levels_held": mark("levels on record"), "assignments": mark("assignments"), "attestations": mark("attestations"),
    "ownership": mark("ownership"), "benefit_uses": mark("uses of benefits"), "exceptions": mark("waivers"),
    "events": mark("events of firms"), "rates": mark("exchange rates"),
}  # fmt: skip
_COLUMNS = {
    "partner": mark("partner's key"), "name": mark("name"), "country": mark("country"), "region": mark("region"),
    "city": mark("city"), "latitude": mark("latitude"), "longitude": mark("longitude"), "type": mark("type"),
    "group": mark("group"), "joined": mark("joined on"), "left": mark("left on"), "employees": mark("employees"),
    "website": mark("website"), "vat": mark("VAT number"), "known": mark("known since"),
    "location": mark("location's key"),
    "street": mark("street"), "postcode": mark("postcode"), "phone": mark("telephone"), "person": mark("person's key"),
    "since": mark("since"), "until": mark("until"), "role": mark("role"), "certificate": mark("certificate"),
    "earned": mark("earned on"), "expires": mark("expires on"), "version": mark("version"), "vendor": mark("vendor"),
    "status": mark("status"), "on": mark("day"), "score": mark("score"), "respondents": mark("respondents"),
    "customer": mark("customer"), "competency": mark("competency"), "solution": mark("solution"),
    "amount": mark("amount"),
    "currency": mark("currency"), "product": mark("product"), "kind": mark("kind"), "segment": mark("segment"),
    "plan": mark("plan"), "payer": mark("payer"), "term_months": mark("term in months"), "quantity": mark("quantity"),
    "metric": mark("metric"), "value": mark("value"), "industry": mark("industry"), "sector": mark("sector"),
    "from": mark("from"), "claim": mark("claimed on"), "start": mark("start"), "end": mark("end"),
    "deal": mark("deal's key"), "opened": mark("opened on"), "stage": mark("stage"), "closed": mark("closed on"),
    "outcome": mark("outcome"), "monthly": mark("monthly amount"), "launched": mark("launched on"),
    "subject": mark("subject"), "anniversary": mark("anniversary"), "programme": mark("programme"),
    "granted": mark("granted on"), "level": mark("level"), "by": mark("by whom"), "owner": mark("owner"),
    "owned": mark("owned firm"), "percent": mark("share in percent"), "benefit": mark("benefit"),
    "reason": mark("reason"), "into": mark("into which firm"), "note": mark("note"), "per_euro": mark("units per euro"),
}  # fmt: skip


def table(name: str, words: Words) -> str:
    """What a table is called; one that only an edition declares by its own name."""
    return words.say(TABLES[name]) if name in TABLES else name.replace("_", " ")


def column(name: str, words: Words) -> str:
    """What a column is called."""
    return words.say(_COLUMNS[name]) if name in _COLUMNS else name.replace("_", " ")


def value(name: str, given: Any, words: Words) -> str:
    """A value of a column in the reader's language: countries and types of firm by what they are called."""
    if name == "country" and given:
        return words.country(str(given))
    return type_label(words, str(given)) if name == "type" and given else telling.value(given, None, words)


def heading(name: str, words: Words) -> str:
    """The same, as it begins a line."""
    said = column(name, words)
    return said[:1].upper() + said[1:]


def side_by_side(fields: Sequence[tuple[str, Any, Any]], words: Words) -> list[tuple[str, str, str, bool]]:
    """What two records say, field by field, and whether that is the same; without what neither says."""
    return [
        (heading(name, words), value(name, one, words), value(name, other, words), one == other)
        for name, one, other in fields
        if one is not None or other is not None
    ]
