"""Firms are found by the names that they had before."""

from typing import ClassVar

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("directory", "0001_initial")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="entry",
            name="called",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
        ),
    ]
