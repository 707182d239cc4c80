"""The tables of imports, and what the application may do with them."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from hanse.installation.address import APPLICATION_ROLE
from hanse.installation.append_only import append_only, writable

# A refused row may change in the transaction of an erasure only, and then only what stood in it.
_ONLY_ERASED = """
CREATE FUNCTION imports_only_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM evidence_erasure WHERE transaction = pg_current_xact_id()::text::bigint)
        OR (to_jsonb(NEW) - '{codes,cells}'::text[]) IS DISTINCT FROM (to_jsonb(OLD) - '{codes,cells}'::text[])
    THEN
        RAISE EXCEPTION '% is append-only: a row is never changed or taken away', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation', HINT = 'record a new row that supersedes it';
    END IF;
    RETURN NEW;
END $$
"""
_ERASE = f"""
CREATE FUNCTION imports_erase(whose text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    touched bigint;
BEGIN
    UPDATE imports_refused SET cells = '[]', codes = '["erased"]' WHERE cells @> to_jsonb(whose);
    GET DIAGNOSTICS touched = ROW_COUNT;
    RETURN touched;
END $$;
REVOKE ALL ON FUNCTION imports_erase FROM PUBLIC;
GRANT EXECUTE ON FUNCTION imports_erase TO {APPLICATION_ROLE}
"""


class Migration(migrations.Migration):
    initial = True

    dependencies: ClassVar = [
        ("evidence", "0002_rules"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Import",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.TextField(
                        choices=[("waiting", "Waiting"), ("done", "Done"), ("undone", "Undone"), ("dropped", "Dropped")]
                    ),
                ),
                ("file", models.TextField()),
                ("sha256", models.TextField(db_index=True)),
                ("size", models.BigIntegerField()),
                ("source", models.TextField()),
                ("author", models.TextField()),
                ("reason", models.TextField(blank=True)),
                ("mapping", models.JSONField()),
                ("recipe", models.TextField()),
                ("headings", models.JSONField()),
                ("created", models.DateTimeField()),
                ("finished", models.DateTimeField(null=True)),
                ("ended", models.DateTimeField(null=True)),
                ("rows", models.BigIntegerField(default=0)),
                ("added", models.BigIntegerField(default=0)),
                ("already", models.BigIntegerField(default=0)),
                ("refused", models.BigIntegerField(default=0)),
                ("kinds", models.JSONField(default=dict)),
                (
                    "batch",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="evidence.batch"
                    ),
                ),
            ],
            options={
                "db_table": "imports_import",
            },
        ),
        migrations.CreateModel(
            name="Refused",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sheet", models.TextField(blank=True)),
                ("line", models.BigIntegerField()),
                ("tbl", models.TextField()),
                ("codes", models.JSONField()),
                ("cells", models.JSONField()),
                (
                    "of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="imports.import"
                    ),
                ),
            ],
            options={
                "db_table": "imports_refused",
            },
        ),
        migrations.CreateModel(
            name="SourceMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.TextField()),
                ("tbl", models.TextField()),
                ("mapping", models.JSONField()),
                ("author", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "imports_mapping",
                "indexes": [models.Index(fields=["source", "-id"], name="imports_mapping_source")],
            },
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("waiting", "done", "undone", "dropped"))), name="import_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("batch__isnull", False), ("finished__isnull", False), ("state__in", ("done", "undone"))),
                    models.Q(
                        ("batch__isnull", True), ("finished__isnull", True), ("state__in", ("waiting", "dropped"))
                    ),
                    _connector="OR",
                ),
                name="import_has_batch_when_done",
            ),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended__isnull", True), ("state__in", ("waiting", "done"))),
                    models.Q(("ended__isnull", False), ("state__in", ("undone", "dropped"))),
                    _connector="OR",
                ),
                name="import_ends_when_undone",
            ),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(("added__gte", 0), ("already__gte", 0), ("refused__gte", 0), ("rows__gte", 0)),
                name="import_counts",
            ),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "waiting")), fields=("sha256", "recipe"), name="import_waits_once"
            ),
        ),
        migrations.RunSQL(_ONLY_ERASED, "DROP FUNCTION imports_only_erased()"),
        append_only("imports_refused", update="imports_only_erased"),
        migrations.RunSQL(_ERASE, "DROP FUNCTION imports_erase(text)"),
        append_only("imports_mapping"),
        writable("imports_import"),
    ]
