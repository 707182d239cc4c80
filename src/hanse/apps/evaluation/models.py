"""Which changes were rehearsed, over which facts, and whom would each of them move?"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

BYTES = "C"


class Rehearsal(models.Model):
    """Two versions over the same facts. The same versions, days and `known_at` give the same: they are rehearsed once.

    `summary` is that of decisions/rehearsal_figures.py; `phase`, `done` and `of` say how far one is that goes on.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    before = models.ForeignKey("programmes.Version", models.PROTECT, related_name="+")
    after = models.ForeignKey("programmes.Version", models.PROTECT, related_name="+")
    as_of = models.DateField()
    rules_as_of = models.DateField()
    known_at = models.DateTimeField()
    fewer_than = models.PositiveIntegerField()
    state = models.TextField(choices=State.choices)
    asked_by = models.TextField()
    asked_at = models.DateTimeField()
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)
    processor_seconds = models.FloatField(null=True)
    phase = models.TextField(blank=True)
    done = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)
    summary = models.JSONField(null=True)
    failure = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("before", "after", "as_of", "rules_as_of", "known_at", "fewer_than"),
                condition=~Q(state="failed"),
                name="rehearsal_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "running", "done", "failed")), name="rehearsal_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(summary__isnull=False, finished__isnull=False),
                name="rehearsal_done_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"rehearsal {self.pk}"


class Mover(models.Model):
    """A partner whose level a rehearsal moves; `rank` puts those first who move furthest. Columns as in moves.parquet."""

    pk = models.CompositePrimaryKey("rehearsal", "rank")
    rehearsal = models.ForeignKey(Rehearsal, models.PROTECT, related_name="+", db_index=False)
    rank = models.IntegerField()
    partner = models.TextField(db_collation=BYTES)
    name = models.TextField(null=True)
    country = models.TextField(db_collation=BYTES)
    level_before = models.TextField(null=True, db_collation=BYTES)
    level_after = models.TextField(null=True, db_collation=BYTES)
    granted_before = models.TextField(null=True)
    granted_after = models.TextField(null=True)
    direction = models.TextField(db_collation=BYTES)
    steps = models.SmallIntegerField()
    because_level = models.TextField(null=True, db_collation=BYTES)
    because = models.TextField(null=True, db_collation=BYTES)
    change = models.TextField(null=True)
    metric = models.TextField(null=True)
    clause = models.TextField(null=True)
    actual_before = models.FloatField(null=True)
    actual_after = models.FloatField(null=True)
    needed_before = models.FloatField(null=True)
    needed_after = models.FloatField(null=True)
    competencies_lost = models.TextField(null=True)
    competencies_gained = models.TextField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("rehearsal", "country", "rank"), name="mover_by_country"),
            models.Index(fields=("rehearsal", "because", "because_level", "rank"), name="mover_by_reason"),
            models.Index(fields=("rehearsal", "level_before", "level_after", "rank"), name="mover_by_levels"),
        ]
