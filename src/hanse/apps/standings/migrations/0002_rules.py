"""The partitioned tables of run results, who may fill them, and what the database refuses about runs and standings."""

from typing import ClassVar

from django.db import migrations

from hanse.apps.standings.tables import ALONE, OUTPUTS, table_of
from hanse.installation.address import APPLICATION_ROLE
from hanse.installation.append_only import append_only


def _tables() -> str:
    made = []
    for output, columns in OUTPUTS.items():
        table, listed = table_of(output), ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        made += [
            f"CREATE TABLE {table} ({listed}) PARTITION BY LIST (run)",
            f"CREATE INDEX {table}_partner ON {table} (partner)",
            f"CREATE TABLE {table}_{ALONE} PARTITION OF {table} DEFAULT",
            f"GRANT SELECT ON {table} TO {APPLICATION_ROLE}",
            f"GRANT SELECT, INSERT, DELETE ON {table}_{ALONE} TO {APPLICATION_ROLE}",
        ]
    return ";\n".join(made)


_LISTED = ", ".join(f"'{output}'" for output in OUTPUTS)
# The application fills tables of a run while it goes on; attached, they are closed to it.
_PARTITIONS = f"""
CREATE FUNCTION standings_open(run_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE output text;
BEGIN
    IF NOT EXISTS (SELECT FROM standings_run WHERE id = run_id AND state = 'running' AND kind = 'all') THEN
        RAISE EXCEPTION 'run % is not going on', run_id USING ERRCODE = 'check_violation';
    END IF;
    FOREACH output IN ARRAY ARRAY[{_LISTED}] LOOP
        EXECUTE format('CREATE TABLE standings_%1$s_run_%2$s (LIKE standings_%1$s INCLUDING DEFAULTS, CHECK (run = %2$s))', output, run_id);
        EXECUTE format('GRANT SELECT, INSERT ON standings_%s_run_%s TO {APPLICATION_ROLE}', output, run_id);
    END LOOP;
END $$;

CREATE FUNCTION standings_attach(run_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE output text;
BEGIN
    IF NOT EXISTS (SELECT FROM standings_run WHERE id = run_id AND state = 'running' AND kind = 'all') THEN
        RAISE EXCEPTION 'run % is not going on', run_id USING ERRCODE = 'check_violation';
    END IF;
    FOREACH output IN ARRAY ARRAY[{_LISTED}] LOOP
        EXECUTE format('REVOKE INSERT ON standings_%s_run_%s FROM {APPLICATION_ROLE}', output, run_id);
        EXECUTE format('CREATE INDEX ON standings_%s_run_%s (partner)', output, run_id);
        EXECUTE format('ANALYZE standings_%s_run_%s', output, run_id);
        EXECUTE format('ALTER TABLE standings_%1$s ATTACH PARTITION standings_%1$s_run_%2$s FOR VALUES IN (%2$s)', output, run_id);
    END LOOP;
END $$;

-- Rows of a run that decides a standing stay.
CREATE FUNCTION standings_drop(run_id bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE output text;
BEGIN
    IF to_regclass('standings_checks_run_' || run_id) IS NULL THEN
        RETURN false;
    ELSIF EXISTS (SELECT FROM standings_standing AS s WHERE s.run_id = standings_drop.run_id) THEN
        RAISE EXCEPTION 'run % decides standings: its rows stay', run_id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    FOREACH output IN ARRAY ARRAY[{_LISTED}] LOOP
        EXECUTE format('DROP TABLE standings_%s_run_%s', output, run_id);
    END LOOP;
    RETURN true;
END $$;

REVOKE ALL ON FUNCTION standings_open, standings_attach, standings_drop FROM PUBLIC;
GRANT EXECUTE ON FUNCTION standings_open, standings_attach, standings_drop TO {APPLICATION_ROLE};
"""

# A run is written to once: when it ends. What it was asked never changes.
_RUN = f"""
CREATE FUNCTION standings_run_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'running' OR NEW.state = 'running'
        OR (NEW.id, NEW.uuid, NEW.version_id, NEW.edition, NEW.edition_hash, NEW.as_of, NEW.rules_as_of, NEW.kind, NEW.reason,
            NEW.actor, NEW.started, NEW.partners) IS DISTINCT FROM
           (OLD.id, OLD.uuid, OLD.version_id, OLD.edition, OLD.edition_hash, OLD.as_of, OLD.rules_as_of, OLD.kind, OLD.reason,
            OLD.actor, OLD.started, OLD.partners)
    THEN
        RAISE EXCEPTION 'run % is over: what it says is never changed', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ends BEFORE UPDATE ON standings_run FOR EACH ROW EXECUTE FUNCTION standings_run_ends();
CREATE TRIGGER refuse_delete BEFORE DELETE ON standings_run FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON standings_run FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT, UPDATE ON standings_run TO {APPLICATION_ROLE};
"""

# A standing is what a run of its edition says, of the same day or a later one, that knew as much or more.
_STANDING = f"""
CREATE FUNCTION standings_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh AS n LEFT JOIN standings_run AS r ON r.id = n.run_id
        WHERE r.id IS NULL OR (r.edition, r.as_of) IS DISTINCT FROM (n.edition, n.as_of) OR r.known_at IS DISTINCT FROM n.known_at
    ) THEN
        RAISE EXCEPTION 'a standing is what a run says' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION standings_current_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    new_run standings_run%ROWTYPE;
    old_run standings_run%ROWTYPE;
BEGIN
    SELECT * INTO new_run FROM standings_run WHERE id = NEW.run_id;
    IF new_run.edition <> NEW.edition OR new_run.kind <> 'all' OR new_run.state <> 'done' THEN
        RAISE EXCEPTION 'the books of % are those of a run of all its partners', NEW.edition USING ERRCODE = 'check_violation';
    ELSIF TG_OP = 'UPDATE' THEN
        SELECT * INTO old_run FROM standings_run WHERE id = OLD.run_id;
        IF (new_run.as_of, new_run.known_at) < (old_run.as_of, old_run.known_at) THEN
            RAISE EXCEPTION 'the books of % are of a later day', NEW.edition USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER moves_on BEFORE INSERT OR UPDATE ON standings_current FOR EACH ROW EXECUTE FUNCTION standings_current_moves_on();
CREATE TRIGGER refuse_delete BEFORE DELETE ON standings_current FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON standings_current FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT, UPDATE ON standings_current TO {APPLICATION_ROLE};
CREATE FUNCTION standings_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM stale AS o JOIN fresh AS n ON n.edition = o.edition AND n.partner = o.partner
        WHERE n.run_id <> o.run_id AND (n.as_of, n.known_at) >= (o.as_of, o.known_at)) <> (SELECT count(*) FROM fresh)
    THEN
        RAISE EXCEPTION 'a standing is replaced only by a run of the same day or a later one that knew as much'
            USING ERRCODE = 'integrity_constraint_violation', HINT = 'nobody edits a standing: evaluate again';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER decided AFTER INSERT ON standings_standing REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION standings_decided();
CREATE TRIGGER decided_again AFTER UPDATE ON standings_standing REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION standings_decided();
CREATE TRIGGER moved AFTER UPDATE ON standings_standing REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION standings_moved();
CREATE FUNCTION standings_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM stale AS o WHERE NOT EXISTS (
        SELECT FROM standings_level_change AS c WHERE c.edition = o.edition AND c.partner = o.partner
            AND c.direction = 'disappears' AND c.run_id > o.run_id
    )) THEN
        RAISE EXCEPTION 'a standing ends only with a run that says so'
            USING ERRCODE = 'integrity_constraint_violation', HINT = 'nobody edits a standing: evaluate again';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER gone AFTER DELETE ON standings_standing REFERENCING OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION standings_gone();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON standings_standing FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT, UPDATE, DELETE ON standings_standing TO {APPLICATION_ROLE};
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("standings", "0001_initial"), ("audit", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(_tables()),
        migrations.RunSQL(_RUN),
        migrations.RunSQL(_STANDING),
        migrations.RunSQL(_PARTITIONS),
        *(append_only(table) for table in ("standings_level_change", "standings_outline", "standings_asked")),
    ]
