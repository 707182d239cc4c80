"""The refused rows as a file to be mended."""

from __future__ import annotations

import pytest

from fronts.desk.channel import BLEU, answers, seen_by

pytestmark = pytest.mark.usefixtures("desk")


def test_the_rows_with_what_is_wrong() -> None:
    answer = seen_by("chief").get("/imports/1/refused.csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "partner,on,amount,currency,what is wrong,why,remedy"
    assert lines[1].startswith(f"{BLEU},2026-04-31,10,EUR,on '2026-04-31' is not a day")
    assert 'attachment; filename="hanse-import-1-refused.csv"' in answer["Content-Disposition"]


def test_who_may_have_it() -> None:
    seen = {"chief": 200, "finance": 404, "auditor": 200, "manager": 404, "member": 404, "nobody": 404}
    assert answers("/imports/1/refused.csv") == seen
    assert seen_by("chief").get("/imports/1/refused.csv?sheet=none").status_code == 404
    assert seen_by("chief").get("/imports/99/refused.csv").status_code == 404
