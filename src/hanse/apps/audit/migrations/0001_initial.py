"""The trail, its chain, and what every append-only table refuses: the lowest migration of all."""

from __future__ import annotations

from django.db import migrations, models

import hanse.apps.audit.models
from hanse.installation.append_only import REFUSAL, append_only

# The same rule as audit/chain.py, which says why it is so. One writer at a time, so that numbers have no gaps; the key
# of the lock is "HANSE" in ASCII. Read committed is asked for because the last entry must be seen after the wait for
# the lock, and not as it was when the transaction began.
CHAIN = migrations.RunSQL(
    """
    CREATE FUNCTION audit_field(value text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
        SELECT CASE WHEN value IS NULL THEN convert_to('-', 'UTF8') ELSE
            convert_to(octet_length(convert_to(value, 'UTF8'))::text || ':', 'UTF8') || convert_to(value, 'UTF8') END
    $$;

    CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        last public.audit_entry%ROWTYPE;
    BEGIN
        IF current_setting('transaction_isolation') <> 'read committed' THEN
            RAISE EXCEPTION 'an audit entry is written in a read committed transaction'
                USING ERRCODE = 'invalid_transaction_state',
                HINT = 'read in the snapshot, write in a transaction of its own';
        END IF;
        PERFORM pg_advisory_xact_lock(x'48414E5345'::bigint);
        SELECT * INTO last FROM public.audit_entry ORDER BY number DESC LIMIT 1;
        NEW.number := coalesce(last.number, 0) + 1;
        NEW.at := clock_timestamp();
        NEW.previous := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
        NEW.hash := sha256(
            public.audit_field(NEW.number::text)
            || public.audit_field(to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
            || public.audit_field(NEW.actor)
            || public.audit_field(NEW.action)
            || public.audit_field(NEW.subject)
            || public.audit_field(NEW.why)
            || public.audit_field(NEW.before::text)
            || public.audit_field(NEW.after::text)
            || public.audit_field(encode(NEW.previous, 'hex'))
        );
        RETURN NEW;
    END $$;

    CREATE TRIGGER audit_chain BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_chain()
    """,
    "DROP FUNCTION audit_chain() CASCADE; DROP FUNCTION audit_field(text)",
)


class Migration(migrations.Migration):
    initial = True
    dependencies = ()
    operations = (
        REFUSAL,
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
                ("action", models.TextField()),
                ("subject", models.TextField()),
                ("why", models.TextField(blank=True, default="")),
                ("before", hanse.apps.audit.models.JsonText(null=True)),
                ("after", hanse.apps.audit.models.JsonText(null=True)),
                ("previous", models.BinaryField(max_length=32)),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={
                "db_table": "audit_entry",
                "indexes": [
                    models.Index(fields=["actor", "number"], name="audit_entry_by_actor"),
                    models.Index(fields=["action", "number"], name="audit_entry_by_action"),
                    models.Index(fields=["subject", "number"], name="audit_entry_by_subject"),
                    models.Index(fields=["at"], name="audit_entry_by_moment"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="audit_entry_numbered_from_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("actor", ""), _negated=True), name="audit_entry_has_an_actor"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("action__regex", "^[a-z_]+\\.[a-z0-9_]+$")),
                        name="audit_entry_action_is_app_and_verb",
                    ),
                ],
            },
        ),
        CHAIN,
        append_only("audit_entry"),
    )
