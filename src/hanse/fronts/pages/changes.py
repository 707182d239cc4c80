"""How does a supposed change read: in an address that people share, and in a sentence?

In an address a change is one parameter, `change=certified,people:2,certificate:C2040-111`: short enough to be read, and
complete, so that the address says everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from urllib.parse import quote, unquote, urlencode

from hanse.apps.evaluation.askable import Askable
from hanse.apps.evaluation.supposed import CERTIFIED, LAPSES, LEAVES, PASSES, WON, About, Change, Wrong
from hanse.language.words import Words, mark, mark_many

LONGEST = 400  # characters of one change in an address
_PLAIN = re.compile(r"-?[0-9]{1,14}(\.[0-9]{1,4})?")
_SAYS = {
    PASSES: mark("{person} passes {certificate}"),
    LAPSES: mark("{certificate} of {person} lapses"),
    LEAVES: mark("{person} leaves"),
    WON: mark("The deal {deal} is won"),
}
_CERTIFIED = mark_many("{n} more person certified: {certificate}", "{n} more people certified: {certificate}")
_ONE_MORE = {
    "sales": mark_many("{n} more sale", "{n} more sales"),
    "surveys": mark_many("{n} more survey", "{n} more surveys"),
    "references": mark_many("{n} more reference", "{n} more references"),
    "deals": mark_many("{n} more deal", "{n} more deals"),
    "series": mark_many("{n} more usage figure", "{n} more usage figures"),
    "contracts": mark_many("{n} more contract", "{n} more contracts"),
    "associations": mark_many("{n} more association", "{n} more associations"),
    "attestations": mark_many("{n} answer of a person", "{n} answers of people"),
    "assignments": mark_many("{n} more assignment", "{n} more assignments"),
    "levels_held": mark_many("{n} more level on record", "{n} more levels on record"),
}
_ANY = mark_many("{n} more row of {table}", "{n} more rows of {table}")
COLUMNS = {
    "amount": mark("Amount"),
    "competency": mark("Competency"),
    "country": mark("Country"),
    "currency": mark("Currency"),
    "customer": mark("Customer"),
    "kind": mark("Kind"),
    "level": mark("Level"),
    "metric": mark("Figure"),
    "monthly": mark("Amount a month"),
    "name": mark("Name"),
    "outcome": mark("Outcome"),
    "person": mark("Person"),
    "product": mark("Product"),
    "quantity": mark("Quantity"),
    "respondents": mark("Respondents"),
    "role": mark("Role"),
    "score": mark("Score"),
    "segment": mark("Segment"),
    "solution": mark("Solution"),
    "stage": mark("Stage"),
    "subject": mark("Level or competency"),
    "value": mark("Value"),
    "vendor": mark("Vendor"),
    "version": mark("Version"),
    "certificate": mark("Certificate"),
    "people": mark("How many people"),
    "times": mark("How many"),
    "on": mark("Day"),
    "deal": mark("Deal"),
    "closed": mark("Closed on"),
    "launched": mark("Launched on"),
    "anniversary": mark("Anniversary"),
    "end": mark("Ends on"),
    "until": mark("Until"),
    "programme": mark("Programme"),
}
_WRONG = {
    "missing": mark("This is needed."),
    "unknown certificate": mark("The programme knows no certificate {given}. Choose one of the list."),
    "not so many": mark("Give a whole number from 1 to 100."),
    "not there": mark("{given} does not work at the firm on that day. Choose one of the list."),
    "not held": mark("This person holds no valid certificate {given} on that day."),
    "no such deal": mark("{given} is no open deal of the firm."),
    "no number": mark("{given} is no number. Write it like 1234.50."),
    "no text": mark("This cannot be read. Write it anew."),
    "no day": mark("{given} is no day. Write it as 2017-06-30."),
    "no currency": mark("{given} is no currency. Use its three letters, such as EUR."),
    "no country": mark("{given} is no country. Use its two letters, such as DE."),
    "after the day": mark("{given} lies after the day judged. Choose an earlier day, or have a later day judged."),
    "before joining": mark("That lies before the firm joined ({given})."),
    "too far": mark("{given} is too far from the day of the standing: at most five years."),
    "no rules": mark("The programme says nothing for {given}. Choose a day while it is in force."),
    "not asked": mark("The programme does not look at this: it would change nothing."),
    "too many changes": mark("At most 20 changes at once."),
}


# -- in an address ----------------------------------------------------------------------------------------------------


def written(change: Change) -> str:
    """A change as one parameter of an address."""
    parts = [change.kind, *(f"{name}:{quote(value, safe=' /.-_')}" for name, value in change.values.items() if value)]
    return ",".join(parts)


def read(text: str) -> Change | None:
    """The change that a parameter says; None where it is too long, or says none."""
    kind, *parts = text.split(",")
    pairs = [part.partition(":") for part in parts]
    if len(text) > LONGEST or not kind or any(not colon for _, colon, _ in pairs):
        return None
    return Change(kind, {name: unquote(value) for name, _, value in pairs if value})


def query(changes: Iterable[Change], **more: str) -> str:
    """The query of an address that says these changes, and whatever else is not empty."""
    pairs = [(name, value) for name, value in more.items() if value]
    return urlencode([*pairs, *(("change", written(one)) for one in changes)], safe=":,/")


# -- in a sentence ----------------------------------------------------------------------------------------------------


def said(change: Change, about: About, words: Words) -> str:
    """A change in a sentence."""
    values = dict(change.values)
    if change.kind == CERTIFIED:
        n = _whole(values.pop("people", "1"))
        certificate = certificate_said(values.pop("certificate", "?"), about.asks, about, words)
        return _with(words.many(*_CERTIFIED, n, certificate=certificate), values, about, words)
    if change.kind in _SAYS:
        shown = {
            name: values.pop(name, "?") for name in ("person", "certificate", "deal") if name in _SAYS[change.kind]
        }
        return _with(words.say(_SAYS[change.kind], **shown), values, about, words)
    n = _whole(values.pop("times", "1"))
    one, several = _ONE_MORE.get(change.kind, _ANY)
    return _with(words.many(one, several, n, table=change.kind.replace("_", " ")), values, about, words, change.kind)


def certificate_said(code: str, asks: Askable, about: About, words: Words) -> str:
    """A certificate with the competencies that it counts for."""
    listed = about.edition.competencies.competencies if about.edition.competencies else {}
    names = [words.label(listed[name].name, name) for name in asks.certificates.get(code, ())]
    return f"{code} ({words.listed(names, 2)})" if names else code


def column_said(name: str, words: Words) -> str:
    """What a column is called."""
    return words.say(COLUMNS[name]) if name in COLUMNS else name.replace("_", " ").capitalize()


def wrong_said(one: Wrong, words: Words) -> str:
    """What is wrong with a field, in a sentence."""
    return words.say(_WRONG[one.why], given=one.given)


def _with(sentence: str, values: Mapping[str, str], about: About, words: Words, table: str = "") -> str:
    """The sentence with what else the change says, as people write it."""
    values = dict(values)
    currency = values.pop("currency", "")
    parts: list[str] = []
    for name in ("amount", "monthly"):
        amount = _number(values.get(name, ""))
        if amount is not None and currency:
            parts.append(words.money(amount, currency, 0 if amount == int(amount) else 2))
            values.pop(name)
    fields: Sequence[str] = list(values)
    for name in fields:
        labels = _labels(table, name, about).get(values[name])
        shown = words.label(labels, values[name]) if labels else values[name]
        parts.append(f"{column_said(name, words).lower()} {shown}")
    return f"{sentence} · {' · '.join(parts)}" if parts else sentence


def _labels(table: str, column: str, about: About) -> Mapping[str, Mapping[str, str] | None]:
    for one in about.asks.tables.get(table, ()):
        if one.name == column:
            return one.values
    return {}


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _PLAIN.fullmatch(text) else None
