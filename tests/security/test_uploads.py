"""Files from outside: bounded, of a known kind, kept under a name of ours, and never by whoever may not."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from fronts import world
from fronts.pages.signed_in import browser
from hanse.apps.imports import kinds
from hanse.installation import home

pytestmark = pytest.mark.usefixtures("two_firms")
GOOD = b"partner,on,amount,currency\nP-zephyr,2026-04-07,10,EUR\n"


def dropped(name: str, content: bytes, by: str = "programme_manager") -> HttpResponse:
    """What the page of imports answers to a file."""
    sent = {"files": SimpleUploadedFile(name, content), "source": "files"}
    answer: HttpResponse = browser(world.address(by)).post("/imports/", sent)  # type: ignore[assignment]
    return answer


def kept() -> set[Path]:
    return set(home.room("files").iterdir())


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("program.csv", b"\x7fELF" + bytes(200)),
        ("page.csv", b"<!doctype html><script>alert(1)</script>"),
        ("picture.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ("packed.xlsx", packed({"../../escape.csv": GOOD})),
        ("damaged.xlsx", b"PK\x03\x04 this is no workbook"),
        ("letter.csv", b"%PDF-1.7 ..."),
        ("nothing.csv", b""),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(name: str, content: bytes) -> None:
    before = kept()
    answer = dropped(name, content)
    assert answer.status_code == 400
    assert name in answer.content.decode()
    assert kept() == before


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "MOST_UNPACKED", 1 << 20)  # as large as it says, though small for the test's sake
    before = kept()
    answer = dropped("bomb.xlsx", packed({"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": bytes(2 << 20)}))
    assert answer.status_code == 400
    assert kept() == before


def test_a_file_beyond_its_bound_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "HANSE_UPLOAD_LIMIT", 1 << 20)
    before = kept()
    answer = dropped("large.csv", GOOD + b"P-zephyr,2026-04-08,10,EUR\n" * 50_000)
    assert answer.status_code == 400
    assert "1 MB" in answer.content.decode()
    assert kept() == before


@pytest.mark.parametrize(
    "name", ["../../../../tmp/escaped.csv", "/etc/escaped.csv", "..\\..\\escaped.csv", "a\x00b.csv", "é" * 300]
)
def test_a_name_leads_nowhere(name: str) -> None:
    answer = dropped(name, GOOD + name.encode())
    assert answer.status_code in (302, 400)
    for path in kept():
        assert path.parent == home.room("files")
        assert "escaped" not in path.name
    assert not Path("/tmp/escaped.csv").exists()
    assert not Path("/etc/escaped.csv").exists()


@pytest.mark.parametrize("by", ["finance", "auditor", "manager.fr", "administrator.zephyr", "nobody"])
def test_who_may_not_import_leaves_no_file(by: str) -> None:
    before = kept()
    assert dropped("sales.csv", GOOD + by.encode(), by).status_code in (403, 404)
    assert kept() == before
