"""Partners as lists show them, and what runs of all added up to: so that a page need not count a channel."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from hanse.installation.append_only import append_only, writable


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("standings", "0003_redacted"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "edition",
                        "country",
                        "type",
                        "stands",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("edition", models.TextField(db_collation="C")),
                ("country", models.TextField(db_collation="C")),
                ("type", models.TextField(db_collation="C")),
                ("stands", models.TextField(db_collation="C")),
                ("partners", models.IntegerField()),
                ("rising", models.IntegerField()),
                ("falling", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Listed",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "edition", "partner", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("edition", models.TextField(db_collation="C")),
                ("partner", models.TextField(db_collation="C")),
                ("name", models.TextField()),
                ("folded", models.TextField(db_collation="C")),
                ("words", models.TextField()),
                ("country", models.TextField(db_collation="C")),
                ("city", models.TextField(null=True)),
                ("type", models.TextField(db_collation="C")),
                ("group", models.TextField(db_collation="C", null=True)),
                ("stands", models.TextField(db_collation="C")),
                ("height", models.SmallIntegerField()),
                ("level", models.TextField(null=True)),
                ("expected", models.TextField(null=True)),
                ("awaiting", models.TextField(null=True)),
                ("until", models.DateField()),
                ("next", models.TextField(null=True)),
                ("lacking", models.SmallIntegerField(null=True)),
                ("closest_actual", models.FloatField(null=True)),
                ("closest_needed", models.FloatField(null=True)),
                ("nearness", models.FloatField(default=0)),
                ("falling", models.BooleanField()),
                ("fails_actual", models.FloatField(null=True)),
                ("fails_needed", models.FloatField(null=True)),
                (
                    "closest",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="standings.asked",
                    ),
                ),
                (
                    "fails",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="standings.asked",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["edition", "folded", "partner"], name="listed_by_name"),
                    models.Index(fields=["edition", "height", "folded", "partner"], name="listed_by_height"),
                    models.Index(fields=["edition", "country", "folded", "partner"], name="listed_by_country"),
                    models.Index(fields=["edition", "until", "folded", "partner"], name="listed_by_until"),
                    models.Index(fields=["edition", "stands", "until", "folded", "partner"], name="listed_of_level"),
                    models.Index(fields=["edition", "country", "stands", "type"], name="listed_of_country"),
                    models.Index(fields=["edition", "type", "country", "stands"], name="listed_of_type"),
                    models.Index(
                        condition=models.Q(("group__isnull", False)),
                        fields=["edition", "group"],
                        name="listed_of_group",
                    ),
                    models.Index(
                        models.F("edition"),
                        models.OrderBy(models.F("nearness"), descending=True),
                        models.F("partner"),
                        condition=models.Q(("falling", False), ("lacking", 1)),
                        name="listed_rising",
                    ),
                    models.Index(
                        condition=models.Q(("falling", True)),
                        fields=["edition", "until", "partner"],
                        name="listed_falling",
                    ),
                    models.Index(
                        condition=models.Q(("awaiting__isnull", False)), fields=["edition"], name="listed_waiting"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RunBenefit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("benefit", models.TextField()),
                ("unit", models.TextField(null=True)),
                ("currency", models.TextField(null=True)),
                ("partners", models.IntegerField()),
                ("quantity", models.FloatField()),
                ("used", models.FloatField()),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="standings.run",
                    ),
                ),
            ],
            options={
                "db_table": "standings_run_benefit",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("run", "benefit", "unit", "currency"), name="run_benefit_once", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RunFlow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("before", models.TextField()),
                ("after", models.TextField()),
                ("partners", models.IntegerField()),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="standings.run",
                    ),
                ),
            ],
            options={
                "db_table": "standings_run_flow",
                "constraints": [models.UniqueConstraint(fields=("run", "before", "after"), name="run_flow_once")],
            },
        ),
        migrations.CreateModel(
            name="RunLevel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.TextField()),
                ("granted", models.TextField()),
                ("partners", models.IntegerField()),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="standings.run",
                    ),
                ),
            ],
            options={
                "db_table": "standings_run_level",
                "constraints": [models.UniqueConstraint(fields=("run", "level", "granted"), name="run_level_once")],
            },
        ),
        migrations.RunSQL(
            "CREATE INDEX listed_words ON standings_listed USING gin (to_tsvector('simple', words))",
            "DROP INDEX listed_words",
        ),
        writable("standings_listed", "standings_tally"),
        *(append_only(f"standings_run_{table}") for table in ("level", "flow", "benefit")),
    ]
