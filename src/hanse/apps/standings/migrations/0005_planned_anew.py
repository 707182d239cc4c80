"""What the database refuses about standings, asked by plans made for as many rows as there are.

A function keeps its plans for as long as a connection lasts, and counts the rows of a statement when it first plans:
whoever had moved no standing, or one, then moved a whole channel row against row, for hours.
"""

from typing import ClassVar

from django.db import migrations

_ANEW = """
CREATE OR REPLACE FUNCTION standings_decided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong boolean;
BEGIN
    EXECUTE 'SELECT EXISTS (
        SELECT FROM fresh AS n LEFT JOIN standings_run AS r ON r.id = n.run_id
        WHERE r.id IS NULL OR (r.edition, r.as_of) IS DISTINCT FROM (n.edition, n.as_of) OR r.known_at IS DISTINCT FROM n.known_at
    )' INTO wrong;
    IF wrong THEN
        RAISE EXCEPTION 'a standing is what a run says' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION standings_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong boolean;
BEGIN
    EXECUTE 'SELECT (SELECT count(*) FROM stale AS o JOIN fresh AS n ON n.edition = o.edition AND n.partner = o.partner
        WHERE n.run_id <> o.run_id AND (n.as_of, n.known_at) >= (o.as_of, o.known_at)) <> (SELECT count(*) FROM fresh)'
        INTO wrong;
    IF wrong THEN
        RAISE EXCEPTION 'a standing is replaced only by a run of the same day or a later one that knew as much'
            USING ERRCODE = 'integrity_constraint_violation', HINT = 'nobody edits a standing: evaluate again';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION standings_gone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong boolean;
BEGIN
    EXECUTE 'SELECT EXISTS (SELECT FROM stale AS o WHERE NOT EXISTS (
        SELECT FROM standings_level_change AS c WHERE c.edition = o.edition AND c.partner = o.partner
            AND c.direction = ''disappears'' AND c.run_id > o.run_id
    ))' INTO wrong;
    IF wrong THEN
        RAISE EXCEPTION 'a standing ends only with a run that says so'
            USING ERRCODE = 'integrity_constraint_violation', HINT = 'nobody edits a standing: evaluate again';
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("standings", "0004_lists")]
    operations: ClassVar = [migrations.RunSQL(_ANEW)]
