"""Erasure on legal request in what runs concluded: who a person was goes, and what the files are called since stays."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from hanse.installation.address import APPLICATION_ROLE
from hanse.installation.append_only import append_only

# Rows of a run change in the transaction of an erasure only, and then only where they name the person that it erases.
# `named` lists by run the results in which a person may stand; a key may mean something else in others.
_ERASE = f"""
CREATE FUNCTION standings_erase(whose text, pseudonym text, named jsonb, said text, says text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    trail bigint;
    touched bigint;
    more bigint;
BEGIN
    SELECT e.id INTO trail FROM evidence_erasure AS e
    WHERE e.transaction = pg_current_xact_id()::text::bigint AND e.pseudonym = standings_erase.pseudonym
        AND e.key_hash = sha256(e.salt || convert_to(whose, 'UTF8'));
    IF trail IS NULL THEN
        RAISE EXCEPTION 'this person is not being erased' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    UPDATE standings_results AS r SET
        subject = CASE WHEN r.subject = whose THEN standings_erase.pseudonym ELSE r.subject END,
        text = CASE WHEN r.text = whose THEN standings_erase.pseudonym ELSE r.text END
    WHERE (r.subject = whose OR r.text = whose) AND jsonb_exists(named -> r.run::text, r.result);
    GET DIAGNOSTICS touched = ROW_COUNT;
    UPDATE standings_problems AS p SET what = says WHERE p.what = said;
    GET DIAGNOSTICS more = ROW_COUNT;
    RETURN jsonb_build_object('erasure', trail, 'rows', touched + more);
END $$;
REVOKE ALL ON FUNCTION standings_erase FROM PUBLIC;
GRANT EXECUTE ON FUNCTION standings_erase TO {APPLICATION_ROLE}
"""
_ONLY_ERASING = """
CREATE FUNCTION standings_only_erasing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM evidence_erasure WHERE id = NEW.erasure_id AND transaction = pg_current_xact_id()::text::bigint
    ) THEN
        RAISE EXCEPTION 'only an erasure rewrites what a run wrote' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_erasing BEFORE INSERT ON standings_redacted FOR EACH ROW EXECUTE FUNCTION standings_only_erasing();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("evidence", "0002_rules"), ("standings", "0002_rules")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Redacted",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("output", models.TextField()),
                ("digest", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "erasure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="evidence.erasure"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="redacted", to="standings.run"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "output", "erasure"), name="redacted_once_an_erasure"),
                    models.CheckConstraint(
                        condition=models.Q(("output__in", ("results", "problems"))), name="redacted_output"
                    ),
                ],
            },
        ),
        migrations.RunSQL(_ONLY_ERASING),
        append_only("standings_redacted"),
        migrations.RunSQL(_ERASE),
    ]
