"""Pairs of records that may be one firm, and what was decided of each."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

BYTES = "C"


class Pair(models.Model):
    """Two records, `one` before `other`; `weight` in bits, `because` its parts as the decision same_firm gives them."""

    class Verdict(models.TextChoices):
        WAITING = ""
        SAME = "same"
        OTHER = "other"

    one = models.TextField(db_collation=BYTES)
    other = models.TextField(db_collation=BYTES)
    weight = models.FloatField()
    because = models.JSONField()
    verdict = models.TextField(choices=Verdict.choices, blank=True, default=Verdict.WAITING)
    by = models.TextField(blank=True, default="")
    at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("-weight", "id"), condition=Q(verdict=""), name="duplicates_waiting"),
            models.Index(fields=("other",), name="duplicates_other"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("one", "other"), name="duplicates_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="duplicates_in_order"),
            models.CheckConstraint(
                condition=Q(verdict="") | (~Q(by="") & Q(at__isnull=False)), name="duplicates_decided_by"
            ),
        ]


class Look(models.Model):
    """One time that all records were looked at: when, how many, and how many pairs are likely."""

    at = models.DateTimeField(auto_now_add=True)
    records = models.IntegerField()
    pairs = models.IntegerField()
