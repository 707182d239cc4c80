"""The list: filters, order, pages, counts, and nobody else's partners."""

from __future__ import annotations

import re

import pytest

from fronts.desk.channel import EDITION, answers, queries, seen_by
from hanse.apps.accounts.actors import Actor, operator
from hanse.apps.standings import lists
from hanse.apps.standings.lists import Wanted

pytestmark = pytest.mark.usefixtures("desk")
ALL = ["P-3", "P-1", "P-2"]  # Élan, Nordlicht, Port Bleu


def listed(path: str, name: str = "chief") -> list[str]:
    """The keys of the partners on a page, in order."""
    page = seen_by(name).get(path)
    assert page.status_code == 200
    return re.findall(r'<th scope="row"><a href="/partners/([^/]+)/"', page.text)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ALL),
        ("?down=1", ALL[::-1]),
        ("?sort=level", ["P-3", "P-1", "P-2"]),
        ("?sort=level&down=1", ["P-2", "P-1", "P-3"]),
        ("?sort=country", ["P-1", "P-3", "P-2"]),
        ("?country=FR", ["P-3", "P-2"]),
        ("?level=silver", ["P-3", "P-1"]),
        ("?type=reseller&country=FR", ["P-3"]),
        ("?group=G-1", ["P-3", "P-1"]),
        ("?moving=rising", ["P-2"]),
        ("?moving=falling", ["P-3"]),
        ("?moving=waiting", []),
        ("?text=elan", ["P-3"]),
        ("?text=%C3%89LA", ["P-3"]),
        ("?text=bre+po", ["P-2"]),
        ("?text=P-1", ["P-1"]),
        ("?text=ord", []),  # words are found by their beginnings
        ("?text=%27%29%7C%26%3A*", ALL),  # nothing that could be searched for
        ("?text=%00&sort=nonsense&moving=x&after=%00", ALL),
        ("?after=P-3", ["P-1", "P-2"]),
        ("?before=P-2", ["P-3", "P-1"]),
        ("?after=P-2", []),
        ("?after=nobody", ALL),
    ],
)
def test_filters_orders_and_places(asked: str, found: list[str]) -> None:
    assert listed(f"/partners/{asked}") == found


def test_a_manager_lists_its_countries_alone_whatever_the_filter() -> None:
    assert listed("/partners/", "manager") == ["P-3", "P-2"]
    for asked in ("?country=DE", "?text=nordlicht", "?level=gold"):
        assert listed(f"/partners/{asked}", "manager") == []
    assert listed("/partners/?group=G-1", "manager") == ["P-3"]
    assert listed("/partners/?after=P-1", "manager") == ["P-3", "P-2"]  # a place that is not its to know
    assert "Germany" not in seen_by("manager").get("/partners/").text


@pytest.mark.parametrize("sort", lists.SORTS)
@pytest.mark.parametrize("descending", [False, True])
def test_pages_forwards_and_backwards_are_the_whole_list(sort: str, descending: bool) -> None:
    wanted = Wanted(EDITION, sort=sort, descending=descending)
    whole = lists.partner_page(actor=operator(), wanted=wanted)
    assert (len(whole.lines), whole.earlier, whole.later) == (3, False, False)
    keys = [line.partner for line in whole.lines]
    page = lists.partner_page(actor=operator(), wanted=wanted, limit=1)
    forwards = [page.lines[0].partner]
    while page.later:
        page = lists.partner_page(actor=operator(), wanted=wanted, after=page.lines[-1].partner, limit=1)
        forwards.append(page.lines[0].partner)
    backwards = [page.lines[0].partner]
    while page.earlier:
        page = lists.partner_page(actor=operator(), wanted=wanted, before=page.lines[0].partner, limit=1)
        backwards.append(page.lines[0].partner)
        assert page.later
    assert forwards == keys
    assert backwards == keys[::-1]


@pytest.mark.parametrize(
    "wanted",
    [Wanted(EDITION), Wanted(EDITION, country="FR"), Wanted(EDITION, moving="falling"), Wanted(EDITION, text="port"),
     Wanted(EDITION, type="reseller", level="silver"), Wanted(EDITION, group="G-1"), Wanted(EDITION, country="XX")],
)  # fmt: skip
def test_what_is_counted_is_what_is_listed(wanted: Wanted) -> None:
    manager = Actor("m", frozenset({"partner_manager"}), countries=frozenset({"FR"}))
    both = Actor("b", frozenset({"partner_manager"}), countries=frozenset({"FR"}), partners=frozenset({"P-1"}))
    for actor in (operator(), manager, both):
        found = lists.partner_page(actor=actor, wanted=wanted).lines
        assert lists.partner_counts(actor=actor, wanted=wanted).wanted == len(found)


def test_a_stranger_finds_no_list() -> None:
    expected = {"chief": 200, "finance": 200, "auditor": 200, "manager": 200, "member": 404, "nobody": 404}
    assert answers("/partners/") == expected
    assert answers("/partners/?edition=quay/1900") == dict.fromkeys(expected, 404)


def test_what_decides_is_said_in_both_languages() -> None:
    page = seen_by("chief").get("/partners/?country=FR").text
    assert "about to fall" in page
    assert "revenue €19,010" in page
    french = seen_by("chief", "fr").get("/partners/?country=FR").text
    assert "sur le point de descendre" in french
    assert "chiffre d&#x27;affaires 19" in french


def test_so_many_queries() -> None:
    client = seen_by("chief")
    assert queries(client, "/partners/") == 8
    assert queries(client, "/partners/?text=port&sort=level&after=P-3") == 9
