"""A rehearsal of two versions that there are; the same over the same facts is the one that there is."""

from __future__ import annotations

import pytest

from fronts.desk.changed import sent
from fronts.desk.channel import EDITION, answers, seen_by

pytestmark = pytest.mark.usefixtures("desk")


def test_two_versions_are_rehearsed_on_a_day_and_listed() -> None:
    first = sent()
    client = seen_by("chief")
    asked = {"before": f"{EDITION}@1", "after": "quay/2026@1", "as_of": "2026-06-30", "rules_as_of": "2027-01-01"}
    assert client.post("/rehearsals/", asked)["Location"] == first
    other = client.post("/rehearsals/", asked | {"rules_as_of": ""})
    assert other.status_code == 302
    assert other["Location"] != first
    page = client.get("/rehearsals/").text
    assert "quay/2026@1 against quay/2025@1" in page
    assert "going on" in page
    waits = client.get(other["Location"]).text
    assert 'hx-trigger="every 1s"' in waits
    assert 'aria-live="polite"' in waits
    assert "Look again" in waits
    part = client.get(other["Location"], headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert "<progress" in part.text
    from hanse.apps.evaluation import jobs

    jobs.work(once=True)
    assert client.get(other["Location"], headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_what_is_wrong_is_said_with_all_that_was_typed() -> None:
    answer = seen_by("chief").post(
        "/rehearsals/", {"before": f"{EDITION}@1", "after": f"{EDITION}@1", "as_of": "never"}
    )
    assert answer.status_code == 400
    assert 'value="never"' in answer.text
    same = seen_by("chief").post(
        "/rehearsals/", {"before": f"{EDITION}@1", "after": f"{EDITION}@1", "as_of": "2026-06-30"}
    )
    assert "compared with itself" in same.text


def test_readers_see_the_list_and_no_form() -> None:
    assert answers("/rehearsals/") == {
        "chief": 200,
        "finance": 200,
        "auditor": 200,
        "manager": 200,
        "member": 404,
        "nobody": 404,
    }
    assert "<select" not in seen_by("auditor").get("/rehearsals/").text
