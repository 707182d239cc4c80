"""The standing letter as a file: tagged PDF with its fonts and its language, the same bytes for the same letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fronts.portal.guild import seen_by
from hanse.fronts.portal.letter import Letter
from hanse.fronts.portal.letter_pdf import as_pdf

pytestmark = pytest.mark.usefixtures("guild")
LETTER = Letter(
    language="fr", title="Situation de Élan", programme="Le quai", firm="Élan", key="P-1", place="Brest, France",
    day="30 juin 2026", level="Argent", level_name="silver", says="Élan se situe au niveau", since="depuis", until="",
    held_says="Elle détient :", held=(("Sécurité", "Spécialiste", "1 mai 2026"),),
    headings=("Compétence", "Niveau", "Depuis"), verify="Le fournisseur confirme.", numbers="Édition quay/2026",
    known_at=datetime(2026, 6, 30, tzinfo=UTC),
)  # fmt: skip


def test_it_is_a_file_of_its_own_name() -> None:
    answer = seen_by("ann").get("/standing/letter.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == "inline; filename*=UTF-8''P-1-Quay-30-Jun-2026.pdf"
    assert answer.content.startswith(b"%PDF-1.7")


def test_it_is_tagged_says_its_language_and_carries_its_fonts() -> None:
    made = as_pdf(LETTER)
    assert b"/StructTreeRoot" in made
    assert b"/Lang(fr)" in made.replace(b" ", b"")
    assert b"pdfuaid" in made
    assert b"/FontFile" in made


def test_the_same_letter_gives_the_same_bytes_and_nothing_in_it_is_markup() -> None:
    assert as_pdf(LETTER) == as_pdf(LETTER)
    assert as_pdf(replace(LETTER, firm="#panic() *x* $y$ @z <a>", place='#import "/etc/passwd"'))


def test_greek_and_cyrillic_keep_the_standards_and_other_scripts_still_make_a_file() -> None:
    assert b"pdfuaid" in as_pdf(replace(LETTER, firm="Ελλάς Софтуер Łódź"))
    assert as_pdf(replace(LETTER, firm="株式会社")).startswith(b"%PDF")


def test_a_strangers_firm_is_not_there() -> None:
    assert seen_by("ann").get("/standing/letter.pdf?partner=P-2").status_code == 404
