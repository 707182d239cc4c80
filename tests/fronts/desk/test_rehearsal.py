"""What a change would do: findings, flows, movers with their reasons, for each reader as much as it may see."""

from __future__ import annotations

import json

import pytest

from fronts.desk.changed import found, sent
from fronts.desk.channel import answers, queries, seen_by

pytestmark = pytest.mark.usefixtures("desk")


@pytest.fixture(scope="module")
def path(desk: None) -> str:
    return sent()


def test_its_titles_are_findings(path: str) -> None:
    page = seen_by("chief").get(path).text
    assert "1 of 3 partners would fall, nobody would rise" in page
    assert "100% of the falls are because of Silver’s revenue" in page
    assert "100% of all movers are in: Germany" in page
    assert "at least €20,000" in page
    assert "at least €75,000" in page


def test_the_picture_and_the_table_say_the_same(path: str) -> None:
    page = seen_by("chief").get(path).text
    links = json.loads(found(r'id="sankey" type="application/json">(.*?)</script>', page))["series"][0]["links"]
    table = found(r"Partners by level before(.*?)</table>", page)
    assert sum(int(link["tooltip"]["formatter"].rpartition(": ")[2]) for link in links) == 3
    assert 'href="?before=silver&after=member#movers">1</a>' in table
    assert {(link["source"], link["target"]) for link in links} >= {("before:silver", "after:member")}


def test_a_mover_has_its_reason_and_how_far_short_it_is(path: str) -> None:
    page = seen_by("chief").get(path).text
    assert "Nordlicht Systeme" in page
    assert "has €70,000; €75,000 instead of €20,000 needed" in page
    assert "Nordlicht" not in seen_by("chief").get(path + "?country=FR").text
    assert "No mover is like that" in seen_by("chief").get(path + "?before=gold").text
    assert "1 of 1 movers" in seen_by("chief").get(path + "?because=silver:revenue").text


def test_a_partner_manager_sees_movers_of_its_countries_and_no_figures_of_the_channel(path: str) -> None:
    page = seen_by("manager").get(path).text
    assert "Nordlicht" not in page
    assert "nobody would rise" not in page
    assert "Nobody whom you see would change level" in page


def test_it_speaks_french(path: str) -> None:
    page = seen_by("chief", "fr").get(path).text
    assert "partenaire" in page
    assert "Nobody" not in page


def test_a_remark_is_kept_and_an_empty_one_refused(path: str) -> None:
    client = seen_by("finance")
    assert client.post(path, {"text": "  "}).status_code == 400
    answer = client.post(path, {"text": "Too harsh on Hamburg?"}, follow=True)
    assert "Too harsh on Hamburg?" in answer.text
    assert seen_by("auditor").post(path, {"text": "me too"}).status_code == 400


def test_a_partner_and_a_stranger_find_no_page(path: str) -> None:
    assert answers(path) == {"chief": 200, "finance": 200, "auditor": 200, "manager": 200, "member": 404, "nobody": 404}
    assert seen_by("chief").get("/rehearsals/999/").status_code == 404
    assert seen_by("chief").get(f"/rehearsals/{10**30}/").status_code == 404


def test_so_many_queries(path: str) -> None:
    assert queries(seen_by("chief"), path) == 9
