"""A file on its way: each step may be left and taken up again; what takes long says how far it is."""

from __future__ import annotations

import time

import pytest
from django.test import Client

from fronts.desk.channel import BLEU, answers, seen_by
from fronts.desk.dropping import csv, on_its_way, sold
from hanse.apps.accounts.actors import operator
from hanse.apps.imports import keeping, selectors, uploads

pytestmark = pytest.mark.usefixtures("desk")


def number(where: str) -> int:
    return int(where.strip("/").rpartition("/")[2])


def until(client: Client, where: str, state: str) -> dict[str, object]:
    """The upload once it is in a state; looked at as a page that waits does."""
    for _ in range(300):
        one = selectors.upload_of(operator(), number(where))
        if one["state"] == state:
            return one
        assert one["state"] in ("looking", "importing"), one["problems"]
        line = client.get(where, headers={"HX-Request": "true"})
        assert line.status_code in (200, 204)
        time.sleep(0.2)
    raise AssertionError(f"not {state} within a minute")


def test_a_large_file_is_worked_on_beside_the_requests() -> None:
    client = seen_by("chief")
    rows = [sold(f"B-{n}", amount=str(n)) for n in range(40_000)]
    content = csv(rows)
    assert len(content) > uploads.SMALL
    where = on_its_way(client, "large.csv", content)
    page = client.get(where)
    if page.status_code == 200:
        assert 'role="status"' in page.text
        assert "You may leave this page" in page.text
    until(client, where, "ready")
    assert client.get(where, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert "40,000" in client.get(f"{where}trial/").text
    assert client.post(f"{where}trial/")["Location"] == where
    one = until(client, where, "done")
    assert selectors.import_of(operator(), int(str(one["made_id"])))["added"] == 40_000
    assert client.get(where)["Location"] == f"/imports/{one['made_id']}/"


def test_what_was_interrupted_goes_on() -> None:
    """A process died between two steps: the state stands in the database, and nobody holds the lock."""
    from hanse.apps.imports.models import Upload

    client = seen_by("chief")
    where = on_its_way(client, "cut.csv", csv([sold("I-1")]))
    long_ago = selectors.upload_of(operator(), number(where))["changed"].replace(year=2020)
    Upload.objects.filter(pk=number(where)).update(state="importing", changed=long_ago)
    page = client.get(where).text
    assert "was interrupted" in page
    assert "interrupted" in client.get("/imports/").text
    client.post(where, {"act": "go-on"})
    assert client.get(where)["Location"].startswith("/imports/")
    assert "recorded" in client.get(client.get(where)["Location"]).text


def test_a_file_is_given_up_and_forgotten() -> None:
    client = seen_by("chief")
    where = on_its_way(client, "no.csv", csv([sold("G-1")]))
    kept = keeping.kept(str(selectors.upload_of(operator(), number(where))["sha256"]))
    assert kept.is_file()
    answer = client.post(where, {"act": "give-up"}, follow=True)
    assert "no.csv is given up: nothing of it was recorded." in answer.text
    assert client.get(where).status_code == 404
    assert not kept.exists()


def test_what_nobody_carries_on_is_cleared_away_after_some_days() -> None:
    from hanse.apps.imports.models import Upload

    client = seen_by("chief")
    old = on_its_way(client, "old.csv", csv([sold("C-1")]))
    changed = selectors.upload_of(operator(), number(old))["changed"].replace(year=2020)
    Upload.objects.filter(pk=number(old)).update(changed=changed)
    on_its_way(client, "new.csv", csv([sold("C-2")]))
    assert client.get(old).status_code == 404


def test_what_cannot_be_read_says_so_and_may_be_given_up() -> None:
    client = seen_by("chief")
    where = on_its_way(client, "quote.csv", f'partner,on,amount,currency\n{BLEU},"2026-04-01,10,EUR\n'.encode())
    page = client.get(where).text
    assert "a quote is opened here and never closed" in page
    assert "Give it up" in page
    assert "un guillemet est ouvert ici et jamais fermé" in seen_by("chief", "fr").get(where).text


def test_only_who_imports_finds_it() -> None:
    where = on_its_way(seen_by("chief"), "found.csv", csv([sold("F-1")]))
    seen = {"chief": 302, "finance": 404, "auditor": 302, "manager": 404, "member": 404, "nobody": 404}
    assert answers(where) == seen
    assert seen_by("auditor").post(where, {"act": "give-up"}).status_code == 403
    assert set(answers(f"/imports/files/{10**30}/").values()) == {404}
