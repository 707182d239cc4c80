"""One's own account: name, language and time zone; another password; what the trail says of signing in."""

from __future__ import annotations

import pytest

from fronts.pages.signed_in import PASSWORD, account, browser
from hanse.apps.accounts.actors import actor_of, operator
from hanse.apps.accounts.models import User
from hanse.apps.audit import selectors as audit

ANN = "ann@bleu.example"
NEW = "other words in a row"
CHANGE = {"act": "password", "old": PASSWORD, "password": NEW, "again": NEW}

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def ann(database: None) -> None:
    account(ANN, "partner_member", partner="P-2")


def test_name_language_and_zone_are_kept_and_used() -> None:
    client = browser(ANN)
    form = {"act": "profile", "name": "Ann Leclerc", "language": "fr", "time_zone": "Europe/Paris"}
    assert client.post("/account/", form).status_code == 302
    page = client.get("/account/").text
    assert "Votre compte" in page
    assert "Ann Leclerc" in page
    assert '<option value="Europe/Paris" selected>' in page
    wrong = client.post("/account/", form | {"time_zone": "Mars/Base"})
    assert wrong.status_code == 400
    (entry,) = audit.entries(actor_of(ANN), action="accounts.profile_set")
    assert '"time_zone":"UTC"' in (entry.before or "")


def test_another_password_ends_the_other_sessions_and_keeps_this_one() -> None:
    here, there = browser(ANN), browser(ANN)
    before = here.session.session_key
    assert here.post("/account/", CHANGE).status_code == 302
    assert here.get("/account/").status_code == 200
    assert here.session.session_key != before
    assert there.get("/account/").status_code == 302
    assert browser().post("/login/", {"login": ANN, "password": PASSWORD}).status_code == 200
    assert browser().post("/login/", {"login": ANN, "password": NEW}).status_code == 302


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"old": "guessed"}, "not your password"),
        ({"again": "something else"}, "not the same"),
        ({"password": "short", "again": "short"}, "12 characters"),
        ({"password": ANN, "again": ANN}, "similar"),
    ],
)
def test_a_password_that_is_refused(given: dict[str, str], says: str) -> None:
    answer = browser(ANN).post("/account/", CHANGE | given)
    assert answer.status_code == 400
    assert says in answer.text
    assert NEW not in answer.text
    assert User.objects.get(username=ANN).check_password(PASSWORD)


def test_guessing_the_password_from_an_open_browser_is_locked_too() -> None:
    client = browser(ANN)
    answers = [client.post("/account/", CHANGE | {"old": f"guess {n}"}).status_code for n in range(5)]
    assert answers[-1] == 429
    assert client.post("/account/", CHANGE).status_code == 429
    assert User.objects.get(username=ANN).check_password(PASSWORD)


def test_the_trail_says_who_came_and_went_and_who_tried() -> None:
    client = browser()
    client.post("/login/", {"login": ANN, "password": "guessed"})
    client.post("/login/", {"login": "nobody@bleu.example", "password": "guessed"})
    client.post("/login/", {"login": ANN, "password": PASSWORD})
    client.post("/logout/")
    done = [(one.action, one.actor) for one in reversed(audit.entries(chief()))]
    mine = [action for action, by in done if by == ANN]
    assert mine == ["accounts.sign_in_failed", "accounts.signed_in", "accounts.signed_out"]
    assert not [by for _, by in done if by == "nobody@bleu.example"]
    page = browser(ANN).get("/account/").text
    assert "a wrong password" in page
    assert "127.0.0.1" in page
    assert "guessed" not in str(audit.entries(chief()))


def chief() -> object:
    return operator()


def test_without_a_role_one_still_has_an_account() -> None:
    account("bea@bleu.example")
    assert browser("bea@bleu.example").get("/account/").status_code == 200
