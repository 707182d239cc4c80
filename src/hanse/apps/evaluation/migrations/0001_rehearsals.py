"""Rehearsals, and whom each of them moves."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from hanse.installation.append_only import append_only, writable


class Migration(migrations.Migration):
    initial = True

    dependencies: ClassVar = [
        ("programmes", "0003_office"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Rehearsal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("as_of", models.DateField()),
                ("rules_as_of", models.DateField()),
                ("known_at", models.DateTimeField()),
                ("fewer_than", models.PositiveIntegerField()),
                (
                    "state",
                    models.TextField(
                        choices=[("waiting", "Waiting"), ("running", "Running"), ("done", "Done"), ("failed", "Failed")]
                    ),
                ),
                ("asked_by", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("started", models.DateTimeField(null=True)),
                ("finished", models.DateTimeField(null=True)),
                ("processor_seconds", models.FloatField(null=True)),
                ("phase", models.TextField(blank=True)),
                ("done", models.PositiveIntegerField(default=0)),
                ("of", models.PositiveIntegerField(default=0)),
                ("summary", models.JSONField(null=True)),
                ("failure", models.JSONField(null=True)),
                (
                    "after",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programmes.version"
                    ),
                ),
                (
                    "before",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programmes.version"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Mover",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "rehearsal", "rank", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("rank", models.IntegerField()),
                ("partner", models.TextField(db_collation="C")),
                ("name", models.TextField(null=True)),
                ("country", models.TextField(db_collation="C")),
                ("level_before", models.TextField(db_collation="C", null=True)),
                ("level_after", models.TextField(db_collation="C", null=True)),
                ("granted_before", models.TextField(null=True)),
                ("granted_after", models.TextField(null=True)),
                ("direction", models.TextField(db_collation="C")),
                ("steps", models.SmallIntegerField()),
                ("because_level", models.TextField(db_collation="C", null=True)),
                ("because", models.TextField(db_collation="C", null=True)),
                ("change", models.TextField(null=True)),
                ("metric", models.TextField(null=True)),
                ("clause", models.TextField(null=True)),
                ("actual_before", models.FloatField(null=True)),
                ("actual_after", models.FloatField(null=True)),
                ("needed_before", models.FloatField(null=True)),
                ("needed_after", models.FloatField(null=True)),
                ("competencies_lost", models.TextField(null=True)),
                ("competencies_gained", models.TextField(null=True)),
                (
                    "rehearsal",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evaluation.rehearsal",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="rehearsal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "failed"), _negated=True),
                fields=("before", "after", "as_of", "rules_as_of", "known_at", "fewer_than"),
                name="rehearsal_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="rehearsal",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("waiting", "running", "done", "failed"))), name="rehearsal_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="rehearsal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "done"), _negated=True),
                    models.Q(("finished__isnull", False), ("summary__isnull", False)),
                    _connector="OR",
                ),
                name="rehearsal_done_is_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="mover",
            index=models.Index(fields=["rehearsal", "country", "rank"], name="mover_by_country"),
        ),
        migrations.AddIndex(
            model_name="mover",
            index=models.Index(fields=["rehearsal", "because", "because_level", "rank"], name="mover_by_reason"),
        ),
        migrations.AddIndex(
            model_name="mover",
            index=models.Index(fields=["rehearsal", "level_before", "level_after", "rank"], name="mover_by_levels"),
        ),
        writable("evaluation_rehearsal"),
        append_only("evaluation_mover"),
    ]
