"""The list of imports, the files on their way, and what arrives when files are dropped."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from fronts.desk.channel import answers, queries, seen_by
from fronts.desk.dropping import csv, drop, sold, workbook
from hanse.apps.accounts.actors import operator
from hanse.apps.imports import keeping, selectors
from hanse.fronts.pages import uploads

pytestmark = pytest.mark.usefixtures("desk")
IMPORTERS = {"chief": 200, "finance": 404, "auditor": 200, "manager": 404, "member": 404, "nobody": 404}
BOUND = 2 * uploads.MEGABYTE


def arrived() -> int:
    return len(selectors.upload_list(operator()))


def test_each_import_says_what_became_of_its_rows() -> None:
    page = seen_by("chief").get("/imports/").text
    assert "sales.csv" in page
    assert '<a class="unmet" href="/imports/1/">1</a>' in page
    assert "enregistré" in seen_by("chief", "fr").get("/imports/").text


def test_whoever_imports_nothing_finds_no_such_page() -> None:
    assert answers("/imports/") == IMPORTERS
    assert answers("/imports/1/") == IMPORTERS
    assert set(answers("/imports/99/").values()) == {404}
    assert set(answers(f"/imports/{10**30}/").values()) == {404}


def test_who_only_reads_has_nothing_to_drop_on() -> None:
    client = seen_by("auditor")
    assert 'type="file"' not in client.get("/imports/").text
    before = arrived()
    assert drop(client, ("a.csv", csv([sold("A-1")]))).status_code == 403
    assert arrived() == before


def test_several_files_at_once_stand_on_the_list() -> None:
    client = seen_by("chief")
    answer = drop(client, ("one.csv", csv([sold("O-1")])), ("two.xlsx", workbook([sold("O-2")])), source="the shop")
    assert (answer.status_code, answer["Location"]) == (302, "/imports/")
    page = client.get("/imports/").text
    assert "2 files have arrived." in page
    for name in ("one.csv", "two.xlsx", "the shop", "ready to be imported"):
        assert name in page


def test_what_is_wrong_is_said_and_the_source_stays() -> None:
    client = seen_by("chief")
    answer = drop(client, ("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(100)), source="the camera")
    assert answer.status_code == 400
    assert "photo.csv" in answer.text
    assert "the file is a picture" in answer.text
    assert 'value="the camera"' in answer.text
    answer = drop(seen_by("chief", "fr"), ("page.xls", b"<html><table><tr><td>1</td></tr></table>"))
    assert "le fichier est une page web" in answer.text
    assert "no file was chosen" in client.post("/imports/", {"source": "x"}).text


def test_a_name_is_no_path_and_no_markup() -> None:
    client = seen_by("chief")
    drop(client, ("../../etc/<b>passwd.csv", csv([sold("N-1")])))
    page = client.get("/imports/").text
    assert "<b>passwd" not in page
    assert "passwd.csv" in page
    assert not (keeping.kept("x").parent.parent / "etc").exists()


@override_settings(HANSE_UPLOAD_LIMIT=BOUND)
def test_a_file_beyond_its_bound_is_not_kept() -> None:
    client = seen_by("chief")
    before = arrived()
    row = ",".join(sold("L-1")).encode() + b"\n"
    answer = drop(client, ("large.csv", csv([sold("L-0")]) + row * (BOUND // len(row))))
    assert answer.status_code == 400
    assert "the file is larger than 2 MB" in answer.text
    assert arrived() == before
    assert not list(keeping.kept("x").parent.glob("partial-*"))


def test_other_pages_take_no_large_files() -> None:
    client = seen_by("chief")
    large = SimpleUploadedFile("large.csv", bytes(3 * uploads.MEGABYTE))
    assert client.post("/language/", {"language": "en", "file": large}).status_code == 302
    request = client.post("/language/", {"language": "en", "file": large}).wsgi_request
    assert uploads.bound(request) == 2 * uploads.MEGABYTE
    assert uploads.bound(client.get("/imports/").wsgi_request) == 200 * uploads.MEGABYTE


def test_a_script_is_told_where_to_go_on() -> None:
    answer = drop(seen_by("chief"), ("scripted.csv", csv([sold("X-1")])), **{"X-Upload": "1"})
    assert answer.status_code == 204
    assert answer["X-Next"].startswith("/imports/files/")


def test_the_limit_is_set_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HANSE_UPLOAD_LIMIT", raising=False)
    assert uploads.limit_of("HANSE_UPLOAD_LIMIT") == 200 * uploads.MEGABYTE
    monkeypatch.setenv("HANSE_UPLOAD_LIMIT", "5")
    assert uploads.limit_of("HANSE_UPLOAD_LIMIT") == 5 * uploads.MEGABYTE
    monkeypatch.setenv("HANSE_UPLOAD_LIMIT", "much")
    with pytest.raises(ValueError, match="whole number of megabytes"):
        uploads.limit_of("HANSE_UPLOAD_LIMIT")


def test_so_many_queries() -> None:
    assert queries(seen_by("chief"), "/imports/") == 5
