"""Who is who, as the facts that count now say: a projection, refreshed whenever they change (see README.md)."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

BYTES = "C"


class Group(models.Model):
    """Companies under one owner, world-wide."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    key = models.TextField(unique=True, db_collation=BYTES)


class Partner(models.Model):
    """A company in one country. `present` is false where no fact says any more that it exists; its number stays.

    `merged_into` is the key of the firm that answers for this record today, after mergers were followed to their end.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    key = models.TextField(unique=True, db_collation=BYTES)
    group = models.ForeignKey(Group, models.PROTECT, null=True, related_name="partners")
    name = models.TextField()
    country = models.CharField(max_length=2, db_index=True)
    region = models.TextField(null=True)
    city = models.TextField(null=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    type = models.TextField(null=True)
    joined = models.DateField(null=True)
    left = models.DateField(null=True)
    employees = models.BigIntegerField(null=True)
    website = models.TextField(null=True)
    vat = models.TextField(null=True)
    present = models.BooleanField(default=True)
    merged_into = models.TextField(null=True, db_collation=BYTES)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("name",), name="registry_partner_name"),
            models.Index(
                fields=("merged_into",), condition=models.Q(merged_into__isnull=False), name="registry_partner_merged"
            ),
        ]


class Location(models.Model):
    """A place where a partner works."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="locations")
    key = models.TextField(db_collation=BYTES)
    name = models.TextField(null=True)
    street = models.TextField(null=True)
    postcode = models.TextField(null=True)
    city = models.TextField(null=True)
    country = models.CharField(max_length=2, null=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    phone = models.TextField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("partner", "key"), name="registry_location_once")]


class Person(models.Model):
    """Somebody who works, or has worked, for a partner."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    key = models.TextField(unique=True, db_collation=BYTES)


class Employment(models.Model):
    """Who worked where, from when to when."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="employments")
    partner = models.TextField(db_collation=BYTES, db_index=True)
    since = models.DateField()
    until = models.DateField(null=True)
    role = models.TextField(null=True)
    country = models.CharField(max_length=2, null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("person", "partner", "since"), name="registry_employment_once"),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")), name="employment_ends_after_start"
            ),
        ]  # fmt: skip


class Agreement(models.Model):
    """A contract between vendor and partner: an attestation of kind `agreement`."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="agreements")
    name = models.TextField()
    version = models.TextField(null=True)
    signed = models.DateField()
    expires = models.DateField(null=True)
    signer = models.TextField(null=True)


class Confirmation(models.Model):
    """An administrator of a firm said that what is known of it is right."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="confirmations")
    at = models.DateTimeField(auto_now_add=True)
    by = models.TextField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=("partner", "at"), name="registry_confirmed")]


class Visibility(models.Model):
    """Who may see one part of a partner's profile, where the partner has said so; else nobody but the vendor."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="visibility")
    part = models.TextField()
    audience = models.TextField()
    set_by = models.TextField()
    set_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("partner", "part"), name="registry_visibility_once"),
            models.CheckConstraint(
                condition=models.Q(part__in=("contact", "competencies", "level", "people", "references")),
                name="registry_visibility_part",
            ),
            models.CheckConstraint(
                condition=models.Q(audience__in=("vendor", "partners", "public")), name="registry_visibility_audience"
            ),
            models.CheckConstraint(condition=~models.Q(set_by=""), name="registry_visibility_set_by_somebody"),
        ]
