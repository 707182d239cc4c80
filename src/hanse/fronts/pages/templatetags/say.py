"""What do templates say? Messages, numbers, days and money in the reader's language; built in, so never loaded by hand.

    {% say "until {day}" day=row.until|day %}     {% many "{n} partner" "{n} partners" total %}
    {{ row.count|number }}  {{ row.share|quantity:"percent" }}  {{ row.amount|money:"EUR" }}  {{ row.on|day }}
    {{ row.at|moment }}  {{ row.country|country }}  {% label entry.label entry.name %}  {% level name label %}

`make messages` collects what is said here for the catalogues. Everything is escaped where the page is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify

from hanse.decisions.asks import anchor as place_of
from hanse.fronts.pages.assets import address_of
from hanse.fronts.pages.reader import words
from hanse.language.words import LANGUAGES

register = template.Library()

Number = int | float | Decimal


@register.simple_tag(name="say")
def say(message: str, **values: Any) -> str:
    """A message, its {fields} filled in."""
    return words().say(message, **values)


@register.simple_tag(name="many")
def many(one: str, several: str, n: int, **values: Any) -> str:
    """A message that depends on a number, which is there as {n}."""
    return words().many(one, several, n, **values)


@register.filter(name="said")
def said(message: str) -> str:
    """A message that was marked elsewhere."""
    return words().say(message)


@register.filter(name="number")
def number(value: Number | None, decimals: int = 2) -> str:
    """A number with at most so many decimals; a dash where there is none."""
    return "–" if value is None else words().number(value, decimals)


@register.filter(name="money")
def money(value: Number | None, currency: str) -> str:
    """An amount with its currency, without cents."""
    return "–" if value is None else words().money(value, currency)


@register.filter(name="quantity")
def quantity(value: Number | None, unit: str | None) -> str:
    """A number with its unit, where the unit is money or a share."""
    return "–" if value is None else words().quantity(value, unit)


@register.filter(name="day")
def day(value: date | None) -> str:
    """A day, its month in letters."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return "–" if value is None else words().day(value)


@register.filter(name="moment")
def moment(value: datetime | None) -> str:
    """A moment to the minute, in the reader's time zone, which is named."""
    return "–" if value is None else words().moment(value, timezone.get_current_timezone())


@register.filter(name="country")
def country(code: str | None) -> str:
    """The name of a country."""
    return words().country(code) if code else ""


@register.filter(name="listed")
def listed(items: Iterable[str], at_most: int = 6) -> str:
    """Items after one another; of many the first, and how many more there are."""
    return words().listed(items, at_most)


@register.simple_tag(name="label")
def label(labels: Mapping[str, str] | None, fallback: str) -> str:
    """An edition's label in the reader's language."""
    return words().label(labels, fallback)


@register.simple_tag(name="level")
def level(name: str | None, shown: str | None = None) -> SafeString:
    """A level in its colour; the only thing on a page that has one of these."""
    return _level(name or "", (shown or words().label(None, name)) if name else words().say("no level"))


@lru_cache(maxsize=1024)
def _level(name: str, shown: str) -> SafeString:
    return format_html('<span class="level{}">{}</span>', f" level-{slugify(name)}" if name else "", shown)


@register.simple_tag(name="asset")
def asset(name: str) -> str:
    """The address of a built style sheet or script."""
    return address_of(name)


@register.simple_tag(name="language")
def language() -> str:
    """The language of the page, as HTML names it."""
    return words().language


@register.simple_tag(name="languages")
@cache
def languages() -> tuple[tuple[str, str, str], ...]:
    """The languages there are: code, the two letters shown, and the language's own name."""
    return tuple((code, code.upper(), words(code).locale.get_display_name(code) or code) for code in sorted(LANGUAGES))


@register.filter(name="anchor")
def anchor(text: str, kind: str) -> str:
    """The place of a thing in the pages of a programme's rules: `{{ line.clause|anchor:"clause" }}`."""
    return place_of(kind, text)


@register.filter(name="control")
def control(field: BoundField) -> SafeString:
    """A form's field as the style sheet wants it, and tied to what is said about it."""
    kind = getattr(field.field.widget, "input_type", "select")
    style = {"checkbox": "form-check-input", "radio": "form-check-input", "select": "form-select"}.get(
        kind, "form-control"
    )
    wrong = " is-invalid" if field.errors else ""
    told: dict[str, str | bool] = {"class": style + wrong, "placeholder": ""}
    if field.errors:
        told |= {"aria-invalid": "true", "aria-describedby": f"{field.auto_id}-errors"}
    return field.as_widget(attrs=told)
