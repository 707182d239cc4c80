"""Seeing the portal as a partner's user does: their pages, nothing changed, and all of it on record."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from fronts.desk.channel import BLEU, ELAN, NORDLICHT, address, seen_by
from fronts.pages.signed_in import account, browser
from hanse.apps.accounts import services
from hanse.apps.accounts.actors import actor_of, operator
from hanse.apps.accounts.models import User
from hanse.apps.accounts.policy import NotThere, Refused
from hanse.apps.audit import selectors as trail
from hanse.apps.registry import seen_as
from hanse.apps.registry.models import Partner
from hanse.config.urls import ROUTES
from hanse.fronts.pages.routes import PUBLIC
from hanse.fronts.pages.seen_as import ALLOWED, KEY, Seen, looking
from hanse.language.problems import CallError

ANN = "ann@bleu.example"
WHY = "she asked why silver is missing"


@pytest.fixture
def channel(database: None) -> None:
    """Three partners, somebody of Port Bleu, and the vendor's people."""
    for key, country in ((NORDLICHT, "DE"), (BLEU, "FR"), (ELAN, "FR")):
        Partner.objects.create(key=key, name=key, country=country)
    account(ANN, "partner_member", partner=BLEU)
    account(address("chief"), "channel_chief")
    account(address("manager"), "partner_manager", countries=["FR"])
    account(address("finance"), "finance")


def page_of(username: str) -> str:
    return f"/users/{User.objects.get(username=username).uuid}/see-as/"


def begun(name: str = "chief", username: str = ANN) -> Client:
    """The browser of somebody who sees as a partner's user."""
    client = seen_by(name)
    answer = client.post(page_of(username), {"why": WHY})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    return client


def acts() -> list[tuple[str, str, str, str]]:
    """The newest entries of the trail about it: who, what, whom, why."""
    found = trail.entries(operator(), action="accounts", limit=50)
    return [(e.actor, e.action, e.subject, e.why) for e in found if e.action.startswith("accounts.see_as")]


@pytest.mark.usefixtures("channel")
def test_pages_are_those_of_its_user_below_a_bar_that_says_so() -> None:
    theirs = browser(ANN)
    client = begun()
    for path in ("/", "/standing/", "/users/"):
        seen = client.get(path)
        assert seen.status_code == theirs.get(path).status_code, path
        assert f"You see what {ANN} sees" in seen.text
        assert "nothing can be changed" in seen.text
    for path in ("/nothing/at/all/", "/logout/"):
        assert f"You see what {ANN} sees" in client.get(path).text
    client.cookies["hanse-language"] = "fr"
    assert f"Vous voyez ce que voit {ANN}" in client.get("/").text


@pytest.mark.usefixtures("channel")
def test_begin_and_end_are_on_record_and_each_page_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("hanse").propagate = True
    client = begun()
    assert acts()[0] == (address("chief"), "accounts.see_as", f"user:{ANN}", WHY)
    (entry,) = trail.entries(operator(), action="accounts.see_as")
    assert json.loads(entry.after or "")["partners"] == [BLEU]
    with caplog.at_level(logging.WARNING, "hanse.seen_as"):
        client.get("/standing/?as_of=2026-01-01")
    (logged,) = [record for record in caplog.records if record.name == "hanse.seen_as"]
    told: dict[str, Any] = vars(logged)
    assert (told["by"], told["as"], told["path"]) == (address("chief"), ANN, "/standing/?as_of=2026-01-01")
    assert client.post("/seen-as/end/")["Location"] == "/"
    assert acts()[0] == (address("chief"), "accounts.see_as_end", f"user:{ANN}", "ended")
    page = client.get("/")
    assert "You see your own pages again" in page.text
    assert client.get("/users/").status_code == 200


@pytest.mark.usefixtures("channel")
def test_nothing_is_written_through_any_route() -> None:
    client = begun()
    before = _everything()
    for route in ROUTES:
        if route.name in ALLOWED:
            continue
        for path in _addresses(route.path):
            for method in ("post", "put", "patch", "delete"):
                answer = getattr(client, method)(path, {"act": "grant", "why": "x", "password": "y"})
                assert answer.status_code in (403, 404, 405), (method, path, answer.status_code)
                if route.roles == PUBLIC:
                    assert answer.status_code in (403, 405), (method, path)
            client.get(path)
    assert _everything() == before


def _addresses(path: str) -> list[str]:
    """A route's address, its holes filled with what is there and what is a stranger's."""
    ann, chief = (User.objects.get(username=name).uuid for name in (ANN, address("chief")))
    filled = []
    for uuid, key in ((ann, BLEU), (chief, NORDLICHT)):
        text = path
        for hole, value in {"uuid": uuid, "path": key, "int": 1, "str": key, "slug": "x"}.items():
            while f"<{hole}:" in text:
                head, _, tail = text.partition(f"<{hole}:")
                text = f"{head}{value}{tail.partition('>')[2]}"
        filled.append(f"/{text}")
    return sorted(set(filled))


def _everything() -> dict[str, int]:
    """How many rows each table has that the application may write, sessions apart."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' "
            "AND has_table_privilege(oid, 'INSERT') AND relname <> 'django_session' ORDER BY 1"
        )
        found = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*), coalesce(sum(hashtext(t::text)::bigint), 0) FROM "{table}" AS t')
            found[table] = hash(cursor.fetchone())
    return found


@pytest.mark.usefixtures("channel")
def test_what_a_view_writes_all_the_same_is_taken_back() -> None:
    def writing() -> HttpResponse:
        services.user_add(actor=operator(), username="new@firm.example")
        assert User.objects.filter(username="new@firm.example").exists()
        return HttpResponse()

    request = RequestFactory(SERVER_NAME="localhost").get("/")
    setattr(request, KEY, Seen(ANN, timezone.now(), address("chief")))
    assert looking(request, writing).status_code == 200
    assert not User.objects.filter(username="new@firm.example").exists()


@pytest.mark.usefixtures("channel")
def test_it_ends_after_half_an_hour_whatever_was_asked_for() -> None:
    for send in (lambda c: c.get("/standing/"), lambda c: c.post("/language/", {"language": "fr"}),
                 lambda c: c.post("/users/new/", {"username": "x@y.example"})):  # fmt: skip
        client = begun()
        session = client.session
        session[KEY] = {"username": ANN, "until": (timezone.now() - timedelta(seconds=1)).isoformat()}
        session.save()
        count = User.objects.count()
        send(client)
        page = client.get("/")
        page = client.get("/") if page.status_code == 302 else page
        assert "You see what" not in page.text
        assert acts()[0] == (address("chief"), "accounts.see_as_end", f"user:{ANN}", "half an hour had passed")
        assert User.objects.count() == count


@pytest.mark.usefixtures("channel")
def test_it_ends_with_the_session_and_is_on_record() -> None:
    client = begun()
    assert client.post("/logout/").status_code == 302
    assert acts()[0] == (address("chief"), "accounts.see_as_end", f"user:{ANN}", "signed out")
    assert client.get("/")["Location"].startswith("/login/")
    assert KEY not in client.session
    again = seen_by("chief")
    assert again.get("/users/").status_code == 200


@pytest.mark.usefixtures("channel")
def test_it_ends_with_the_right_and_with_the_account() -> None:
    for name, take_back in {
        "manager": lambda: services.role_end(actor=operator(), username=address("manager"), role="partner_manager"),
        "chief": lambda: services.user_deactivate(actor=operator(), username=ANN, why="left"),
    }.items():
        client = begun(name)
        take_back()
        answer = client.get("/standing/")
        assert (answer.status_code, answer["Location"]) == (302, "/")
        assert acts()[0] == (address(name), "accounts.see_as_end", f"user:{ANN}", "not allowed any more")


@pytest.mark.usefixtures("channel")
def test_nobody_sees_further_than_they_may() -> None:
    account("nord@nord.example", "partner_member", partner=NORDLICHT)
    account("both@firm.example", "partner_member", partner=BLEU)
    services.role_grant(actor=operator(), username="both@firm.example", role="partner_member", partner=NORDLICHT)
    account("two@firm.example", "partner_member", partner=BLEU)
    services.role_grant(actor=operator(), username="two@firm.example", role="auditor")
    account("none@firm.example")
    chief, manager, finance = (actor_of(address(name)) for name in ("chief", "manager", "finance"))
    assert seen_as.seen_by(actor=manager, username=ANN).partners == {BLEU}
    assert seen_as.seen_by(actor=chief, username="both@firm.example").partners == {BLEU, NORDLICHT}
    for actor, username in (
        (finance, ANN),
        (actor_of(ANN), ANN),
        (chief, address("finance")),
        (chief, address("chief")),
        (chief, "two@firm.example"),
        (chief, "none@firm.example"),
        (manager, address("chief")),
        (manager, "both@firm.example"),
    ):
        with pytest.raises(Refused):
            seen_as.begin(actor=actor, username=username, why=WHY)
    for actor, username in ((manager, "nord@nord.example"), (chief, "nobody@firm.example")):
        with pytest.raises(NotThere):
            seen_as.begin(actor=actor, username=username, why=WHY)
    assert acts() == []


@pytest.mark.usefixtures("channel")
def test_a_partners_administrator_who_is_a_manager_does_not_see_as_colleagues() -> None:
    account("nord@nord.example", "partner_administrator", partner=NORDLICHT)
    services.role_grant(actor=operator(), username=address("manager"), role="partner_member", partner=NORDLICHT)
    with pytest.raises(NotThere):
        seen_as.begin(actor=actor_of(address("manager")), username="nord@nord.example", why=WHY)


@pytest.mark.usefixtures("channel")
def test_it_takes_a_reason_and_is_not_begun_within() -> None:
    account("bob@bleu.example", "partner_administrator", partner=BLEU)
    with pytest.raises(CallError, match="takes a reason"):
        seen_as.begin(actor=actor_of(address("chief")), username=ANN, why="  ")
    client = seen_by("chief")
    answer = client.post(page_of(ANN), {"why": ""})
    assert answer.status_code == 400
    assert "aria-invalid" in answer.text
    client = begun()
    for send in (client.get, client.post):
        assert send(page_of("bob@bleu.example"), {"why": WHY}).status_code == 404
    assert client.session[KEY]["username"] == ANN


def test_the_way_in_is_for_those_who_may(channel: None, tmp_path: Path) -> None:
    assert seen_by("finance").get(page_of(ANN)).status_code == 404
    assert browser(ANN).get(page_of(ANN)).status_code == 404
    assert browser(ANN).post("/seen-as/end/").status_code == 302
    assert acts() == []
    assert seen_by("manager").get(page_of(ANN)).status_code == 200
    answer = seen_by("manager").post(page_of(address("chief")), {"why": WHY})
    assert answer.status_code == 400
    assert "cannot be seen as" in answer.text
