"""Every record as it is compared, and what the last comparison of all has learned (see README.md)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

BYTES = "C"


class Known(models.Model):
    """What a comparison of all records has learned (`hanse.decisions.same_firm_one.Known`); the latest counts."""

    at = models.DateTimeField(auto_now_add=True)
    says = models.JSONField()


class Record(models.Model):
    """A present record that went into no other: the keys by which it is looked up, and what is compared, as JSON.

    `digest` is of what the registry says and of the comparison whose words were used: where it differs, the row is behind.
    """

    partner = models.TextField(primary_key=True, db_collation=BYTES)
    keys = ArrayField(models.BigIntegerField())
    said = models.TextField()
    digest = models.TextField()

    class Meta:
        indexes: ClassVar = [GinIndex(fields=("keys",), name="likeness_keys", fastupdate=False)]


class Word(models.Model):
    """A word of the names that were compared: its number and weight, whether many firms are called by it, how many names have it."""

    word = models.TextField(primary_key=True, db_collation=BYTES)
    code = models.BigIntegerField()
    common = models.BooleanField()
    times = models.FloatField()


class TooCommon(models.Model):
    """A key that so many records share that the comparison passed it over."""

    key = models.BigIntegerField(primary_key=True)
