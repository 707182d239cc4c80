"""How does the standing letter become a file? By Typst: tagged, with its typefaces, in its language.

The text travels as data, so that no name can be taken for markup. It is PDF/A-2a (for archives) and PDF/UA-1 (for
readers of screens). What the built-in typeface (Latin, Greek, Cyrillic) does not cover is set in one of the machine, as
far as it can be shown, and without the two standards.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import typst
from django.http import HttpResponse
from django.utils.encoding import escape_uri_path
from django.views.decorators.http import require_safe

from hanse.fronts.pages.reader import PageRequest
from hanse.fronts.portal.letter import Letter, letter_of

SOURCE = Path(__file__).with_name("letter.typ")
STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]


@require_safe
def letter_pdf(request: PageRequest) -> HttpResponse:
    """The file. Raises NotThere where there is no standing to be written of."""
    found = letter_of(request)
    answer = HttpResponse(as_pdf(found), content_type="application/pdf")
    name = f"{found.key}-{found.programme}-{found.day}.pdf".replace("/", "-").replace(" ", "-")
    answer.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{escape_uri_path(name)}"
    return answer


def as_pdf(letter: Letter) -> bytes:
    """The letter as PDF. The same letter gives the same bytes."""
    try:
        return _written(letter, STANDARDS)
    except typst.TypstError:
        return _written(letter, [], whole=False)


def _written(letter: Letter, standards: list[typst.PDFStandard], *, whole: bool = True) -> bytes:
    told = json.dumps({**asdict(letter), "known_at": None, "fallback": not whole}, ensure_ascii=False)
    written = typst.compile(
        SOURCE.read_bytes(), sys_inputs={"letter": told}, pdf_standards=standards, font_paths=_fonts(system=not whole),
        timestamp=letter.known_at,
    )  # fmt: skip
    assert isinstance(written, bytes)
    return written


@lru_cache(maxsize=2)
def _fonts(*, system: bool) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=system)
