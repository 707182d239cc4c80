"""Which firm answers for a record that was merged."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("registry", "0002_visibility"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="partner",
            name="merged_into",
            field=models.TextField(db_collation="C", null=True),
        ),
        migrations.AddIndex(
            model_name="partner",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)),
                fields=["merged_into"],
                name="registry_partner_merged",
            ),
        ),
    ]
