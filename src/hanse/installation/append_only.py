"""What the database itself refuses, written once for every migration.

An append-only table takes new rows and gives rows out; no one changes one or takes one away, with raw SQL neither, and
not as the owner. The application's role holds no such right, and a trigger refuses it to everybody else.
"""

from __future__ import annotations

from django.db.migrations.operations.special import RunSQL

from hanse.installation.address import APPLICATION_ROLE

REFUSAL = RunSQL(
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only: a row is never changed or taken away', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation', HINT = 'record a new row that supersedes it';
    END $$
    """,
    "DROP FUNCTION refuse_change()",
)


def append_only(table: str, *, update: str = "refuse_change") -> RunSQL:
    """Makes a table append-only. `update` names another trigger function that says which changes are let through."""
    return RunSQL(
        f"""
        CREATE TRIGGER refuse_update BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {update}();
        CREATE TRIGGER refuse_delete BEFORE DELETE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
        CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
        GRANT SELECT, INSERT ON {table} TO {APPLICATION_ROLE}
        """,
        RunSQL.noop,
    )


def writable(*tables: str) -> RunSQL:
    """Lets the application write these tables freely."""
    return RunSQL(
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(tables)} TO {APPLICATION_ROLE}",
        RunSQL.noop,
    )
