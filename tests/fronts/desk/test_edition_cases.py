"""Cases that a change makes fail: shown, brought up to date or left out, and run again."""

from __future__ import annotations

import pytest

from fronts.desk.changed import SILVER, archive, form, found, sent
from fronts.desk.channel import EDITION, answers, seen_by
from hanse.apps.evaluation import jobs

pytestmark = pytest.mark.usefixtures("desk")
PATH = "/office/quay/2026/cases/"
_CASE = b"""
- id: enough
  says: Who sells for 20 000 euro is silver.
  as_of: 2026-06-30
  facts:
    partners: [{partner: P}]
    sales: [{partner: P, "on": 2026-05-01, amount: 20_000, currency: EUR}]
  expect: {P: {level: silver}}
"""


def test_a_failing_case_is_changed_and_all_hold() -> None:
    client = seen_by("chief")
    files = {"archive": archive({"cases/more.yaml": _CASE}), "before": "-", "reason": "with a case"}
    base = client.post("/office/upload/", files)["Location"]
    jobs.work(once=True)
    assert "2 hold" in client.get(base).text
    answer = client.post(f"/office/{EDITION}/change/?version=2", form(**{SILVER: "30,000"}))
    jobs.work(once=True)
    assert "1 case of the draft does not hold" in client.get(answer["Location"]).text
    page = client.get(PATH)
    assert "P: level is member, expected silver" in page.text
    field = found(r'name="text:([^"]+)"', page.text)
    case = found(r'<textarea[^>]*name="text:[^>]*>(.*?)</textarea>', page.text)
    same = client.post(PATH, {f"text:{field}": case})
    assert same.status_code == 400
    assert "no case reads otherwise" in same.text
    broken = client.post(PATH, {f"text:{field}": "id: [", "reason": "oops"})
    assert broken.status_code == 400
    assert "not valid YAML" in broken.text
    changed = case.replace("20_000", "30_000").replace("20 000", "30 000")
    done = client.post(PATH, {f"text:{field}": changed, "reason": "as it is now"})
    assert done["Location"] == PATH + "?version=2"
    assert "are run" in client.get(done["Location"]).text
    jobs.work(once=True)
    assert "2 cases hold: the edition may be published." in client.get(done["Location"]).text
    left_out = client.post(PATH + "?version=1", {f"out:{field}": "1"})
    jobs.work(once=True)
    assert "1 case holds" in client.get(left_out["Location"]).text


def test_only_those_who_write_programmes_enter() -> None:
    sent(edition="2040")
    entered = answers("/office/quay/2040/cases/")
    assert entered == {"chief": 200, "finance": 404, "auditor": 404, "manager": 404, "member": 404, "nobody": 404}
