"""Files dropped on the page of imports, as the tests of its steps do it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from fronts.desk.channel import BLEU, ELAN

HEADINGS = ("partner", "on", "amount", "currency", "customer")


def csv(rows: Iterable[Sequence[str]], headings: Sequence[str] = HEADINGS) -> bytes:
    return "".join(",".join(row) + "\n" for row in (headings, *rows)).encode()


def sold(customer: str, *, partner: str = BLEU, on: str = "2026-04-02", amount: str = "10") -> tuple[str, ...]:
    return partner, on, amount, "EUR", customer


def with_errors(mark: str) -> bytes:
    """Two good rows and two that are refused: a day that is none, an amount that is none."""
    return csv([
        sold(f"{mark}-1"), sold(f"{mark}-2", partner=ELAN), sold(f"{mark}-3", on="2026-04-31"),
        sold(f"{mark}-4", amount="ten"),
    ])  # fmt: skip


def workbook(rows: Iterable[Sequence[str]], headings: Sequence[str] = HEADINGS) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (headings, *rows):
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def drop(client: Client, *files: tuple[str, bytes], source: str = "orders", **headers: str) -> HttpResponse:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post("/imports/", {"files": sent, "source": source}, headers=headers)  # type: ignore[return-value]


def on_its_way(client: Client, name: str, content: bytes, **more: str) -> str:
    """The address of the upload that a dropped file becomes."""
    answer = drop(client, (name, content), **more)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def imported(client: Client, name: str, content: bytes, **more: str) -> str:
    """The address of the import that a file becomes which asks nothing."""
    where = on_its_way(client, name, content, **more)
    assert client.post(f"{where}trial/", {"reason": "a test"}).status_code == 302
    return str(client.get(where)["Location"])
