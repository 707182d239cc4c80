"""What a search of lists looks in is kept as PostgreSQL compares it: going through a list in its order, it was made anew
for every partner on the way."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("standings", "0005_planned_anew")]
    operations: ClassVar = [
        migrations.RunSQL(
            "ALTER TABLE standings_listed ADD COLUMN searched tsvector "
            "GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, words)) STORED"
        ),
        migrations.RunSQL("DROP INDEX listed_words"),
        migrations.RunSQL("CREATE INDEX listed_words ON standings_listed USING gin (searched)"),
    ]
