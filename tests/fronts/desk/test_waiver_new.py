"""Granting in spite of the numbers: what may be waived is offered, and the level follows at once."""

from __future__ import annotations

import pytest

from fronts.desk.channel import BLEU, answers, seen_by

pytestmark = pytest.mark.usefixtures("desk")
WAIVER = {"partner": BLEU, "subject": "level:silver", "since": "2026-01-01", "until": "2027-12-31", "why": "a merger"}


def test_a_waiver_is_recorded_and_the_level_follows() -> None:
    client = seen_by("chief")
    page = client.get(f"/waivers/new/?partner={BLEU}").text
    assert f'value="{BLEU}"' in page
    assert '<option value="level:silver">Silver</option>' in page
    assert '<optgroup label="A level">' in page
    answer = client.post("/waivers/new/", WAIVER, follow=True)
    assert "Port Bleu: the waiver is recorded." in answer.text
    assert "Port Bleu: Member → Silver" in answer.text
    assert "a merger" in answer.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"partner": "P-99"}, "there is no such partner"),
        ({"subject": "level:diamond"}, "level:diamond is not one of the available choices"),
        ({"until": "2025-12-31"}, "it ends before it begins"),
        ({"until": "soon"}, "Enter a valid date."),
        ({"why": ""}, "This field is required."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(changed: dict[str, str], said: str) -> None:
    given = WAIVER | {"why": "typed with care"} | changed
    answer = seen_by("chief").post("/waivers/new/", given)
    assert answer.status_code == 400
    assert said in answer.text
    for value in given.values():
        if value not in ("soon", "level:diamond"):
            assert value in answer.text


def test_who_enters() -> None:
    seen = {"chief": 200, "finance": 404, "auditor": 404, "manager": 404, "member": 404, "nobody": 404}
    assert answers("/waivers/new/") == seen
