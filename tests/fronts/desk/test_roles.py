"""Who may do what: the whole table, every action in words."""

from __future__ import annotations

import pytest

from fronts.desk.channel import answers, seen_by
from hanse.apps.accounts import policy, roles
from hanse.fronts.desk import role_words

pytestmark = pytest.mark.usefixtures("desk")


def test_every_role_and_every_action_has_words() -> None:
    assert set(role_words.ROLES) == roles.ALL
    shown = {action for action, allowed in policy.rows().items() if allowed != policy.INTERNAL}
    assert shown <= set(role_words.ACTIONS)
    assert {action.partition(".")[0] for action in shown} <= set(role_words.APPS)


def test_the_page_has_every_action() -> None:
    page = seen_by("auditor").get("/users/roles/").text
    for action, allowed in policy.rows().items():
        if allowed != policy.INTERNAL:
            assert f'title="{action}"' in page
            assert role_words.ACTIONS[action].replace("'", "&#x27;") in page
    assert "directeur du réseau" in seen_by("chief", "fr").get("/users/roles/").text


def test_it_is_for_the_vendor() -> None:
    assert {name for name, status in answers("/users/roles/").items() if status == 404} == {"member", "nobody"}
