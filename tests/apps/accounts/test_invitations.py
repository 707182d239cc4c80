"""Does a link let in whom it was made for, once, in time, and nobody into more than its maker could give?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail, signing
from django.test import override_settings
from django.utils import timezone

from hanse.apps.accounts import invitations, letters, services, tasks
from hanse.apps.accounts.actors import actor_of, operator
from hanse.apps.accounts.invitations import accept, forgotten, invite, invite_again, opened
from hanse.apps.accounts.models import User
from hanse.apps.accounts.policy import NotThere, Refused
from hanse.apps.audit import selectors as audit
from hanse.language.problems import CallError

ADMIN, MEMBER, RIVAL, CHIEF = "admin@p1.example", "member@p1.example", "admin@p2.example", "chief@vendor.example"
NEW, PASSWORD = "new@p1.example", "four words in a row"
ROLE = {"role": "partner_member", "partner": "P-1"}

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def cast(database: None) -> None:
    for username, role, partner in (
        (ADMIN, "partner_administrator", "P-1"), (MEMBER, "partner_member", "P-1"),
        (RIVAL, "partner_administrator", "P-2"), (CHIEF, "channel_chief", ""),
    ):  # fmt: skip
        services.user_add(actor=operator(), username=username)
        services.role_grant(actor=operator(), username=username, role=role, partner=partner)
        services.password_set(actor=operator(), username=username, password=PASSWORD)


def token_for(username: str = NEW) -> str:
    link = invite(actor=actor_of(ADMIN), username=username, name="Noa", language="fr", **ROLE)
    assert link is not None
    return link.token


def user(username: str) -> User:
    return User.objects.get(username=username)


def test_who_is_invited_chooses_a_password_once() -> None:
    token = token_for()
    assert opened(token=token) == invitations.Opened(NEW, "Noa", "fr", "invitation")
    assert accept(token=token, password="several words in a row", name="Noa Petit", language="en") == NEW
    found = user(NEW)
    assert (found.name, found.language, found.check_password("several words in a row")) == ("Noa Petit", "en", True)
    for again in (lambda: opened(token=token), lambda: accept(token=token, password="other words in a row")):
        with pytest.raises(CallError, match="does not work"):
            again()
    done = {one.action for one in audit.entries(actor_of(CHIEF), subject=f"user:{NEW}")}
    assert {"accounts.user_add", "accounts.role_grant", "accounts.invite_again", "accounts.password_set"} <= done


def test_a_link_that_was_touched_or_is_old_does_not_work(monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_for()
    for wrong in (token[:-1], token + "x", "", "a:b:c", signing.dumps([1, 2, 3])):
        with pytest.raises(CallError):
            opened(token=wrong)
    monkeypatch.setitem(invitations._LASTS, "invitation", timedelta(seconds=-1))
    with pytest.raises(CallError):
        opened(token=token)


def test_a_weak_password_leaves_the_link_as_it_was() -> None:
    token = token_for()
    for weak in ("short", NEW):
        with pytest.raises(CallError, match="too weak"):
            accept(token=token, password=weak)
    accept(token=token, password=PASSWORD)


def test_a_role_given_meanwhile_makes_the_link_worthless() -> None:
    token = token_for()
    services.role_grant(actor=operator(), username=NEW, role="finance")
    with pytest.raises(CallError):
        accept(token=token, password=PASSWORD)
    with pytest.raises(Refused):  # nor may the one who made it make another
        invite_again(actor=actor_of(ADMIN), username=NEW)


def test_who_can_sign_in_gets_a_role_and_no_link() -> None:
    second = {"role": "partner_administrator", "partner": "P-1"}
    assert invite(actor=actor_of(ADMIN), username=MEMBER, **second) is None


def test_a_closed_account_is_not_opened_by_a_link() -> None:
    token = token_for()
    services.user_deactivate(actor=operator(), username=NEW, why="test")
    with pytest.raises(CallError):
        accept(token=token, password=PASSWORD)
    with pytest.raises(CallError, match="closed"):
        invite(actor=actor_of(ADMIN), username=NEW, role="partner_administrator", partner="P-1")


def test_who_may_invite_whom() -> None:
    with pytest.raises(Refused):
        invite(actor=actor_of(MEMBER), username=NEW, **ROLE)
    with pytest.raises(Refused):
        invite(actor=actor_of(RIVAL), username=NEW, **ROLE)
    with pytest.raises(Refused):
        invite(actor=actor_of(ADMIN), username="x@vendor.example", role="finance")
    with pytest.raises(NotThere):  # a stranger's colleague
        invite_again(actor=actor_of(RIVAL), username=MEMBER)
    with pytest.raises(CallError, match="account with this address"):  # of another firm: not given a link to it
        invite(actor=actor_of(ADMIN), username=RIVAL, **ROLE)
    services.role_grant(actor=operator(), username=CHIEF, **ROLE)
    with pytest.raises(Refused):  # nobody of the firm holds a link to the chief's account, whatever role it has there
        invite_again(actor=actor_of(ADMIN), username=CHIEF)


def test_a_forgotten_password_is_written_to_the_address_and_three_times_a_day_at_most() -> None:
    assert forgotten(username="nobody@p1.example") is None
    with override_settings(HANSE_SENDS_MAIL=True, EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        mail.outbox = []
        address = "https://pages.example/new-password/{token}/"
        sent = [tasks.send_forgotten.func(username=MEMBER.upper(), address=address) for _ in range(4)]
        assert sent == [True, True, True, False]
        assert tasks.send_forgotten.func(username="nobody@p1.example", address=address) is False
        letter = mail.outbox[0]
    assert letter.to == [MEMBER]
    assert "Un nouveau mot de passe" in letter.body or "mot de passe" in letter.body
    token = letter.body.partition("/new-password/")[2].partition("/")[0]
    before = user(MEMBER).get_session_auth_hash()
    accept(token=token, password="other words in a row")
    assert user(MEMBER).get_session_auth_hash() != before  # sessions end
    assert opened_not(token)


def opened_not(token: str) -> bool:
    with pytest.raises(CallError):
        opened(token=token)
    return True


def test_signing_in_makes_an_older_link_worthless() -> None:
    link = forgotten(username=MEMBER)
    assert link is not None
    User.objects.filter(username=MEMBER).update(last_login=timezone.now())
    assert opened_not(link.token)


def test_a_letter_in_both_languages_the_readers_first() -> None:
    link = invite(actor=actor_of(ADMIN), username=NEW, language="fr", **ROLE)
    assert link is not None
    with override_settings(HANSE_SENDS_MAIL=False):
        assert not letters.write(link, address="https://x/")
    with override_settings(HANSE_SENDS_MAIL=True, EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        mail.outbox = []
        assert letters.write(link, address="https://pages.example/invitation/x/", inviter="Port Bleu")
        (letter,) = mail.outbox
    assert letter.body.index("Port Bleu vous invite") < letter.body.index("Port Bleu invites you")
    assert letter.body.count("https://pages.example/invitation/x/") == 2


def test_a_firm_keeps_its_last_administrator() -> None:
    second = {"role": "partner_administrator", "partner": "P-1"}
    with pytest.raises(CallError, match="last administrator"):
        services.role_end(actor=actor_of(ADMIN), username=ADMIN, **second)
    invite(actor=actor_of(ADMIN), username=NEW, **second)
    with pytest.raises(CallError, match="last administrator"):  # the other has never signed in
        services.role_end(actor=actor_of(ADMIN), username=ADMIN, **second)
    services.password_set(actor=operator(), username=NEW, password=PASSWORD)
    services.role_end(actor=actor_of(ADMIN), username=ADMIN, **second)
    services.role_end(actor=operator(), username=NEW, **second)  # the vendor may
