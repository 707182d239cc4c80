"""Who can be found, and by what: a projection of the registry, of facts and of standings, and the index over it.

Nobody edits a row here: services.py writes them from what it is a projection of.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

BYTES = "C"


def _names() -> ArrayField:
    return ArrayField(models.TextField(), default=list)


class Entry(models.Model):
    """A partner as it can be found. `place` numbers entries by name (those that came since the last numbering follow).

    `called` are its names of before, and those of records that went into it. `reach_…` say who may see a part of the profile: 0 the vendor, 1 partners too, 2 everybody. `certificates` are those
    that somebody holds; on `fades` the first of them runs out.
    """

    partner = models.TextField(primary_key=True, db_collation=BYTES)
    place = models.IntegerField(null=True)
    name = models.TextField()
    folded = models.TextField(db_collation=BYTES)
    country = models.CharField(max_length=2)
    region = models.TextField(null=True)
    city = models.TextField(null=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    type = models.TextField(null=True)
    called = _names()
    certificates = _names()
    solutions = _names()
    industries = _names()
    languages = _names()
    fades = models.DateField(null=True)
    reach_contact = models.SmallIntegerField(default=0)
    reach_competencies = models.SmallIntegerField(default=0)
    reach_level = models.SmallIntegerField(default=0)
    reach_people = models.SmallIntegerField(default=0)
    reach_references = models.SmallIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("place",), name="directory_entry_place"),
            models.Index(fields=("fades",), condition=models.Q(fades__isnull=False), name="directory_entry_fades"),
        ]


class Held(models.Model):
    """What a partner holds by an edition in force: the level, and competencies as `name` or `name/depth`."""

    pk = models.CompositePrimaryKey("partner", "edition")
    partner = models.TextField(db_collation=BYTES)
    edition = models.TextField(db_collation=BYTES)
    level = models.TextField()
    competencies = _names()

    class Meta:
        indexes: ClassVar = [models.Index(fields=("edition",), name="directory_held_edition")]


class Book(models.Model):
    """An edition in force: what it, its levels (from low to high), competencies and depths are called, by language."""

    edition = models.TextField(primary_key=True, db_collation=BYTES)
    says = models.JSONField()


class Posting(models.Model):
    """The places of the entries that have a term, as a compressed set: whole where they are few, else cut into chunks.

    A chunk holds the places of one multiple of 65,536; -1 is the whole set.
    """

    pk = models.CompositePrimaryKey("term", "chunk")
    term = models.TextField(db_collation=BYTES)
    chunk = models.SmallIntegerField()
    places = models.BinaryField()
    size = models.IntegerField()
    version = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=("version",), name="directory_posting_version")]


class State(models.Model):
    """The one row that says which version the index is of, when it was made anew, and whether work is left."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    version = models.BigIntegerField(default=0)
    epoch = models.BigIntegerField(default=0)
    behind = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="directory_state_is_one")]
