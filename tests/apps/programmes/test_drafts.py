"""Drafts made on pages: kept before their cases hold, published by two people when they do, taken back until the day."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.quay import SECOND, edition, installed
from hanse.apps.accounts.actors import Actor, operator
from hanse.apps.accounts.policy import NotThere, Refused
from hanse.apps.programmes import content, drafting, publishing, selectors, services, uploads, voices
from hanse.apps.programmes.models import Event, Feedback, Remark
from hanse.apps.programmes.selectors import Seen
from hanse.language.problems import CallError, EditionError

FIRST = Actor("ada@vendor.example", frozenset({"programme_manager"}), everywhere=True)
MANAGER = Actor("max@vendor.example", frozenset({"partner_manager"}), countries=frozenset({"FR"}))
PILOT = Actor("p@bleu.example", frozenset({"partner_member"}), partners=frozenset({"P-2"}))
STRANGER = Actor("q@salt.example", frozenset({"partner_member"}), partners=frozenset({"P-3"}))
_CASE = """
# sold enough
- id: enough
  says: Who sells for 20 000 euro is silver.
  as_of: 2026-06-30
  facts:
    partners: [{partner: P}]
    sales: [{partner: P, "on": 2026-05-01, amount: 20_000, currency: EUR}]
  expect: {P: {level: silver}}
# nothing at all
- id: nothing
  says: Who sells nothing is a member.
  as_of: 2026-06-30
  facts: {partners: [{partner: P}]}
  expect: {P: {level: member}}
"""
pytestmark = pytest.mark.usefixtures("database")


def ahead(days: int = 30) -> date:
    return timezone.now().date() + timedelta(days=days)


def files(folder: Path, **more: str) -> dict[str, bytes]:
    return content.files_of(edition(folder, "2027", more={"cases/plain.yaml": _CASE, **more}))


def drafted(folder: Path, silver: str = "20_000", actor: Actor = FIRST) -> Seen:
    changed = {path: body.replace(b"20_000 EUR", f"{silver} EUR".encode()) for path, body in files(folder).items()}
    return services.draft(actor=actor, files=changed, reason="what if?").version


def test_a_draft_is_kept_before_its_cases_have_been_run(tmp_path: Path) -> None:
    version = drafted(tmp_path, "25_000")
    assert (version.state, version.unchecked, selectors.checked_cases(version.id)) == ("drafted", True, None)
    assert not services.check_cases(version=version.id)
    made = selectors.checked_cases(version.id)
    assert made is not None
    assert made.cases == 2
    (wrong,) = made.failing
    assert (wrong["id"], wrong["file"], wrong["line"], wrong["index"]) == ("enough", "cases/plain.yaml", 3, 0)
    assert wrong["differences"] == ["P: level is member, expected silver"]


def test_what_would_not_compute_is_no_draft_and_its_place_is_a_file_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(EditionError) as said:
        services.draft(
            actor=FIRST, files=files(tmp_path, **{"levels.yaml": "silver: {unheard_of: {at_least: 3}}\n"}), reason="?"
        )
    assert said.value.problems[0].place == "levels.yaml:1"


def test_a_draft_whose_cases_do_not_hold_is_not_published(tmp_path: Path) -> None:
    version = drafted(tmp_path, "25_000")
    with pytest.raises(CallError, match="have not been run"):
        publishing.ask(actor=FIRST, name=version.key, state="announced", on=ahead(), reason="it is time")
    services.check_cases(version=version.id)
    with pytest.raises(CallError, match="1 of its cases do not hold"):
        publishing.ask(actor=FIRST, name=version.key, state="announced", on=ahead(), reason="it is time")
    with pytest.raises(CallError, match="do not hold"):
        services.announce(actor=SECOND, name=version.key, on=ahead(), reason="it is time")
    with pytest.raises(IntegrityError, match="do not hold, or have not been run"), transaction.atomic():
        Event.objects.create(
            version_id=version.id, state="announced", on=ahead(), at=timezone.now(), actor="eva", reason="y"
        )


def test_cases_are_brought_up_to_date(tmp_path: Path) -> None:
    version = drafted(tmp_path, "25_000")
    services.check_cases(version=version.id)
    kept = selectors.files_of(version.id)
    text = kept["cases/plain.yaml"].decode()
    one = drafting.case_text(text, 0)
    assert one.startswith("id: enough\nsays: Who sells")
    assert one.endswith("expect: {P: {level: silver}}\n")
    changed = drafting.with_case(text, 0, one.replace("level: silver", "level: member"))
    assert changed == text.replace("{level: silver}", "{level: member}")
    assert drafting.with_case(text, 1, None) == text[: text.index("- id: nothing")]
    assert "id: enough" not in drafting.with_case(text, 0, None)
    assert "# nothing at all\n- id: nothing" in drafting.with_case(text, 0, None)
    again = services.draft(
        actor=FIRST, files={**kept, "cases/plain.yaml": changed.encode()}, base=version.key, reason="as it is now"
    ).version
    assert again.number == version.number + 1
    assert services.check_cases(version=again.id)
    assert publishing.ask(actor=FIRST, name=again.key, state="announced", on=ahead(), reason="now").verdict == ""


def test_two_people_publish(tmp_path: Path) -> None:
    version = drafted(tmp_path)
    services.check_cases(version=version.id)
    asked = publishing.ask(actor=FIRST, name=version.key, state="announced", on=ahead(), reason="it is time")
    assert [one.number for one in selectors.publications_waiting(SECOND)] == [asked.number]
    assert (asked.mine, publishing.waiting(actor=SECOND)[0].mine) == (True, False)
    with pytest.raises(CallError, match="has asked already"):
        publishing.ask(actor=SECOND, name=version.key, state="announced", on=ahead(), reason="me too")
    with pytest.raises(CallError, match="asked for it and cannot answer"):
        publishing.approve(actor=FIRST, publication=asked.number)
    with pytest.raises(Refused):
        publishing.approve(actor=MANAGER, publication=asked.number)
    with pytest.raises(NotThere):
        publishing.approve(actor=SECOND, publication=10**9)
    done = publishing.approve(actor=SECOND, publication=asked.number, comment="well done")
    assert (done.events[-1].state, done.events[-1].actor, done.events[-1].on) == ("announced", SECOND.name, ahead())
    assert "asked by ada@vendor.example, approved by eva@vendor.example" in done.events[-1].reason
    assert selectors.publications_waiting(SECOND) == []
    with pytest.raises(CallError, match="answered already"):
        publishing.approve(actor=SECOND, publication=asked.number)


def test_the_author_may_be_the_second_person_but_is_not_the_one_who_signs(tmp_path: Path) -> None:
    version = drafted(tmp_path)
    services.check_cases(version=version.id)
    asked = publishing.ask(actor=SECOND, name=version.key, state="in_force", on=ahead(), reason="it is time")
    done = publishing.approve(actor=FIRST, publication=asked.number)
    assert done.events[-1].actor == SECOND.name


def test_what_is_sent_back_says_why_and_may_be_asked_for_again(tmp_path: Path) -> None:
    version = drafted(tmp_path)
    services.check_cases(version=version.id)
    asked = publishing.ask(actor=FIRST, name=version.key, state="announced", on=ahead(), reason="it is time")
    with pytest.raises(CallError, match="nothing is said"):
        publishing.send_back(actor=SECOND, publication=asked.number, comment=" ")
    publishing.send_back(actor=SECOND, publication=asked.number, comment="too harsh on Chile")
    (one,) = publishing.asked_for(actor=MANAGER, version=version.id)
    assert (one.verdict, one.answered_by, one.comment) == ("sent_back", SECOND.name, "too harsh on Chile")
    again = publishing.ask(actor=FIRST, name=version.key, state="announced", on=ahead(), reason="milder now")
    publishing.withdraw(actor=FIRST, publication=again.number, comment="not yet")
    assert selectors.publications_waiting(SECOND) == []


def test_the_database_wants_another_person_to_answer(tmp_path: Path) -> None:
    from hanse.apps.programmes.models import Answer

    version = drafted(tmp_path)
    services.check_cases(version=version.id)
    asked = publishing.ask(actor=FIRST, name=version.key, state="announced", on=ahead(), reason="it is time")
    with pytest.raises(IntegrityError, match="another person"), transaction.atomic():
        Answer.objects.create(publication_id=asked.number, verdict="approved", actor=FIRST.name, at=timezone.now())


def test_what_lies_ahead_is_taken_back_and_the_edition_before_stays(tmp_path: Path) -> None:
    old = installed(tmp_path / "old")
    new = drafted(tmp_path / "new")
    services.check_cases(version=new.id)
    asked = publishing.ask(actor=FIRST, name=new.key, state="in_force", on=ahead(), reason="the year begins")
    publishing.approve(actor=SECOND, publication=asked.number)
    assert [v.name for v in selectors.judged_on(ahead())] == ["quay/2027"]
    back = publishing.take_back(actor=SECOND, name=new.key, reason="the council says no")
    assert (back.state, [e.taken_back for e in back.events]) == ("drafted", [False, True, False])
    assert [(v.id, v.state) for v in selectors.judged_on(ahead())] == [(old.id, "in_force")]
    again = publishing.ask(actor=FIRST, name=new.key, state="in_force", on=ahead(), reason="they agreed")
    publishing.approve(actor=SECOND, publication=again.number)
    assert [v.name for v in selectors.judged_on(ahead())] == ["quay/2027"]
    with pytest.raises(CallError, match="nothing of it lies ahead"):
        publishing.take_back(actor=SECOND, name=old.key if old.state == "drafted" else installed(tmp_path / "o2", "2031", in_force=False).key, reason="?")  # fmt: skip


def test_a_pilot_group_is_there_again_when_the_announcement_is_taken_back(tmp_path: Path) -> None:
    version = drafted(tmp_path)
    services.check_cases(version=version.id)
    today = timezone.now().date()
    services.pilot(actor=FIRST, name=version.key, partners=["P-2"], on=today, reason="try it")
    services.announce(actor=SECOND, name=version.key, on=ahead(), reason="they liked it")
    publishing.take_back(actor=SECOND, name=version.key, reason="they did not")
    assert selectors.pilots_of(version.id, ahead()) == ["P-2"]


def test_what_has_come_is_not_taken_back_in_the_database_either(tmp_path: Path) -> None:
    version = installed(tmp_path)
    event = Event.objects.get(version_id=version.id, state="in_force")
    with pytest.raises(IntegrityError, match="while its day lies ahead"), transaction.atomic():
        Event.objects.create(
            version_id=version.id,
            state="drafted",
            on=event.on,
            at=timezone.now(),
            actor="eva",
            reason="y",
            takes_back=event,
        )


def test_remarks_and_feedback(tmp_path: Path) -> None:
    version = drafted(tmp_path)
    voices.remark(actor=MANAGER, version=version.id, text=" Too harsh? ", rehearsal=3)
    (said,) = voices.remarks(actor=MANAGER, version=version.id)
    assert (said.author, said.text, said.rehearsal) == (MANAGER.name, "Too harsh?", 3)
    with pytest.raises(Refused):
        voices.remarks(actor=PILOT, version=version.id)
    with pytest.raises(Refused):
        voices.give_feedback(actor=PILOT, version=version.id, partner="P-2", opinion="fair", text="")
    services.pilot(actor=FIRST, name=version.key, partners=["P-2", "P-3"], on=timezone.now().date(), reason="try it")
    assert [one.id for one in voices.piloted_for(actor=PILOT, day=ahead(0))] == [version.id]
    voices.give_feedback(
        actor=PILOT, version=version.id, partner="P-2", opinion="unfair", text="too much", requirement="revenue"
    )
    voices.give_feedback(actor=STRANGER, version=version.id, partner="P-3", opinion="fair", text="")
    with pytest.raises(Refused):
        voices.give_feedback(actor=PILOT, version=version.id, partner="P-3", opinion="fair", text="")
    assert {one.partner for one in voices.feedback(actor=FIRST, version=version.id)} == {"P-2", "P-3"}
    assert Remark.objects.count() == 1
    assert Feedback.objects.count() == 2


def _zip(names: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in names.items():
            archive.writestr(name, body)
    return made.getvalue()


def _tar(names: dict[str, bytes], link: str = "") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, body in names.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
        if link:
            info = tarfile.TarInfo(link)
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(info)
    return made.getvalue()


@pytest.mark.parametrize("pack", [_zip, _tar])
def test_an_archive_is_read_with_and_without_a_folder_at_the_top(
    pack: Callable[[dict[str, bytes]], bytes], tmp_path: Path
) -> None:
    own = files(tmp_path)
    assert uploads.files_in("a", pack(own)) == own
    assert uploads.files_in("a", pack({f"quay-main/{path}": body for path, body in own.items()})) == own


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (b"no archive", "no archive that can be read"),
        (_zip({}), "no archive that can be read|is empty"),
        (_zip({"levels.yaml": b""}), "no programme.yaml"),
        (_zip({"programme.yaml": b"", "../x.yaml": b""}), "path is not one"),
        (_zip({"programme.yaml": b"", "/etc/x.yaml": b""}), "path is not one"),
        (_zip({"programme.yaml": b"", "run.py": b""}), "kind of file"),
        (_zip({"a/programme.yaml": b"", "b/levels.yaml": b""}), "not in the folder"),
        (_zip({"programme.yaml": b"", "big.yaml": b"0" * (uploads.WHOLE + 1)}), "unpacked it has more"),
        (_zip({"programme.yaml": b""} | {f"cases/{n}.yaml": b"" for n in range(uploads.FILES)}), "more than 300 files"),
        (b"0" * (uploads.SENT + 1), "at most"),
        (_tar({"programme.yaml": b""}, link="levels.yaml"), "a link or a device"),
    ],
    ids=["none", "empty", "no programme", "outside", "absolute", "kind", "two", "bomb", "many", "large", "link"],
)
def test_an_archive_is_refused(made: bytes, says: str) -> None:
    with pytest.raises(CallError, match=says):
        uploads.files_in("sent.zip", made)


def test_a_link_in_a_zip_is_refused() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("programme.yaml", b"")
        info = zipfile.ZipInfo("levels.yaml")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(CallError, match="a link or a device"):
        uploads.files_in("sent.zip", made.getvalue())


def test_only_those_who_write_programmes_draft(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        drafted(tmp_path, actor=MANAGER)
    assert services.draft(actor=operator(), files=files(tmp_path / "b"), reason="?").new
