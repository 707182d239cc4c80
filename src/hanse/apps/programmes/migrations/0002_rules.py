"""What the database refuses about editions: a change of what is stored, and a life that makes no sense."""

from typing import ClassVar

from django.db import migrations

from hanse.installation.append_only import append_only

_KEPT = ("programmes_version", "programmes_file", "programmes_event", "programmes_pilot_partner")

# The first event seals a version: from then on it has all its files, and they are what its hashes say.
_SEALED = """
CREATE FUNCTION programmes_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM programmes_event WHERE version_id = NEW.version_id) THEN
        RAISE EXCEPTION 'the version % of an edition is complete: no file is added to it', NEW.version_id
            USING ERRCODE = 'integrity_constraint_violation', HINT = 'install the changed files as a new version';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sealed BEFORE INSERT ON programmes_file FOR EACH ROW EXECUTE FUNCTION programmes_sealed();

CREATE FUNCTION programmes_hash(of_version bigint, rules boolean) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(COALESCE(string_agg(
        convert_to(path, 'UTF8') || '\\x00'::bytea || content || '\\x00'::bytea, ''::bytea
        ORDER BY string_to_array(path, '/') COLLATE "C"
    ), ''::bytea)), 'hex')
    FROM programmes_file
    WHERE version_id = of_version AND (path <> 'README.md' AND path NOT LIKE 'cases/%') = rules
$$;
"""

_LIFE = """
CREATE FUNCTION programmes_life() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_version programmes_version%ROWTYPE;
    last programmes_event%ROWTYPE;
    other text;
BEGIN
    SELECT * INTO of_version FROM programmes_version WHERE id = NEW.version_id;
    PERFORM pg_advisory_xact_lock(hashtext('programmes'), hashtext(of_version.programme));
    SELECT * INTO last FROM programmes_event WHERE version_id = NEW.version_id ORDER BY id DESC LIMIT 1;
    NEW.at := now();
    IF last.id IS NULL THEN
        IF NEW.state <> 'drafted' THEN
            RAISE EXCEPTION '% begins as drafted', of_version.name USING ERRCODE = 'check_violation';
        ELSIF programmes_hash(NEW.version_id, true) <> of_version.content_hash
            OR programmes_hash(NEW.version_id, false) <> of_version.cases_hash
        THEN
            RAISE EXCEPTION 'the files of % are not what its hash says', of_version.name USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NOT (CASE last.state
        WHEN 'drafted' THEN NEW.state IN ('piloted', 'announced', 'in_force', 'retired')
        WHEN 'piloted' THEN NEW.state IN ('piloted', 'announced', 'in_force', 'retired')
        WHEN 'announced' THEN NEW.state IN ('in_force', 'retired')
        WHEN 'in_force' THEN NEW.state = 'retired'
        ELSE false END)
    THEN
        RAISE EXCEPTION '% is %: it cannot become %', of_version.name, last.state, NEW.state USING ERRCODE = 'check_violation';
    ELSIF last.state <> 'drafted' AND NEW."on" < last."on" THEN
        RAISE EXCEPTION '% is % since %: what comes next cannot have come before', of_version.name, last.state, last."on"
            USING ERRCODE = 'check_violation';
    ELSIF NEW.state IN ('announced', 'in_force') AND NEW.actor = of_version.author AND NOT NEW.alone THEN
        RAISE EXCEPTION '% is published by another person than its author', of_version.name USING ERRCODE = 'check_violation';
    ELSIF NEW.state = 'in_force' THEN
        SELECT v.name INTO other FROM programmes_version v
        CROSS JOIN LATERAL (SELECT e.state FROM programmes_event e WHERE e.version_id = v.id ORDER BY e.id DESC LIMIT 1) AS l
        WHERE v.programme = of_version.programme AND v.id <> of_version.id AND l.state = 'in_force' LIMIT 1;
        IF other IS NOT NULL THEN
            RAISE EXCEPTION '% is in force: a programme has one edition in force', other USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER life BEFORE INSERT ON programmes_event FOR EACH ROW EXECUTE FUNCTION programmes_life();

-- A pilot group is written with its event, and not afterwards.
CREATE FUNCTION programmes_grouped() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM programmes_event WHERE id = NEW.event_id AND state = 'piloted' AND at = now()) THEN
        RAISE EXCEPTION 'a pilot group belongs to the event that names it' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER grouped BEFORE INSERT ON programmes_pilot_partner FOR EACH ROW EXECUTE FUNCTION programmes_grouped();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("programmes", "0001_initial"), ("audit", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(_SEALED, migrations.RunSQL.noop),
        migrations.RunSQL(_LIFE, migrations.RunSQL.noop),
        *(append_only(table) for table in _KEPT),
    ]
