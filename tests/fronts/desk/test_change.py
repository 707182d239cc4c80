"""The form of a change: every number, mistakes beside their fields, a draft that keeps what it does not show."""

from __future__ import annotations

import pytest

from fronts.desk.changed import SATISFACTION, SILVER, form, sent
from fronts.desk.channel import DAY, EDITION, answers, seen_by
from hanse.apps.programmes.selectors import files_of, version_named

pytestmark = pytest.mark.usefixtures("desk")
PATH = f"/office/{EDITION}/change/"


def test_every_number_stands_on_the_form_in_the_readers_language() -> None:
    page = seen_by("chief").get(PATH).text
    assert f'name="{SILVER}" value="20,000"' in page
    assert 'aria-label="Silver · revenue, EUR"' in page
    assert f'name="{SATISFACTION}" value="8"' in page
    assert 'value="20\u202f000"' in seen_by("chief", "fr").get(PATH).text


def test_only_those_who_write_programmes_enter() -> None:
    assert answers(PATH) == {"chief": 200, "finance": 404, "auditor": 404, "manager": 404, "member": 404, "nobody": 404}
    assert seen_by("chief").get("/office/quay/1999/change/").status_code == 404


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost() -> None:
    answer = seen_by("chief").post(
        PATH, form(**{SILVER: "lots", "edition": "no name", "first_day": "soon", "reason": ""})
    )
    assert answer.status_code == 400
    assert "&#x27;lots&#x27; is no number" in answer.text
    assert 'value="lots"' in answer.text
    for said in ("A name has letters", "Give a day, as", "Say what is tried, and why"):
        assert said in answer.text
    assert "4 fields need another look." in answer.text


def test_a_draft_is_kept_and_keeps_what_the_form_does_not_show() -> None:
    assert sent().startswith("/rehearsals/")
    draft = version_named("quay/2026", DAY)
    old, new = files_of(version_named(EDITION, DAY).id), files_of(draft.id)
    assert new["levels.yaml"] == old["levels.yaml"].replace(b"20_000 EUR", b"75_000 EUR")
    assert new["metrics.yaml"] == old["metrics.yaml"]
    assert (
        b'edition: "2026"\nin_force: 2027-01-01\ntitle: {en: "Quay 2026", fr: "Le quai 2026"}' in new["programme.yaml"]
    )
    assert (draft.source, draft.state) == (f"{EDITION}@1", "drafted")


def test_french_numbers_are_understood() -> None:
    answer = seen_by("chief", "fr").post(PATH, form(**{SILVER: "75 000,50", "edition": "2030"}))
    assert answer.status_code == 302
    assert b"75000.5 EUR" in files_of(version_named("quay/2030", DAY).id)["levels.yaml"]


def test_a_number_that_would_not_compute_is_refused_with_its_place() -> None:
    answer = seen_by("chief").post(PATH, form(edition="2031", **{SILVER: "-1/0"}))
    assert answer.status_code == 400
    assert "is no number" in answer.text
