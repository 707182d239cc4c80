"""What became of a firm is said, shown, followed, and taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from fronts.desk.channel import BLEU, ELAN, NORDLICHT, answers, seen_by
from hanse.apps.accounts.actors import operator
from hanse.apps.directory import selectors as directory
from hanse.apps.directory.models import Entry
from hanse.apps.evaluation import mergers
from hanse.apps.evaluation.following import follow
from hanse.apps.evidence.structure import events_of
from hanse.apps.standings.models import Listed
from hanse.apps.standings.selectors import standing_list

pytestmark = pytest.mark.usefixtures("desk")
TODAY = timezone.now().date()


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Whatever a test said is taken back, so that each begins with three firms of which nothing became."""
    yield
    for partner in (BLEU, ELAN, NORDLICHT):
        for event in events_of(actor=operator(), partner=partner):
            if event.partner == partner:
                follow(mergers.unbecame(actor=operator(), partner=partner, fact=event.fact, reason="after the test"))


def say(kind: str, partner: str = BLEU, **sent: str) -> tuple[Client, str, int]:
    """The page after the form was sent by the chief."""
    client = seen_by("chief")
    given = {"on": "2026-05-01", "why": "in the register", **sent}
    page = client.post(f"/partners/{partner}/became/?kind={kind}", given, follow=True)
    return client, page.text, page.status_code


def undo(client: Client, partner: str = BLEU) -> str:
    event = events_of(actor=operator(), partner=partner)[0]
    address = f"/partners/{partner}/became/{event.fact}/"
    assert "in the register" in client.get(address).text
    return client.post(address, {"why": "it was another firm"}, follow=True).text


def test_a_firm_has_a_new_name_and_is_found_under_both() -> None:
    client, page, _ = say("renamed", name="Port Azur", note="RCS 7")
    assert re.search(r"<h1[^>]*>Port Azur", page)
    assert "Port Azur was called Port Bleu before" in page
    assert "RCS 7" in page
    assert "Called Port Bleu until" in page
    for typed in ("azur", "bleu"):
        assert f"/partners/{BLEU}/" in client.get(f"/search/?q={typed}").text, typed
        assert "Port Azur" in client.get(f"/partners/?text={typed}").text, typed
    back = undo(client)
    assert "It is taken back" in back
    assert re.search(r"<h1[^>]*>Port Bleu", back)
    assert "Port Azur" not in client.get("/partners/?text=azur").text


def test_what_a_firm_that_closed_loses_comes_back() -> None:
    before = set(
        standing(),
    )
    client, page, _ = say("closed", on=TODAY.isoformat())
    assert "Port Bleu closed" in page
    assert set(Entry.objects.values_list("partner", flat=True)) == {NORDLICHT, ELAN}
    assert directory.differences() == []
    undo(client)
    assert set(Entry.objects.values_list("partner", flat=True)) == {NORDLICHT, BLEU, ELAN}
    assert set(standing()) == before


def test_its_standing_ends_on_the_day() -> None:
    say("closed", on="2026-06-30")
    assert BLEU not in standing()
    assert not Listed.objects.filter(partner=BLEU).exists(), "neither list nor map shows it"


def test_an_end_may_be_told_before_it_comes() -> None:
    say("closed", on=(TODAY + timedelta(30)).isoformat())
    assert BLEU in standing()
    assert Entry.objects.filter(partner=BLEU).exists()


def standing() -> dict[str, str | None]:
    return {row["partner"]: row["level"] for row in standing_list(operator(), "quay/2025")}


def test_a_part_leaves() -> None:
    assert "Élan Conseil came out of Port Bleu" in say("split", into=ELAN)[1]
    assert "Élan Conseil came out of Port Bleu" in seen_by("chief").get(f"/partners/{ELAN}/").text


@pytest.mark.parametrize(
    ("kind", "sent", "says"),
    [
        ("renamed", {"name": ""}, "the new name is missing"),
        ("renamed", {"name": " Port  Bleu "}, "it has this name already"),
        ("renamed", {"name": "Port Azur", "on": "2099-01-01"}, "the day has not come yet"),
        ("renamed", {"name": "Port Azur", "on": "2001-01-01"}, "the day is before the firm joined"),
        ("split", {"into": ""}, "the other record is missing"),
        ("split", {"into": BLEU}, "this is the firm itself"),
        ("split", {"into": "P-99"}, "there is no such partner"),
        ("belongs", {"into": BLEU}, "this is the firm itself"),
        ("belongs", {"into": "P-99"}, "there is no such partner"),
        ("belongs", {}, "it belongs there already"),
        ("belongs", {"into": ELAN, "name": "G"}, "a firm above and a group are both given"),
        ("closed", {"on": "1999-01-01"}, "the day is before the firm joined"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(kind: str, sent: dict[str, str], says: str) -> None:
    _, page, status = say(kind, note="as we heard", **sent)
    assert status == 400
    assert says in page
    for typed in ("in the register", "as we heard", *(v for v in sent.values() if v and v != " Port  Bleu ")):
        assert typed in page, typed
    assert events_of(actor=operator(), partner=BLEU) == []


def test_names_follow_one_another_and_an_end_comes_once() -> None:
    say("renamed", name="Port Azur")
    assert "a later change of name is on record" in say("renamed", name="Port Vert", on="2026-04-01")[1]
    say("closed", on="2026-06-01")
    assert "it has left already" in say("closed", on="2026-06-02")[1]


def test_a_group_is_a_tree_as_of_any_day() -> None:
    client, page, _ = say("belongs", into=NORDLICHT)
    assert "Port Bleu belongs to Nordlicht Systeme" in page
    assert tree(page) == [("1", "Élan Conseil"), ("1", "Nordlicht Systeme"), ("2", "Port Bleu")]
    assert "Group G-1" in page
    before = client.get(f"/partners/{NORDLICHT}/?on=2026-04-30").text
    assert tree(before) == [("1", "Élan Conseil"), ("1", "Nordlicht Systeme")]
    assert "this leads round in a circle" in say("belongs", partner=NORDLICHT, into=BLEU)[1]
    assert "this leads round in a circle" in say("belongs", partner=NORDLICHT, into=BLEU, on="2026-01-01")[1]
    say("belongs", on="2026-06-01")
    assert "Port Bleu stands on its own" in client.get(f"/partners/{BLEU}/").text
    assert tree(client.get(f"/partners/{NORDLICHT}/?on=2026-05-31").text)[2] == ("2", "Port Bleu")
    assert tree(client.get(f"/partners/{NORDLICHT}/").text) == tree(before)


def test_the_portal_shows_the_group_to_its_members() -> None:
    say("belongs", into=NORDLICHT)
    page = seen_by("member").get("/firm/").text
    assert tree(page) == [("1", "Port Bleu")], "the others show nothing of themselves"
    assert "and 2 more that are not shown to you" in page


def tree(page: str) -> list[tuple[str, str]]:
    """Depth and name of each company."""
    found = re.findall(r'<li class="depth-(\d)"><span class="grow">(?:<a [^>]*>|<b>)?([^<]*?)\s*<', page)
    return [(depth, name) for depth, name in found]


def test_who_enters() -> None:
    seen = {"chief": 200, "finance": 404, "auditor": 404, "manager": 404, "member": 404, "nobody": 404}
    assert answers(f"/partners/{BLEU}/became/") == seen
    say("split", into=ELAN)
    number = events_of(actor=operator(), partner=BLEU)[0].fact
    assert answers(f"/partners/{BLEU}/became/{number}/") == seen
    assert set(answers(f"/partners/{BLEU}/became/{number + 1}/").values()) == {404}
    assert events_of(actor=operator(), partner=BLEU)[0].on == date(2026, 5, 1)
