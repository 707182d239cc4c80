"""Which facts are recorded, who said each of them, and when did we learn it?

One table per table of the contract, made from its declaration, so that the two cannot drift apart. Nothing here is ever
updated or deleted: see README.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from hanse.language.facts import CONTRACT, Column, FactTable

BYTES = "C"  # keys are compared by their bytes, as every engine compares them


class Batch(models.Model):
    """What one source said at once: a file, a form, a correction, a waiver. `recorded` is the moment we learned it."""

    class Kind(models.TextChoices):
        IMPORT = "import"
        ENTRY = "entry"
        CORRECTION = "correction"
        WAIVER = "waiver"
        APPROVAL = "approval"

    kind = models.TextField(choices=Kind.choices)
    source = models.TextField()
    file = models.TextField(blank=True)
    sha256 = models.TextField(blank=True)
    recorded = models.DateTimeField(db_index=True)
    author = models.TextField()
    reason = models.TextField(blank=True)
    until = models.DateField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=("import", "entry", "correction", "waiver", "approval")), name="batch_kind"),
            models.CheckConstraint(condition=~Q(source="") & ~Q(author=""), name="batch_has_source_and_author"),
            models.CheckConstraint(
                condition=~Q(kind__in=("correction", "waiver", "approval")) | ~Q(reason=""), name="batch_by_hand_has_reason"
            ),
            models.CheckConstraint(condition=~Q(kind="waiver") | Q(until__isnull=False), name="waiver_ends"),
        )  # fmt: skip


class Withdrawal(models.Model):
    """A batch taken back as a whole: an undo is one row, whatever it undoes."""

    batch = models.OneToOneField(Batch, models.PROTECT, primary_key=True, related_name="+")
    at = models.DateTimeField()
    author = models.TextField()
    reason = models.TextField()

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(reason="") & ~Q(author=""), name="withdrawal_has_reason"),)


class AlsoSaid(models.Model):
    """A later batch said the same as a fact that is there: the fact stays while anybody still says it."""

    pk = models.CompositePrimaryKey("tbl", "fact", "batch")
    tbl = models.TextField()
    fact = models.BigIntegerField()
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="+")
    line = models.BigIntegerField()

    class Meta:
        db_table = "evidence_also_said"


class Superseded(models.Model):
    """A correction hides one fact as long as the correction itself is not taken back."""

    tbl = models.TextField()
    fact = models.BigIntegerField()
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="+")
    by_fact = models.BigIntegerField(null=True)

    class Meta:
        indexes = (models.Index(fields=("tbl", "fact"), name="evidence_superseded_fact"),)


class Trust(models.Model):
    """Which source is believed first of a field of firms (`*`: of all that have no order of their own)."""

    pk = models.CompositePrimaryKey("field", "place")
    field = models.TextField()
    place = models.SmallIntegerField()
    source = models.TextField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("field", "source"), name="trust_once"),
            models.CheckConstraint(condition=~Q(source="") & ~Q(field=""), name="trust_said"),
        )


class Erasure(models.Model):
    """A person's data was erased on legal request. `key_hash` recognises the person if a file brings it back."""

    pseudonym = models.TextField(unique=True)
    salt = models.BinaryField()
    key_hash = models.BinaryField(unique=True)
    at = models.DateTimeField()
    author = models.TextField()
    reason = models.TextField()
    transaction = models.BigIntegerField()
    rows = models.JSONField()

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(reason="") & ~Q(author=""), name="erasure_has_reason"),)


class Declared(models.Model):
    """Facts of tables that an edition declares: `more` holds their columns."""

    fact = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="+")
    line = models.BigIntegerField()
    digest = models.UUIDField(db_index=True)
    tbl = models.TextField()
    partner = models.TextField(null=True, db_collation=BYTES)
    person = models.TextField(null=True, db_collation=BYTES)
    more = models.JSONField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("tbl", "partner"), name="evidence_declared_partner"),
            models.Index(fields=("tbl", "person"), name="evidence_declared_person"),
        )


def _field(column: Column) -> models.Field[Any, Any]:
    null = not column.required
    match column.type:
        case "day":
            return models.DateField(null=null)
        case "moment":
            return models.DateTimeField(null=null)
        case "amount" | "number":
            return models.DecimalField(max_digits=18, decimal_places=4, null=null)
        case "rate":
            return models.DecimalField(max_digits=38, decimal_places=12, null=null)
        case "integer":
            return models.BigIntegerField(null=null)
        case "real":
            return models.FloatField(null=null)
        case _:
            return models.TextField(db_collation=BYTES, null=null)


def _indexes(table: FactTable) -> list[models.Index]:
    """By whose fact it is, by its key where it has one, else by its content."""
    listed = []
    if table.key:
        columns = [
            models.F(c) if table.by_name[c].required else Coalesce(c, models.Value(""), output_field=models.TextField(db_collation=BYTES))
            for c in table.key
        ]  # fmt: skip
        listed.append(models.Index(*columns, "fact", name=f"evidence_{table.name}_key"))
    else:
        listed.append(models.Index(fields=("digest",), name=f"evidence_{table.name}_said"))
    owners = {"partner": ("partner",), "person": ("person",)}.get(table.owner, ())
    also = {"ownership": ("owner", "owned"), "events": ("partner", "into")}.get(table.name, owners)
    for owner in also:
        if not table.key or table.key[0] != owner or table.name == "ownership":
            listed.append(models.Index(fields=(owner,), name=f"evidence_{table.name}_{owner}"))
    if table.name == "partners":
        listed.append(models.Index(fields=("group",), name="evidence_partners_group"))
    return listed


def _checks(table: FactTable) -> list[models.CheckConstraint]:
    """What no row may be, whoever writes it."""
    listed = []
    for column in table.columns:
        if column.type in ("country", "currency"):
            pattern = "^[A-Z]{2}$" if column.type == "country" else "^[A-Z]{3}$"
            listed.append(models.CheckConstraint(
                condition=Q(**{f"{column.name}__isnull": True}) | Q(**{f"{column.name}__regex": pattern}),
                name=f"{table.name}_{column.name}_code",
            ))  # fmt: skip
        elif column.required and column.type == "text":
            listed.append(
                models.CheckConstraint(condition=~Q(**{column.name: ""}), name=f"{table.name}_{column.name}_said")
            )
    if table.lasts:
        first, last = table.lasts
        listed.append(models.CheckConstraint(
            condition=Q(**{f"{last}__isnull": True}) | Q(**{f"{last}__gte": models.F(first)}), name=f"{table.name}_ends_after_start"
        ))  # fmt: skip
    return listed


def _model(table: FactTable) -> type[models.Model]:
    columns = {c.name: _field(c) for c in table.columns}
    meta = type("Meta", (), {
        "db_table": f"evidence_{table.name}", "indexes": _indexes(table), "constraints": _checks(table),
    })  # fmt: skip
    body = {
        "__module__": __name__, "__doc__": f"Facts of the contract's table `{table.name}`.", "Meta": meta,
        "fact": models.BigAutoField(primary_key=True),
        "batch": models.ForeignKey(Batch, models.PROTECT, related_name="+"),
        "line": models.BigIntegerField(),
        "digest": models.UUIDField(),
        **columns,
        "more": models.JSONField(null=True),
    }  # fmt: skip
    return type(f"Fact{table.name.title().replace('_', '')}", (models.Model,), body)


FACTS: Mapping[str, type[models.Model]] = {table.name: _model(table) for table in CONTRACT.values()}
