"""The trail: searched, paged, proved; and of others only for those who read it all."""

from __future__ import annotations

import re

import pytest

from fronts.desk.channel import answers, queries, seen_by
from hanse.apps.audit import selectors as trail

pytestmark = pytest.mark.usefixtures("desk")


def entries(path: str, name: str = "chief") -> list[str]:
    """The actions on a page, in order."""
    page = seen_by(name).get(path)
    assert page.status_code == 200
    return re.findall(r"<td>([a-z_]+\.[a-z_0-9]+)</td>", page.text)


def test_a_search_finds_by_each_field() -> None:
    assert set(entries("/audit/?action=imports")) == {"imports.import_file"}
    assert entries("/audit/?subject=run+1") == ["evaluation.evaluate"]
    assert entries("/audit/?by=nobody") == []
    assert entries("/audit/?since=2999-01-01") == []
    assert entries("/audit/?until=1999-01-01") == []
    assert len(entries("/audit/?since=0001-01-01&until=9999-12-31&before=3")) == 2
    assert entries("/audit/?before=x&since=31.12.&by=%00") == entries("/audit/")


def test_a_text_is_found_in_any_field() -> None:
    assert entries("/audit/?text=member@vendor") == [
        "accounts.role_grant",
        "accounts.password_set",
        "accounts.user_add",
    ]
    assert entries("/audit/?text=PARTNER_MEMBER") == ["accounts.role_grant"]  # in what was so after
    assert entries("/audit/?text=100%25_") == []
    assert entries("/audit/?text=member@vendor&action=accounts.user_add") == ["accounts.user_add"]
    assert entries("/audit/?text=member@vendor", "finance") == []


def test_a_text_is_looked_for_so_far_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "SEARCHED", 5)
    page = seen_by("chief").get("/audit/?text=quay/2025").text
    last = trail.verify().entries
    assert f"back to entry {last - 4}" in page
    assert f"before={last - 4}" in page


def test_subjects_lead_to_what_they_are() -> None:
    page = seen_by("chief").get("/audit/").text
    assert '<a href="/runs/2/">run 2</a>' in page
    assert '<a href="/imports/1/">import:1</a>' in page
    assert '<a href="/users/?text=member%40vendor.example">user:member@vendor.example</a>' in page


def test_a_head_that_was_noted_down_is_checked() -> None:
    chief, head = seen_by("chief"), trail.verify().head
    assert "It is the one whose head was noted down" in chief.get("/audit/", {"verify": "1", "expect": head}).text
    other = head[:-4] + "0000"
    assert "has another hash than expected" in chief.get("/audit/", {"verify": "1", "expect": other}).text
    assert "is no head" in chief.get("/audit/", {"verify": "1", "expect": "nonsense"}).text


def test_the_proof_is_for_those_who_read_it_all() -> None:
    answer = seen_by("auditor").get("/audit/proof.json")
    assert "attachment" in answer["Content-Disposition"]
    kept = answer.json()
    assert (kept["holds"], kept["head"]) == (True, trail.verify().head)
    expected = {"chief": 200, "finance": 404, "auditor": 200, "manager": 404, "member": 404, "nobody": 404}
    assert answers("/audit/proof.json") == expected


def test_the_chain_is_proved_for_those_who_read_it_all() -> None:
    assert f"The trail holds: {trail.verify().entries} entries" in seen_by("chief").get("/audit/?verify=1").text
    assert "The trail holds" not in seen_by("finance").get("/audit/?verify=1").text
    assert "La piste est intacte" in seen_by("auditor", "fr").get("/audit/?verify=1").text


def test_others_see_their_own_acts() -> None:
    assert entries("/audit/", "finance") == []
    assert "You see what you did yourself" in seen_by("finance").get("/audit/").text


def test_it_is_for_the_vendor() -> None:
    found = answers("/audit/")
    assert {name for name, status in found.items() if status == 404} == {"member", "nobody"}


def test_so_many_queries() -> None:
    assert queries(seen_by("chief"), "/audit/") == 4
