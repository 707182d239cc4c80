"""Files dropped on a page, on their way to becoming imports; and which import mends which."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from hanse.installation.append_only import writable


class Migration(migrations.Migration):
    dependencies: ClassVar = [("imports", "0002_erased_files")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="import",
            name="mended",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="import",
            name="mends",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="mended_by", to="imports.import"
            ),
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("looking", "Looking"),
                            ("asked", "Asked"),
                            ("ready", "Ready"),
                            ("importing", "Importing"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ]
                    ),
                ),
                ("file", models.TextField()),
                ("sha256", models.TextField(db_index=True)),
                ("size", models.BigIntegerField()),
                ("source", models.TextField()),
                ("reason", models.TextField(blank=True)),
                ("author", models.TextField()),
                ("created", models.DateTimeField()),
                ("changed", models.DateTimeField()),
                ("remember", models.BooleanField(default=True)),
                ("answers", models.JSONField(default=dict)),
                ("seen", models.JSONField(default=dict)),
                ("problems", models.JSONField(default=list)),
                ("progress", models.JSONField(default=dict)),
                ("mended", models.JSONField(null=True)),
                (
                    "made",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="imports.import"
                    ),
                ),
                (
                    "mends",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="imports.import"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "done"), _negated=True), fields=["-id"], name="imports_upload_open"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("looking", "asked", "ready", "importing", "done", "failed"))),
                        name="upload_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "done"), ("made__isnull", True), _connector="OR"),
                        name="upload_made_when_done",
                    ),
                ],
            },
        ),
        writable("imports_upload"),
    ]
