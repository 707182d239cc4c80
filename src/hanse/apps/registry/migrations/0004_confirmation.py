"""When a firm last said that what is known of it is right."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from hanse.installation.append_only import writable


class Migration(migrations.Migration):
    dependencies: ClassVar = [("registry", "0003_merged")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("by", models.TextField()),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="confirmations",
                        to="registry.partner",
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["partner", "at"], name="registry_confirmed")]},
        ),
        writable("registry_confirmation"),
    ]
