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
