"""Two connected firms see what their level would be together: only while both agree, and what a merger would give."""

from __future__ import annotations

import re
from datetime import date

import pytest

from fronts.pages.signed_in import account, browser
from fronts.portal.guild import BLEU, GONE, SALT
from hanse.apps.accounts.actors import actor_of, operator
from hanse.apps.accounts.policy import NotThere, Refused
from hanse.apps.audit import selectors as audit
from hanse.apps.connections import services
from hanse.apps.connections.joint import asked_together, joint_agree, joint_ask
from hanse.apps.connections.models import Connection, Joint
from hanse.apps.evaluation import mergers
from hanse.apps.evaluation.together import together
from hanse.apps.registry.profile import visibility_set
from hanse.apps.standings import explained

pytestmark = pytest.mark.usefixtures("guild")
OF_BLEU, OF_SALT, OF_GONE, MEMBER = (f"{name}@together.example" for name in ("ann", "ben", "eve", "max"))


@pytest.fixture(scope="module", autouse=True)
def _people(guild: None) -> None:
    for who, partner in ((OF_BLEU, BLEU), (OF_SALT, SALT), (OF_GONE, GONE)):
        account(who, "partner_administrator", partner=partner)
        visibility_set(actor=actor_of(who), partner=partner, shown={"contact": "partners"})
    account(MEMBER, "partner_member", partner=BLEU)


@pytest.fixture
def connected() -> int:
    """Port Bleu and Salt are connected, and nobody has asked anything."""
    Joint.objects.all().delete()
    Connection.objects.all().delete()
    number = services.ask(actor=actor_of(OF_BLEU), partner=BLEU, other=SALT)
    services.accept(actor=actor_of(OF_SALT), number=number)
    return number


def page(who: str, other: str) -> str:
    return browser(who).get(f"/connections/together/{other}/").text


def send(who: str, other: str, act: str) -> str:
    return browser(who).post(f"/connections/together/{other}/", {"act": act}, follow=True).text


def test_one_asks_the_other_agrees_and_both_see_the_same(connected: int) -> None:
    assert "What would our level be together?" in browser(OF_BLEU).get("/connections/").text
    assert "Once it agrees" in send(OF_BLEU, SALT, "ask")
    assert "Asked on" in page(OF_BLEU, SALT)
    assert "the firm asks you" in browser(OF_SALT).get("/connections/").text
    asked = page(OF_SALT, BLEU)
    assert "Port Bleu asks what the level of both would be together." in asked
    assert "certified people" not in asked, "nothing is told before both agree"
    assert "both of you see it now" in send(OF_SALT, BLEU, "agree")
    ours, theirs = page(OF_BLEU, SALT), page(OF_SALT, BLEU)
    assert totals(ours) == totals(theirs)
    assert ("certified people", "4", "≥ 4") in totals(ours)
    assert ("revenue", "€12,000", "≥ €100,000") in totals(ours)
    assert "As if Salt had gone into your firm." in ours
    assert "As if your firm had gone into Port Bleu." in theirs
    assert not re.search(r"[ET]-\d", ours), "neither certificates nor persons"
    actions = {one.action for one in audit.entries(operator(), limit=50)}
    assert {"connections.joint_ask", "connections.joint_agree"} <= actions


def test_either_ends_it_at_once_and_so_does_the_end_of_the_connection(connected: int) -> None:
    for who, other in ((OF_SALT, BLEU), (OF_BLEU, SALT)):
        agree()
        assert "neither of you sees it any more" in send(who, other, "end")
        for actor, own, one in ((OF_BLEU, BLEU, SALT), (OF_SALT, SALT, BLEU)):
            assert not totals(page(actor, one))
            with pytest.raises(NotThere):
                together(actor=actor_of(actor), partner=own, other=one)
    agree()
    services.withdraw(actor=actor_of(OF_SALT), number=connected)
    assert browser(OF_BLEU).get(f"/connections/together/{SALT}/").status_code == 404
    number = services.ask(actor=actor_of(OF_BLEU), partner=BLEU, other=SALT)
    services.accept(actor=actor_of(OF_SALT), number=number)
    assert asked_together(actor=actor_of(OF_BLEU), partner=BLEU) == {}, "who connects anew agrees anew"


def test_it_is_what_a_merger_gives(connected: int) -> None:
    agree()
    found = together(actor=actor_of(OF_SALT), partner=SALT, other=BLEU)
    assert found.outcome is not None
    before = explained.outcome(actor=operator(), partner=BLEU)
    batch = mergers.merge(
        actor=operator(), partner=SALT, into=BLEU, kind="merged", on=date(2026, 6, 1), reason="one firm"
    )
    mergers_follow(batch)
    merged = explained.outcome(actor=operator(), partner=BLEU)
    assert found.outcome.standings[0]["level"] == merged.standings[0]["level"]
    assert checks(found.outcome.checks) == checks(merged.checks) != checks(before.checks)
    mergers_follow(mergers.unmerge(actor=operator(), partner=SALT, reason="two"))
    after = explained.outcome(actor=operator(), partner=BLEU)
    assert checks(after.checks) == checks(before.checks)


def test_who_may_ask_and_who_may_look(connected: int) -> None:
    with pytest.raises(Refused):
        joint_ask(actor=actor_of(MEMBER), partner=BLEU, other=SALT)
    with pytest.raises(NotThere):
        joint_ask(actor=actor_of(OF_GONE), partner=GONE, other=SALT)
    joint_ask(actor=actor_of(OF_BLEU), partner=BLEU, other=SALT)
    with pytest.raises(NotThere):
        joint_agree(actor=actor_of(OF_BLEU), partner=BLEU, other=SALT)
    assert browser(MEMBER).post(f"/connections/together/{SALT}/", {"act": "end"}).status_code == 404
    assert "An administrator of your firm decides." in page(MEMBER, SALT)
    assert browser(OF_GONE).get(f"/connections/together/{BLEU}/").status_code == 404
    joint_ask(actor=actor_of(OF_SALT), partner=SALT, other=BLEU)
    assert asked_together(actor=actor_of(OF_SALT), partner=SALT) == {BLEU: "agreed"}, "to ask back is to agree"


def agree() -> None:
    joint_ask(actor=actor_of(OF_BLEU), partner=BLEU, other=SALT)
    joint_agree(actor=actor_of(OF_SALT), partner=SALT, other=BLEU)


def mergers_follow(batch: int) -> None:
    from hanse.apps.evaluation.following import follow

    assert follow(batch)


def totals(text: str) -> list[tuple[str, ...]]:
    """Label, what is and what is needed of each requirement."""
    rows = re.findall(r'<th scope="row">([^<]*)</th><td[^>]*>([^<]*)</td><td[^>]*>([^<]*)</td></tr>', text)
    return [tuple(part.replace("\xa0", " ").replace("\u202f", " ").strip() for part in row) for row in rows]


def checks(rows: list[dict[str, object]]) -> list[tuple[object, ...]]:
    named = ("subject", "requirement", "metric", "actual", "needed", "met")
    return sorted((tuple(row[name] for name in named) for row in rows), key=repr)
