"""Who is connected with whom, who asked, and what a firm gives to those it is connected with."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least

BYTES = "C"


class Connection(models.Model):
    """Two partners: `asker` asked `asked`, who may answer. An end is kept, with who ended it; a new one is a new row."""

    class State(models.TextChoices):
        ASKED = "asked"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"  # by the asker before an answer, by either after it

    asker = models.TextField(db_collation=BYTES)
    asked = models.TextField(db_collation=BYTES)
    state = models.TextField(choices=State.choices, default=State.ASKED)
    message = models.TextField()
    asked_by = models.TextField()
    asked_at = models.DateTimeField()
    answered_by = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    ended_by = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("asker", "state"), name="connection_of_asker"),
            models.Index(fields=("asked", "state"), name="connection_of_asked"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(asker=F("asked")), name="connection_of_two"),
            models.CheckConstraint(
                condition=Q(state__in=("asked", "accepted", "declined", "withdrawn")), name="connection_state"
            ),
            models.CheckConstraint(
                condition=(Q(state__in=("asked", "withdrawn")) | Q(answered_at__isnull=False))
                & (Q(ended_at__isnull=False) | ~Q(state="withdrawn")),
                name="connection_has_its_moments",
            ),
            models.CheckConstraint(condition=~Q(asked_by=""), name="connection_asked_by_somebody"),
            # one open or living connection between two, whoever asked
            models.UniqueConstraint(
                Least("asker", "asked"),
                Greatest("asker", "asked"),
                condition=Q(state__in=("asked", "accepted")),
                name="connection_once",
            ),
        ]


class Given(models.Model):
    """What a firm's connections see of it; a firm that has said nothing gives all three."""

    partner = models.TextField(primary_key=True, db_collation=BYTES)
    website = models.BooleanField(default=True)
    phone = models.BooleanField(default=True)
    email = models.BooleanField(default=True)
    set_by = models.TextField()
    set_at = models.DateTimeField()


class Joint(models.Model):
    """Two connected firms may know what their level would be together: `asker` asked, `asked` may agree, either ends it.

    An end is kept, with who ended it. It holds only while both agree and are connected.
    """

    asker = models.TextField(db_collation=BYTES)
    asked = models.TextField(db_collation=BYTES)
    asked_by = models.TextField()
    asked_at = models.DateTimeField()
    agreed_by = models.TextField(blank=True)
    agreed_at = models.DateTimeField(null=True)
    ended_by = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("asker",), condition=Q(ended_at__isnull=True), name="joint_of_asker"),
            models.Index(fields=("asked",), condition=Q(ended_at__isnull=True), name="joint_of_asked"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(asker=F("asked")), name="joint_of_two"),
            models.CheckConstraint(condition=~Q(asked_by=""), name="joint_asked_by_somebody"),
            models.CheckConstraint(
                condition=Q(agreed_at__isnull=True, agreed_by="") | (Q(agreed_at__isnull=False) & ~Q(agreed_by="")),
                name="joint_agreed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by="") | (Q(ended_at__isnull=False) & ~Q(ended_by="")),
                name="joint_ended_by_somebody",
            ),
            models.UniqueConstraint(
                Least("asker", "asked"),
                Greatest("asker", "asked"),
                condition=Q(ended_at__isnull=True),
                name="joint_once",
            ),
        ]
