"""Which editions are there, in which versions, and what has become of each?

A version is the content of an edition's files; other content is another version. What happens to a version is said by
events, one after the other; what holds on a day is what the latest event up to that day says. Nothing here is ever
changed: see README.md.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q


class State(models.TextChoices):
    """What a version is on a day: an event says from when."""

    DRAFTED = "drafted"
    PILOTED = "piloted"
    ANNOUNCED = "announced"
    IN_FORCE = "in_force"
    RETIRED = "retired"


class Version(models.Model):
    """One content of one edition. `content_hash` is over its rules, as runs name them; `cases_hash` over its cases.

    A draft that was made on a page has a `base`, and is kept before its cases have been run (`unchecked`): a `Check` says
    what came of them.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.TextField()
    programme = models.TextField()
    edition = models.TextField()
    number = models.PositiveIntegerField()
    title = models.JSONField()
    content_hash = models.TextField()
    cases_hash = models.TextField()
    cases = models.PositiveIntegerField()
    author = models.TextField()
    installed = models.DateTimeField()
    source = models.TextField()
    base = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    unchecked = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("name", "number"), name="version_number_once"),
            models.UniqueConstraint(fields=("name", "content_hash", "cases_hash"), name="version_content_once"),
            models.CheckConstraint(
                condition=Q(content_hash__regex="^[0-9a-f]{64}$") & Q(cases_hash__regex="^[0-9a-f]{64}$"),
                name="version_hashes_are_sha256",
            ),
            models.CheckConstraint(condition=~Q(author="") & ~Q(programme="") & ~Q(edition=""), name="version_named"),
            models.CheckConstraint(condition=Q(number__gte=1), name="version_numbered_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.name} version {self.number}"


class File(models.Model):
    """One file of a version, byte for byte."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="files")
    path = models.TextField()
    content = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("version", "path"), name="file_path_once"),
            models.CheckConstraint(
                condition=Q(path__regex=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$"),
                name="file_path_stays_inside",
            ),
        ]


class Event(models.Model):
    """A version becomes something from a day on. `alone`: its own author published it, and the reason says why.

    With `takes_back` it undoes an event whose day still lay ahead: the version is again what it was before.
    """

    version = models.ForeignKey(Version, models.PROTECT, related_name="events")
    state = models.TextField(choices=State.choices)
    on = models.DateField()
    at = models.DateTimeField()
    actor = models.TextField()
    reason = models.TextField()
    alone = models.BooleanField(default=False)
    takes_back = models.OneToOneField("self", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="event_state"),
            models.CheckConstraint(condition=~Q(actor="") & ~Q(reason=""), name="event_has_actor_and_reason"),
        ]


class PilotPartner(models.Model):
    """A partner of the group to which a version is shown from a `piloted` event on."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="group")
    partner = models.TextField(db_collation="C")

    class Meta:
        db_table = "programmes_pilot_partner"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("event", "partner"), name="pilot_partner_once"),
        ]


class Check(models.Model):
    """What came of the cases of a version that was kept before they were run: those that do not hold, as they are shown."""

    version = models.OneToOneField(Version, models.PROTECT, related_name="check_made")
    at = models.DateTimeField()
    cases = models.PositiveIntegerField()
    failing = models.JSONField()


class Publication(models.Model):
    """Somebody asks that a version be announced, or put in force, on a day."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="publications")
    state = models.TextField(choices=State.choices)
    on = models.DateField()
    reason = models.TextField()
    asked_by = models.TextField()
    asked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=("announced", "in_force")), name="publication_state"),
            models.CheckConstraint(condition=~Q(asked_by="") & ~Q(reason=""), name="publication_has_actor_and_reason"),
        ]


class Answer(models.Model):
    """What became of a publication that was asked for: a second person approved it or sent it back, or it was withdrawn."""

    class Verdict(models.TextChoices):
        APPROVED = "approved"
        SENT_BACK = "sent_back"
        WITHDRAWN = "withdrawn"

    publication = models.OneToOneField(Publication, models.PROTECT, related_name="answer")
    verdict = models.TextField(choices=Verdict.choices)
    actor = models.TextField()
    at = models.DateTimeField()
    comment = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(verdict__in=("approved", "sent_back", "withdrawn")), name="answer_verdict"
            ),
            models.CheckConstraint(condition=~Q(actor=""), name="answer_has_actor"),
            models.CheckConstraint(condition=Q(verdict="approved") | ~Q(comment=""), name="answer_says_why"),
        ]


class Remark(models.Model):
    """What one of the vendor's people says of a version, perhaps looking at a rehearsal (its number)."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="remarks")
    rehearsal = models.BigIntegerField(null=True)
    author = models.TextField()
    at = models.DateTimeField()
    text = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(author="") & ~Q(text=""), name="remark_has_author_and_text")
        ]


class Feedback(models.Model):
    """What a partner of a pilot group says of the version shown to it, of all of it or of one requirement."""

    class Opinion(models.TextChoices):
        FAIR = "fair"
        PARTLY = "partly"
        UNFAIR = "unfair"

    version = models.ForeignKey(Version, models.PROTECT, related_name="feedback")
    partner = models.TextField(db_collation="C")
    author = models.TextField()
    at = models.DateTimeField()
    requirement = models.TextField(blank=True)
    opinion = models.TextField(choices=Opinion.choices)
    text = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("version", "partner"), name="feedback_of_partner")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(opinion__in=("fair", "partly", "unfair")), name="feedback_opinion"),
            models.CheckConstraint(condition=~Q(author="") & ~Q(partner=""), name="feedback_has_author_and_partner"),
        ]
