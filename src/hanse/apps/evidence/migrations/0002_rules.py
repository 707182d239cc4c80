"""What the database refuses about facts, the views of what counts, and erasure on legal request."""

from typing import ClassVar

from django.db import migrations

from hanse.apps.evidence.visible import SCHEMA, table_of, visible_sql
from hanse.installation.address import APPLICATION_ROLE
from hanse.installation.append_only import append_only
from hanse.language.facts import CONTRACT as TODAY

CONTRACT = {name: table for name, table in TODAY.items() if name != "events"}  # which has a migration of its own
_KEPT = ("evidence_batch", "evidence_withdrawal", "evidence_also_said", "evidence_superseded", "evidence_erasure")
_FACTS = (*(table_of(name) for name in CONTRACT), "evidence_declared")

# A fact may change in one transaction only: that of an erasure, which leaves its own row; and then only who a person is.
_ONLY_ERASED = """
CREATE FUNCTION evidence_only_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM evidence_erasure WHERE transaction = pg_current_xact_id()::text::bigint)
        OR (to_jsonb(NEW) - '{person,digest,more}'::text[]) IS DISTINCT FROM (to_jsonb(OLD) - '{person,digest,more}'::text[])
    THEN
        RAISE EXCEPTION '% is append-only: a row is never changed or taken away', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation', HINT = 'record a new row that supersedes it';
    END IF;
    RETURN NEW;
END $$
"""
_PERSONAL = [name for name, table in CONTRACT.items() if "person" in table.by_name] + ["declared"]
_ERASE = "\n".join(
    f"""
    UPDATE evidence_{name} SET person = pseudonym, more = NULL, digest = gen_random_uuid() WHERE person = whose;
    GET DIAGNOSTICS touched = ROW_COUNT;
    counted := counted || jsonb_build_object('{name}', touched);"""
    for name in _PERSONAL
)
# `whose` becomes `pseudonym` everywhere; the application may call this but not update facts itself
_FUNCTION = f"""
CREATE FUNCTION evidence_erase(whose text, pseudonym text, salt bytea, key_hash bytea, author text, reason text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    touched bigint;
    counted jsonb := '{{}}';
    trail bigint;
BEGIN
    INSERT INTO evidence_erasure (pseudonym, salt, key_hash, at, author, reason, transaction, rows)
    VALUES (pseudonym, salt, key_hash, clock_timestamp(), author, reason, pg_current_xact_id()::text::bigint, '{{}}')
    RETURNING id INTO trail;
    {_ERASE}
    RETURN counted;
END $$;
REVOKE ALL ON FUNCTION evidence_erase FROM PUBLIC;
GRANT EXECUTE ON FUNCTION evidence_erase TO {APPLICATION_ROLE}
"""


def _views() -> str:
    made = [f"CREATE SCHEMA {SCHEMA}", f"GRANT USAGE ON SCHEMA {SCHEMA} TO {APPLICATION_ROLE}"]
    for name in CONTRACT:
        made.append(f'CREATE VIEW {SCHEMA}."{name}" AS {visible_sql(name)}')
        made.append(f'GRANT SELECT ON {SCHEMA}."{name}" TO {APPLICATION_ROLE}')
    return ";\n".join(made)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("evidence", "0001_initial"), ("audit", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(_ONLY_ERASED),
        *(append_only(table) for table in _KEPT),
        *(append_only(table, update="evidence_only_erased") for table in _FACTS),
        migrations.RunSQL(_views()),
        migrations.RunSQL(_FUNCTION),
    ]
