"""An edition sent as an archive: checked with file and line, kept as a draft, rehearsed."""

from __future__ import annotations

import io

import pytest

from fronts.desk.changed import archive
from fronts.desk.channel import EDITION, answers, seen_by
from hanse.apps.evaluation import jobs

pytestmark = pytest.mark.usefixtures("desk")
PATH = "/office/upload/"


def test_an_archive_becomes_a_draft_and_is_rehearsed() -> None:
    page = seen_by("chief").get(PATH).text
    assert 'enctype="multipart/form-data"' in page
    levels = b"silver: {all_of: [{revenue: {at_least: 10_000 EUR}}]}\n"
    sent = {"archive": archive({"levels.yaml": levels}), "before": f"{EDITION}@1", "reason": "milder"}
    answer = seen_by("chief").post(PATH, sent)
    assert answer["Location"].startswith("/rehearsals/")
    jobs.work(once=True)
    assert "would rise, nobody would fall" in seen_by("chief").get(answer["Location"]).text


def test_without_an_edition_to_compare_it_is_kept_and_its_cases_are_run() -> None:
    programme = (
        b'programme: pier\nedition: "1"\ntitle: {en: Pier}\ncurrency: EUR\nlevels: {member: , silver: , gold: }\n'
    )
    sent = {"archive": archive({"programme.yaml": programme}), "before": "-", "reason": "another programme"}
    answer = seen_by("chief").post(PATH, sent)
    assert answer["Location"] == "/office/pier/1/?version=1"
    assert "not run yet" in seen_by("chief").get(answer["Location"]).text
    jobs.work(once=True)
    assert "1 holds" in seen_by("chief").get(answer["Location"]).text


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"levels.yaml": b"silver:\n  unheard_of: {at_least: 3}\n"}, "levels.yaml:2"),
        ({"levels.yaml": b"silver: [\n"}, "not valid YAML"),
        ({"run.sh": b"rm"}, "kind of file"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(files: dict[str, bytes], says: str) -> None:
    answer = seen_by("chief").post(PATH, {"archive": archive(files), "before": "-", "reason": "why not"})
    assert answer.status_code == 400
    assert says in answer.text
    assert 'value="why not"' in answer.text


def test_nothing_sent_too_much_or_no_reason() -> None:
    assert "no file was chosen" in seen_by("chief").post(PATH, {"reason": "r"}).text
    assert "no reason is given" in seen_by("chief").post(PATH, {"archive": archive()}).text
    large = io.BytesIO(b"0" * (3 << 20))
    large.name = "large.zip"
    assert "too large" in seen_by("chief").post(PATH, {"archive": large, "reason": "r"}).text


def test_only_those_who_write_programmes_send() -> None:
    assert answers(PATH) == {"chief": 200, "finance": 404, "auditor": 404, "manager": 404, "member": 404, "nobody": 404}
