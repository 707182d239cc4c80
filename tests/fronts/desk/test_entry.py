"""One entry of the trail: its fields before and after, and nobody else's."""

from __future__ import annotations

import pytest

from fronts.desk.channel import address, answers, queries, seen_by
from hanse.apps.accounts.actors import operator
from hanse.apps.audit import selectors as trail

pytestmark = pytest.mark.usefixtures("desk")


def numbered(action: str, subject: str) -> int:
    (one,) = trail.entries(operator(), action=action, subject=subject)
    return one.number


def test_fields_stand_side_by_side() -> None:
    number = numbered("accounts.role_grant", f"user:{address('manager')}")
    page = seen_by("auditor").get(f"/audit/{number}/").text
    assert "partner_manager" in page
    assert trail.entry(operator(), number).hash in page
    assert f'href="/users/?text={address("manager").replace("@", "%40")}"' in page
    french = seen_by("chief", "fr").get(f"/audit/{number}/").text
    assert f"Écriture {number} de la piste" in french


def test_an_entry_of_plain_values() -> None:
    page = seen_by("chief").get(f"/audit/{numbered('evaluation.evaluate', 'run 1')}/").text
    assert "as of" in page
    assert "2025-12-31" in page


def test_others_see_their_own_alone() -> None:
    expected = {"chief": 200, "finance": 404, "auditor": 200, "manager": 404, "member": 404, "nobody": 404}
    assert answers("/audit/1/") == expected
    assert set(answers("/audit/99999/").values()) == {404}
    assert set(answers(f"/audit/{10**30}/").values()) == {404}


def test_so_many_queries() -> None:
    assert queries(seen_by("chief"), "/audit/1/") == 4
