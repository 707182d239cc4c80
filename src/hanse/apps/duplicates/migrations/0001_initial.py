"""Pairs of records that may be one firm."""

from typing import ClassVar

from django.db import migrations, models

from hanse.installation.append_only import writable


class Migration(migrations.Migration):
    initial = True

    dependencies: ClassVar = []

    operations: ClassVar = [
        migrations.CreateModel(
            name="Look",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("records", models.IntegerField()),
                ("pairs", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Pair",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("one", models.TextField(db_collation="C")),
                ("other", models.TextField(db_collation="C")),
                ("weight", models.FloatField()),
                ("because", models.JSONField()),
                (
                    "verdict",
                    models.TextField(
                        blank=True, choices=[("", "Waiting"), ("same", "Same"), ("other", "Other")], default=""
                    ),
                ),
                ("by", models.TextField(blank=True, default="")),
                ("at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True, default="")),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("verdict", "")), fields=["-weight", "id"], name="duplicates_waiting"
                    ),
                    models.Index(fields=["other"], name="duplicates_other"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("one", "other"), name="duplicates_once"),
                    models.CheckConstraint(
                        condition=models.Q(("one__lt", models.F("other"))), name="duplicates_in_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("verdict", ""),
                            models.Q(models.Q(("by", ""), _negated=True), ("at__isnull", False)),
                            _connector="OR",
                        ),
                        name="duplicates_decided_by",
                    ),
                ],
            },
        ),
        writable("duplicates_pair", "duplicates_look"),
    ]
