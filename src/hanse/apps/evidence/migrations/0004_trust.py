"""In which order sources are believed, field by field."""

from typing import ClassVar

from django.db import migrations, models

from hanse.installation.append_only import writable


class Migration(migrations.Migration):
    dependencies: ClassVar = [("evidence", "0003_events")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Trust",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "field", "place", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("field", models.TextField()),
                ("place", models.SmallIntegerField()),
                ("source", models.TextField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("field", "source"), name="trust_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("source", ""), _negated=True), models.Q(("field", ""), _negated=True)
                        ),
                        name="trust_said",
                    ),
                ],
            },
        ),
        writable("evidence_trust"),
    ]
