"""Where every partner is, who says so, and what a person has said where nothing could be found (see README.md)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

BYTES = "C"
FACT, FOUND, HAND, UNKNOWN = "fact", "found", "hand", ""


class Place(models.Model):
    """Where a present partner is: a projection of the registry, of the towns there are, and of choices by hand.

    `country`, `city`, `region` and `postcode` are what was asked, empty texts where nothing is said. `x` and `y` are the
    coordinates on the world's square (Mercator) in parts of 2^24, from the north-west; `cell` is the square of 1024 by
    1024 in which they lie. `towns` names the list of towns that was asked.
    """

    partner = models.TextField(primary_key=True, db_collation=BYTES)
    country = models.TextField(db_collation=BYTES)
    city = models.TextField(db_collation=BYTES)
    region = models.TextField(db_collation=BYTES)
    postcode = models.TextField(db_collation=BYTES)
    source = models.TextField()
    certainty = models.TextField()
    town = models.TextField(null=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    x = models.IntegerField(null=True)
    y = models.IntegerField(null=True)
    cell = models.IntegerField(null=True)
    towns = models.TextField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("country", "city"), condition=Q(source=UNKNOWN), name="place_unknown"),
            models.Index(fields=("cell",), condition=Q(cell__isnull=False), name="place_by_cell"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(source__in=(FACT, FOUND, HAND, UNKNOWN)), name="place_source"),
            models.CheckConstraint(
                condition=Q(source=UNKNOWN, latitude__isnull=True, longitude__isnull=True, x__isnull=True, y__isnull=True, cell__isnull=True)
                | (~Q(source=UNKNOWN) & Q(latitude__isnull=False, longitude__isnull=False, x__isnull=False, y__isnull=False, cell__isnull=False)),
                name="place_is_known_or_not",
            ),
            models.CheckConstraint(condition=~Q(latitude=0, longitude=0), name="place_is_not_the_gulf_of_guinea"),
        ]  # fmt: skip


class Choice(models.Model):
    """What a person said about a place that could not be found: of one partner, or of all that name this town so.

    The latest counts; one without coordinates takes back what was said before.
    """

    partner = models.TextField(db_collation=BYTES)  # empty: of all partners that name this town so
    country = models.TextField(db_collation=BYTES)
    city = models.TextField(db_collation=BYTES)
    town = models.TextField()
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    author = models.TextField()
    reason = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index("country", F("at").desc(), name="choice_latest")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(author="") & ~Q(reason=""), name="choice_has_author_and_reason"),
            models.CheckConstraint(condition=~Q(partner="", city=""), name="choice_is_about_something"),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | (Q(latitude__range=(-90, 90), longitude__range=(-180, 180)) & ~Q(latitude=0, longitude=0)),
                name="choice_is_on_the_map",
            ),
        ]
