"""Files that are no longer kept because they name a person who was erased, and refused rows that name one less exactly."""

from typing import ClassVar

from django.db import migrations, models

# As a file is searched: a cell is the key, spaces around it aside; of a line that is no row a cell may hold it somewhere.
_ERASE = """
CREATE OR REPLACE FUNCTION imports_erase(whose text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    touched bigint;
BEGIN
    UPDATE imports_refused SET cells = '[]', codes = '["erased"]' WHERE EXISTS (
        SELECT FROM jsonb_array_elements_text(cells) AS c(cell)
        WHERE regexp_replace(cell, '^\\s+|\\s+$', '', 'g') = whose OR (codes ->> 0 LIKE 'malformed:%' AND strpos(cell, whose) > 0)
    );
    GET DIAGNOSTICS touched = ROW_COUNT;
    RETURN touched;
END $$
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("imports", "0001_initial"), ("standings", "0003_redacted")]
    operations: ClassVar = [
        migrations.AddField(model_name="import", name="file_erased", field=models.DateTimeField(null=True)),
        migrations.RunSQL(_ERASE, migrations.RunSQL.noop),
    ]
