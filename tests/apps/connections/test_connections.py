"""Asking, answering, ending: who may, what each sees, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from hanse.apps.accounts.actors import Actor, actor_of, operator
from hanse.apps.accounts.policy import NotThere, Refused
from hanse.apps.accounts.roles import ADMINISTRATOR
from hanse.apps.accounts.services import role_grant, user_add
from hanse.apps.audit import selectors as audit
from hanse.apps.connections import selectors, services
from hanse.apps.connections.models import Connection
from hanse.apps.directory.showing import visibility_set
from hanse.apps.evidence import structure
from hanse.apps.evidence.services import record_facts
from hanse.apps.registry.selectors import followed
from hanse.language.problems import CallError

BLEU, NORD, HIDDEN = "P-1", "P-2", "P-3"


@pytest.fixture(autouse=True)
def firms(database: None) -> None:
    """Two firms that show their level to partners, one that shows nothing; somebody at each."""
    record_facts(actor=operator(), source="test", rows={
        "partners": [
            {"partner": key, "name": name, "country": "FR", "joined": "2015-01-01", "website": f"https://{name}.example"}
            for key, name in ((BLEU, "bleu"), (NORD, "nord"), (HIDDEN, "hidden"))
        ],
        "locations": [{"partner": NORD, "location": "1", "phone": "+33 1"}],
    })  # fmt: skip
    for name, partner in (("ann", BLEU), ("bob", NORD), ("eve", HIDDEN)):
        user_add(actor=operator(), username=address(name), name=name.capitalize())
        role_grant(actor=operator(), username=address(name), role=ADMINISTRATOR, partner=partner)
    for partner in (BLEU, NORD):
        visibility_set(actor=of(partner), partner=partner, shown={"level": "partners"})


def address(name: str) -> str:
    return f"{name}@firm.example"


def of(partner: str) -> Actor:
    return followed(actor_of(address({BLEU: "ann", NORD: "bob", HIDDEN: "eve"}[partner])))


def seen(partner: str) -> list[tuple[str, str]]:
    return [(one.partner, one.stands) for one in selectors.connections(actor=of(partner), partner=partner)]


def test_contact_data_is_seen_once_accepted_and_no_longer_than_that() -> None:
    number = services.ask(actor=of(BLEU), partner=BLEU, other=NORD, message="Hello")
    assert (seen(BLEU), seen(NORD), seen(HIDDEN)) == ([(NORD, "asked")], [(BLEU, "waiting")], [])
    before = selectors.between(actor=of(BLEU), partner=BLEU, other=NORD)
    assert before is not None
    assert before.contact is None
    assert [one.name for one in selectors.waiting_for(actor=of(NORD))] == ["bleu"]
    services.accept(actor=of(NORD), number=number)
    (known,) = selectors.connections(actor=of(BLEU), partner=BLEU)
    assert known.contact == selectors.Contact("https://nord.example", ("+33 1",), (("Bob", address("bob")),))
    services.give(actor=of(NORD), partner=NORD, website=True, phone=False, email=False)
    (known,) = selectors.connections(actor=of(BLEU), partner=BLEU)
    assert known.contact == selectors.Contact("https://nord.example", (), ())
    services.withdraw(actor=of(BLEU), number=number)
    assert (seen(BLEU), seen(NORD)) == ([], [])
    (ended,) = selectors.connections(actor=of(NORD), partner=NORD, over=True)
    assert (ended.state, ended.contact) == ("withdrawn", None)
    actions = {one.action for one in audit.entries(operator(), limit=100)}
    assert {"connections.ask", "connections.accept", "connections.give", "connections.withdraw"} <= actions


def test_only_who_is_asked_answers_and_only_the_two_may_end_it() -> None:
    number = services.ask(actor=of(BLEU), partner=BLEU, other=NORD)
    for actor in (of(BLEU), of(HIDDEN)):
        with pytest.raises(NotThere):
            services.accept(actor=actor, number=number)
    with pytest.raises(NotThere):
        services.withdraw(actor=of(NORD), number=number)  # it is the asker's until it is accepted
    with pytest.raises(Refused):
        services.accept(actor=operator(), number=number)
    with pytest.raises(NotThere):
        selectors.connections(actor=of(HIDDEN), partner=NORD)
    with pytest.raises(NotThere):
        services.ask(actor=of(BLEU), partner=NORD, other=HIDDEN)


def test_a_firm_that_shows_nothing_cannot_be_asked_but_may_ask() -> None:
    with pytest.raises(NotThere):
        services.ask(actor=of(BLEU), partner=BLEU, other=HIDDEN)
    services.ask(actor=of(HIDDEN), partner=HIDDEN, other=BLEU)
    assert seen(BLEU) == [(HIDDEN, "waiting")]


def test_two_are_connected_once() -> None:
    services.ask(actor=of(BLEU), partner=BLEU, other=NORD)
    for asker, other in ((BLEU, NORD), (NORD, BLEU)):
        with pytest.raises(CallError, match="already"):
            services.ask(actor=of(asker), partner=asker, other=other)
    with pytest.raises(CallError, match="own firm"):
        services.ask(actor=of(BLEU), partner=BLEU, other=BLEU)
    with pytest.raises(IntegrityError), transaction.atomic():
        Connection.objects.create(asker=NORD, asked=BLEU, message="", asked_by="x", asked_at=timezone.now())


def test_who_declined_is_left_in_peace_for_a_while() -> None:
    number = services.ask(actor=of(BLEU), partner=BLEU, other=NORD)
    services.decline(actor=of(NORD), number=number)
    with pytest.raises(CallError, match="declined"):
        services.ask(actor=of(BLEU), partner=BLEU, other=NORD)
    services.ask(actor=of(NORD), partner=NORD, other=BLEU)  # the other may change its mind
    Connection.objects.update(state="declined", answered_at=timezone.now() - services.AGAIN - timedelta(days=1))
    services.ask(actor=of(BLEU), partner=BLEU, other=NORD)


def test_requests_without_an_answer_are_bounded() -> None:
    now = timezone.now()
    Connection.objects.bulk_create(
        Connection(asker=BLEU, asked=f"X-{n}", message="", asked_by="ann", asked_at=now)
        for n in range(services.AT_MOST)
    )
    with pytest.raises(CallError, match="too many"):
        services.ask(actor=of(BLEU), partner=BLEU, other=NORD)
    with pytest.raises(CallError, match="too long"):
        services.ask(actor=of(NORD), partner=NORD, other=BLEU, message="x" * 501)


def test_connections_follow_a_firm_that_was_merged_and_come_back() -> None:
    open_to_partners(HIDDEN)
    number = services.ask(actor=of(NORD), partner=NORD, other=HIDDEN, message="Hello")
    services.accept(actor=of(HIDDEN), number=number)
    before = [seen(partner) for partner in (BLEU, NORD)]
    structure.merge(actor=operator(), partner=HIDDEN, into=BLEU, reason="one firm")
    assert (seen(BLEU), seen(NORD)) == ([(NORD, "connected")], [(BLEU, "connected")])
    assert selectors.stand_with(actor=of(NORD), partner=NORD) == {BLEU: "connected"}
    known = selectors.between(actor=of(NORD), partner=NORD, other=BLEU)
    assert known is not None
    assert known.contact is not None
    assert [mail for _, mail in known.contact.emails] == [address("ann"), address("eve")]
    with pytest.raises(CallError, match="there is a request or a connection already"):
        services.ask(actor=of(BLEU), partner=BLEU, other=NORD)
    structure.unmerge(actor=operator(), partner=HIDDEN, reason="two")
    assert [seen(partner) for partner in (BLEU, NORD)] == before
    assert seen(HIDDEN) == [(NORD, "connected")]


def test_what_stood_between_two_that_are_one_firm_now_is_not_shown_meanwhile() -> None:
    services.accept(actor=of(NORD), number=services.ask(actor=of(BLEU), partner=BLEU, other=NORD))
    structure.merge(actor=operator(), partner=NORD, into=BLEU, reason="one firm")
    assert seen(BLEU) == []
    structure.unmerge(actor=operator(), partner=NORD, reason="two")
    assert (seen(BLEU), seen(NORD)) == ([(NORD, "connected")], [(BLEU, "connected")])


def test_an_answer_is_to_all_that_waits_between_two_firms() -> None:
    open_to_partners(HIDDEN)
    services.ask(actor=of(BLEU), partner=BLEU, other=NORD)
    number = services.ask(actor=of(HIDDEN), partner=HIDDEN, other=NORD)
    structure.merge(actor=operator(), partner=HIDDEN, into=BLEU, reason="one firm")
    assert [one.partner for one in selectors.waiting_for(actor=of(NORD))] == [BLEU]
    assert seen(NORD) == [(BLEU, "waiting")]
    services.accept(actor=of(NORD), number=number)
    assert (seen(NORD), selectors.waiting_for(actor=of(NORD))) == ([(BLEU, "connected")], [])
    services.withdraw(actor=of(BLEU), number=number)
    assert (seen(NORD), seen(BLEU)) == ([], [])


def open_to_partners(partner: str) -> None:
    visibility_set(actor=of(partner), partner=partner, shown={"level": "partners"})
