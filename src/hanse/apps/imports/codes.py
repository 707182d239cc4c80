"""Which country or currency is meant?

Codes are taken as they are; names of countries and currencies in the languages below become their codes, with the data
that Babel carries.
"""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

from hanse.apps.imports.names import plain
from hanse.language.money import known_currencies
from hanse.language.soundness import all_countries

LANGUAGES = ("en", "fr", "de", "es", "it", "pt", "nl")
_ALSO_COUNTRIES = {
    "usa": "US", "u s a": "US", "u s": "US", "united states of america": "US", "america": "US", "etats unis d amerique": "US",
    "vereinigte staaten von amerika": "US", "estados unidos de america": "US", "stati uniti d america": "US",
    "uk": "GB", "great britain": "GB", "grande bretagne": "GB", "grossbritannien": "GB", "gran bretana": "GB", "gran bretagna": "GB",
    "gra bretanha": "GB", "groot brittannie": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
    "holland": "NL", "hollande": "NL", "holanda": "NL", "olanda": "NL", "the netherlands": "NL", "czech republic": "CZ",
    "republique tcheque": "CZ", "tschechische republik": "CZ", "republica checa": "CZ", "repubblica ceca": "CZ", "tsjechische republiek": "CZ",
    "korea": "KR", "republic of korea": "KR", "korea republic of": "KR", "russian federation": "RU", "viet nam": "VN", "brasil": "BR",
    "deutschland": "DE", "osterreich": "AT", "schweiz": "CH", "suisse": "CH", "svizzera": "CH", "espana": "ES", "italia": "IT",
    "hong kong": "HK", "macau": "MO", "taiwan": "TW", "turkey": "TR", "macedonia": "MK", "ivory coast": "CI", "uae": "AE",
    "ksa": "SA", "prc": "CN", "p r china": "CN", "el": "GR",
}  # fmt: skip
_ALSO_CURRENCIES = {"€": "EUR", "£": "GBP", "euro": "EUR", "euros": "EUR", "eur": "EUR", "us dollar": "USD", "us$": "USD", "usd$": "USD",
                    "sfr": "CHF", "fr": "CHF", "zł": "PLN", "₹": "INR", "₺": "TRY", "₩": "KRW", "₽": "RUB", "r$": "BRL"}  # fmt: skip


@cache
def country_code(text: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of a code (two or three letters) or a name; None for anything else.

    A two-letter code is only ever a code: `EL` apart, which the European Union writes for Greece.
    """
    upper = text.strip().upper()
    if upper in _countries():
        return upper
    return _country_names().get(plain(text)) or _three_letters().get(upper)


@cache
def currency_code(text: str) -> str | None:
    """The ISO 4217 code of a code, an unmistakable sign or a name; None for anything else (`$` may be many)."""
    upper = text.strip().upper()
    if upper in known_currencies():
        return upper
    name = plain(text)
    return _ALSO_CURRENCIES.get(text.strip().casefold()) or _ALSO_CURRENCIES.get(name) or _currency_names().get(name)


@cache
def _countries() -> frozenset[str]:
    return frozenset(all_countries())


@cache
def _country_names() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in _countries():
                found.setdefault(plain(name), code)
    return {**found, **_ALSO_COUNTRIES}


@cache
def _three_letters() -> dict[str, str]:
    """ISO 3166-1 alpha-3, as Babel lists them among the aliases of territories."""
    from babel.core import get_global

    aliases = get_global("territory_aliases")
    return {three: twos[0] for three, twos in aliases.items() if len(three) == 3 and three.isalpha() and len(twos) == 1}


@cache
def _currency_names() -> dict[str, str]:
    found: dict[str, str] = {}
    doubtful: set[str] = set()
    for language in LANGUAGES:
        for code, name in Locale(language).currencies.items():
            key = plain(name)
            if "(" in name:  # a variant: "(next day)", "(1924-1953)"
                continue
            if key in found and found[key] != code:
                doubtful.add(key)
            elif code in known_currencies():
                found[key] = code
    return {name: code for name, code in found.items() if name not in doubtful}


_WORDS_TOO = frozenset({"ALL", "TOP", "TRY", "CUP", "MAD", "PAB"})  # codes that are also words or abbreviations
_SEPARATORS = re.compile(r"[()\[\]_/,;:.\s-]+")


def currency_in(heading: str) -> str | None:
    """The currency that a heading of amounts names: "Umsatz (EUR)", "Amount in USD", "Betrag €"; None without one."""
    for word in _SEPARATORS.split(heading):
        if word in ("€", "£") or (len(word) == 3 and word.isupper() and word in known_currencies() - _WORDS_TOO):
            return currency_code(word)
    return None
