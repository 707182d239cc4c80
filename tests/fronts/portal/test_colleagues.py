"""Colleagues: who is listed for whom; inviting, another role, the end of access; the last administrator; strangers."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from fronts.pages.signed_in import account, browser
from hanse.apps.accounts.actors import actor_of, operator
from hanse.apps.accounts.services import role_grant
from hanse.apps.audit import selectors as audit
from hanse.apps.evidence import structure
from hanse.apps.evidence.services import record_facts

ANN, BEN, EVE = "ann@bleu.example", "ben@bleu.example", "eve@salt.example"
NEW = "noa@bleu.example"

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def firms(database: None) -> None:
    """Port Bleu with an administrator and a member, and a stranger's firm."""
    record_facts(actor=operator(), source="test", rows={
        "partners": [{"partner": p, "name": name, "country": "FR", "joined": "2015-01-01"}
                     for p, name in (("P-2", "Port Bleu"), ("P-3", "Salt"))]
    })  # fmt: skip
    account(ANN, "partner_administrator", partner="P-2")
    account(BEN, "partner_member", partner="P-2")
    account(EVE, "partner_administrator", partner="P-3")


def invite(client: Client, username: str = NEW, **given: str) -> object:
    form = {"act": "invite", "username": username, "role": "partner_member", "language": "fr", "name": "Noa", **given}
    return client.post("/colleagues/", form)


def link_in(page: str) -> str:
    found = re.search(r'value="http://localhost(/invitation/[^"]+)"', page)
    assert found, "no link is shown"
    return found[1]


def test_an_administrator_invites_a_colleague_who_comes_in() -> None:
    ann = browser(ANN)
    answer = invite(ann)
    assert (answer.status_code, answer["Location"]) == (302, "/colleagues/")
    page = ann.get("/colleagues/").text
    address = link_in(page)
    assert "invited, not here yet" in page
    assert "/invitation/" not in ann.get("/colleagues/").text  # once
    stranger = browser(language="fr")
    welcome = stranger.get(address)
    assert "Bienvenue" in welcome.text
    weak = stranger.post(address, {"name": "Noa", "language": "fr", "password": "court", "again": "court"})
    assert weak.status_code == 400
    assert "12 caract" in weak.text
    words = "quatre mots tout simples"
    unlike = stranger.post(address, {"name": "Noa", "language": "fr", "password": words, "again": words + "!"})
    assert "Les deux diffèrent" in unlike.text
    done = stranger.post(address, {"name": "Noa Petit", "language": "fr", "password": words, "again": words})
    assert (done.status_code, done["Location"]) == (302, "/login/")
    assert stranger.get(address).status_code == 404
    assert stranger.post("/login/", {"login": NEW, "password": words})["Location"] == "/"
    assert stranger.get("/colleagues/").status_code == 200
    assert "Noa Petit" in ann.get("/colleagues/").text


def test_with_mail_the_link_goes_by_letter_and_is_not_shown() -> None:
    ann = browser(ANN)
    with override_settings(HANSE_SENDS_MAIL=True, EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        mail.outbox = []
        invite(ann)
        (letter,) = mail.outbox
    assert letter.to == [NEW]
    assert "Port Bleu" in letter.body
    assert browser().get(link_of(letter.body)).status_code == 200
    page = ann.get("/colleagues/").text
    assert "A letter with a link is on its way to noa@bleu.example" in page
    assert "/invitation/" not in page


def link_of(body: str) -> str:
    found = re.search(r"http://localhost(/invitation/\S+)", body)
    assert found
    return found[1]


def test_a_member_reads_and_may_not_act() -> None:
    ben = browser(BEN, language="fr")
    page = ben.get("/colleagues/").text
    assert ANN in page
    assert "Dernière connexion" not in page
    assert 'name="act"' not in page
    assert invite(ben).status_code == 404
    assert ben.post("/colleagues/", {"act": "end", "username": ANN}).status_code == 404


def test_a_stranger_is_refused() -> None:
    eve = browser(EVE)
    assert ANN not in eve.get("/colleagues/").text
    assert eve.get("/colleagues/?partner=P-2").status_code == 404
    for act in ("end", "role", "again"):
        for path in ("/colleagues/?partner=P-2", "/colleagues/"):
            assert eve.post(path, {"act": act, "username": BEN}).status_code in (400, 404)
    assert actor_of(BEN).partners == {"P-2"}
    answer = invite(eve, username=ANN)
    assert answer.status_code == 400
    assert "there is an account with this address" in answer.text
    assert actor_of(ANN).partners == {"P-2"}


def test_the_vendors_people_have_no_such_page() -> None:
    account("chief@vendor.example", "channel_chief")
    assert browser("chief@vendor.example").get("/colleagues/").status_code == 404


def test_another_role_and_the_end_of_access() -> None:
    ann = browser(ANN)
    assert ann.post("/colleagues/", {"act": "role", "username": BEN}).status_code == 302
    assert actor_of(BEN).administers == {"P-2"}
    assert "the same button changes it back" in ann.get("/colleagues/").text
    ann.post("/colleagues/", {"act": "role", "username": BEN})
    assert actor_of(BEN).administers == frozenset()
    assert actor_of(BEN).partners == {"P-2"}
    ann.post("/colleagues/", {"act": "end", "username": BEN})
    assert actor_of(BEN).partners == frozenset()
    assert BEN not in re.sub(r'<p class="message.*?</p>', "", ann.get("/colleagues/").text)
    actions = [one.action for one in audit.entries(operator(), by=ANN)] + [
        one.action for one in audit.entries(actor_of(ANN))
    ]
    assert actions.count("accounts.role_end") >= 3


def test_the_last_administrator_stays() -> None:
    page = browser(ANN, language="fr").post("/colleagues/", {"act": "end", "username": ANN})
    assert page.status_code == 400
    assert "dernier administrateur" in page.text
    assert actor_of(ANN).administers == {"P-2"}


def test_who_has_a_role_elsewhere_too_gets_no_link_from_here() -> None:
    role_grant(actor=operator(), username=BEN, role="partner_member", partner="P-3")
    ann = browser(ANN)
    row = ann.get("/colleagues/").text.partition(BEN)[2].partition("</tr>")[0]
    assert 'value="again"' not in row
    assert ann.post("/colleagues/", {"act": "again", "username": BEN}).status_code == 400
    assert "/invitation/" not in ann.get("/colleagues/").text


def test_a_mistake_keeps_what_was_typed() -> None:
    answer = invite(browser(ANN), username="no address", name="Noa Petit")
    assert answer.status_code == 400
    assert 'value="no address"' in answer.text
    assert 'value="Noa Petit"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_who_came_with_a_record_that_was_merged_is_listed_and_ended_by_the_vendor() -> None:
    structure.merge(actor=operator(), partner="P-3", into="P-2", reason="one firm")
    page = browser(ANN).get("/colleagues/").text
    assert EVE in page
    assert "came with P-3; the vendor ends this access" in page
    assert browser(ANN).post("/colleagues/", {"act": "end", "username": EVE}).status_code == 400
    assert BEN in browser(EVE).get("/colleagues/").text, "it is her firm now"
    structure.unmerge(actor=operator(), partner="P-3", reason="two")
    assert EVE not in browser(ANN).get("/colleagues/").text


def test_the_list_takes_few_statements() -> None:
    for n in range(5):
        account(f"more{n}@bleu.example", "partner_member", partner="P-2")
    ann = browser(ANN)
    ann.get("/colleagues/")
    with CaptureQueriesContext(connection) as caught:
        ann.get("/colleagues/")
    assert len(caught) <= 10, [one["sql"] for one in caught]
