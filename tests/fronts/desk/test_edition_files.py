"""The files of an edition leave as they are, and come back as the same version."""

from __future__ import annotations

import io
import zipfile

import pytest

from fronts.desk.channel import DAY, EDITION, answers, seen_by
from hanse.apps.programmes.selectors import files_of, version_named

pytestmark = pytest.mark.usefixtures("desk")
PATH = f"/office/{EDITION}/files.zip"


def test_what_leaves_is_what_is_kept_and_comes_back_as_the_same() -> None:
    sent = seen_by("chief").get(PATH)
    with zipfile.ZipFile(io.BytesIO(sent.content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files_of(version_named(EDITION, DAY).id)
    again = io.BytesIO(sent.content)
    again.name = "quay.zip"
    answer = seen_by("chief").post("/office/upload/", {"archive": again, "before": "-", "reason": "again"}, follow=True)
    assert "it was here already" in answer.text
    assert answers(PATH) == {"chief": 200, "finance": 200, "auditor": 200, "manager": 200, "member": 404, "nobody": 404}
