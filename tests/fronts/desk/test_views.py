"""The views of the list: kept, shared, renamed, forgotten, and the one that opens the list."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from fronts.desk.channel import answers, seen_by
from hanse.apps.accounts.models import FirstView, SavedView
from hanse.apps.audit import selectors as trail

pytestmark = pytest.mark.usefixtures("desk", "none_kept")
QUERY = "edition=quay%2F2025&country=FR"


@pytest.fixture
def none_kept(desk: None) -> Iterator[None]:
    yield
    SavedView.objects.all().delete()


def kept(name: str, *, by: str = "chief", **more: str) -> int:
    answer = seen_by(by).post("/views/", {"act": "save", "name": name, "query": QUERY, **more})
    assert (answer.status_code, answer["Location"]) == (302, f"/partners/?{QUERY}")
    return int(SavedView.objects.get(name=name, user__username__startswith=by).pk)


def offered(by: str) -> list[str]:
    page = seen_by(by).get("/partners/?edition=quay/2025").text
    line = re.search(r'<nav class="switch views.*?</nav>', page, re.DOTALL)
    assert line is not None
    return [name for name in re.findall(r'">([^<]+)</a></li>', line[0]) if name not in ("All partners", "Change views")]


def test_a_view_is_kept_and_shown_with_what_it_shows() -> None:
    kept("France")
    assert offered("chief") == ["France"]
    assert offered("finance") == []
    page = seen_by("chief").get(f"/partners/?{QUERY}").text
    assert f'<a href="/partners/?{QUERY.replace("&", "&amp;")}" aria-current="true">France</a>' in page
    assert "Nordlicht" not in page


def test_a_view_keeps_what_a_list_asks_and_nothing_else() -> None:
    seen_by("chief").post(
        "/views/", {"act": "save", "name": "odd", "query": f"{QUERY}&after=P-1&next=//evil.example&sort="}
    )
    assert SavedView.objects.get(name="odd").query == QUERY


def test_a_shared_view_is_the_teams_to_use_and_its_makers_to_change() -> None:
    number = kept("France", shared="1")
    assert offered("finance") == offered("manager") == ["France"]
    page = seen_by("finance").get("/views/").text
    assert "shared by chief@vendor.example" in page
    assert "Rename, share, delete" not in page
    for act in ("change", "delete"):
        answer = seen_by("finance").post("/views/", {"act": act, "view": number, "name": "mine", "shared": "1"})
        assert answer.status_code in (400, 404)
    assert SavedView.objects.get(pk=number).name == "France"


def test_the_list_opens_with_a_view() -> None:
    number = kept("France", shared="1")
    finance = seen_by("finance")
    assert finance.get("/partners/").status_code == 200
    assert finance.post("/views/", {"act": "first", "view": number}).status_code == 302
    answer = finance.get("/partners/")
    assert (answer.status_code, answer["Location"]) == (302, f"/partners/?{QUERY}")
    assert finance.get("/partners/?edition=quay/2025").status_code == 200
    seen_by("chief").post("/views/", {"act": "change", "view": number, "name": "France"})  # private again
    assert finance.get("/partners/").status_code == 200
    assert not FirstView.objects.exists()


def test_a_view_is_renamed_and_forgotten() -> None:
    number, other = kept("France"), kept("Gold")
    chief = seen_by("chief")
    taken = chief.post("/views/", {"act": "change", "view": other, "name": "France"})
    assert taken.status_code == 400
    assert "another view of yours has this name" in taken.text
    assert chief.post("/views/", {"act": "change", "view": number, "name": " La  France "}).status_code == 302
    assert sorted(offered("chief")) == ["Gold", "La France"]
    assert chief.post("/views/", {"act": "delete", "view": number}).status_code == 302
    page = chief.get("/views/").text
    assert f'href="/partners/?{QUERY.replace("&", "&amp;")}"' in page  # the way back
    assert offered("chief") == ["Gold"]
    done = [e.action for e in trail.entries(_reader(), action="accounts", limit=8)]
    assert done[:2] == ["accounts.view_delete", "accounts.view_change"]


def _reader() -> trail.Asker:
    from hanse.apps.accounts.actors import operator

    return operator()


def test_what_is_wrong_is_said_and_stays_typed() -> None:
    answer = seen_by("chief", "fr").post("/views/", {"act": "save", "name": "x" * 80, "query": QUERY})
    assert answer.status_code == 400
    assert "x" * 80 in answer.text
    assert seen_by("chief").post("/views/", {"act": "delete", "view": "1e3"}).status_code in (400, 404)


def test_it_is_for_the_vendor() -> None:
    assert {name for name, status in answers("/views/").items() if status == 404} == {"member", "nobody"}
