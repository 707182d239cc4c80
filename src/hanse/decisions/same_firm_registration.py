"""Which registration does a number stand for, and can it be right?

Numbers of one firm are written in several ways: a French VAT number, SIREN and SIRET name the same firm, and a country may stand before
a number or not. A number whose check digits are right is near proof; any other is only text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from stdnum import lei
from stdnum.fr import siren, siret
from stdnum.util import get_cc_module

from hanse.decisions.same_firm_fields import fold

_WORD = re.compile(r"[a-z0-9]+")
_PREFIXES = {"EL": "GR", "XI": "GB"}  # what VAT numbers begin with where it is not the country's code


@dataclass(frozen=True, slots=True)
class Registration:
    """`number` without the country where it is valid; two valid numbers of one `kind` that differ are two firms."""

    number: str
    kind: str
    valid: bool


@lru_cache(maxsize=20_000)
def registration_of(text: str, country: str | None = None) -> Registration | None:
    """Reads a VAT or registration number; None for one that says nothing. `country` is the record's, where it is known."""
    bare = "".join(_WORD.findall(fold(text))).upper()
    if len(bare) < 5 or sum(c.isdigit() for c in bare) < 4 or len({c for c in bare if c.isdigit()}) < 2:
        return None
    if len(bare) == 20 and lei.is_valid(bare):
        return Registration(bare, "LEI", valid=True)
    prefix = _PREFIXES.get(bare[:2], bare[:2]) if bare[:2].isalpha() else None
    for code in dict.fromkeys((prefix, country)):
        number = _valid(bare, code) if code else None
        if number:
            return Registration(number, f"{code} VAT", valid=True)
    return Registration(bare, f"{prefix or country or ''} {len(bare)}", valid=False)


def _valid(bare: str, country: str) -> str | None:
    """The number as the country writes it without its code, if its check digits are right."""
    if country == "FR" and bare.isdigit():
        return bare[:9] if (siret if len(bare) == 14 else siren).is_valid(bare) else None
    module = _module(country)
    if module is None or not module.is_valid(bare):
        return None
    number = str(module.compact(bare)).removeprefix(country).removeprefix("EL")
    if country == "CH":
        return "".join(c for c in number if c.isdigit())
    return number[2:] if country == "FR" else number


@cache
def _module(country: str) -> Any:
    """python-stdnum's rules for the VAT numbers of a country; None where it has none."""
    return get_cc_module(country, "vat") if len(country) == 2 and country.isascii() and country.isalpha() else None
