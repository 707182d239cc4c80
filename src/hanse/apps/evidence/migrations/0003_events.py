"""What became of firms: found to be said twice, acquired, merged, split, renamed, closed."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from hanse.apps.evidence.visible import SCHEMA, table_of, visible_sql
from hanse.installation.address import APPLICATION_ROLE
from hanse.installation.append_only import append_only

EVENTS = "events"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("evidence", "0002_rules")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="FactEvents",
            fields=[
                ("partner", models.TextField(db_collation="C")),
                ("kind", models.TextField(db_collation="C")),
                ("on", models.DateField(null=True)),
                ("into", models.TextField(db_collation="C", null=True)),
                ("name", models.TextField(db_collation="C", null=True)),
                ("note", models.TextField(db_collation="C", null=True)),
                ("known", models.DateTimeField(null=True)),
                ("fact", models.BigAutoField(primary_key=True, serialize=False)),
                ("line", models.BigIntegerField()),
                ("digest", models.UUIDField()),
                ("more", models.JSONField(null=True)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="evidence.batch"
                    ),
                ),
            ],
            options={
                "db_table": "evidence_events",
                "indexes": [
                    models.Index(fields=["digest"], name="evidence_events_said"),
                    models.Index(fields=["partner"], name="evidence_events_partner"),
                    models.Index(fields=["into"], name="evidence_events_into"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("partner", ""), _negated=True), name="events_partner_said"
                    ),
                    models.CheckConstraint(condition=models.Q(("kind", ""), _negated=True), name="events_kind_said"),
                ],
            },
        ),
        append_only(table_of(EVENTS), update="evidence_only_erased"),
        migrations.RunSQL(
            f'CREATE VIEW {SCHEMA}."{EVENTS}" AS {visible_sql(EVENTS)}; '
            f'GRANT SELECT ON {SCHEMA}."{EVENTS}" TO {APPLICATION_ROLE}'
        ),
    ]
