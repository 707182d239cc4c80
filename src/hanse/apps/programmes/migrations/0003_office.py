"""The programme office: cases run afterwards, publications asked for and answered, remarks, feedback, taking back."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from hanse.installation.append_only import append_only

_KEPT = ("check", "publication", "answer", "remark", "feedback")

# As before, and: what lies ahead may be taken back; cases that do not hold, or were not run, are not published.
_LIFE = """
CREATE OR REPLACE FUNCTION programmes_life() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_version programmes_version%ROWTYPE;
    last programmes_event%ROWTYPE;
    before_last programmes_event%ROWTYPE;
    other text;
BEGIN
    SELECT * INTO of_version FROM programmes_version WHERE id = NEW.version_id;
    PERFORM pg_advisory_xact_lock(hashtext('programmes'), hashtext(of_version.programme));
    SELECT * INTO last FROM programmes_event WHERE version_id = NEW.version_id ORDER BY id DESC LIMIT 1;
    NEW.at := now();
    IF last.id IS NULL THEN
        IF NEW.state <> 'drafted' OR NEW.takes_back_id IS NOT NULL THEN
            RAISE EXCEPTION '% begins as drafted', of_version.name USING ERRCODE = 'check_violation';
        ELSIF programmes_hash(NEW.version_id, true) <> of_version.content_hash
            OR programmes_hash(NEW.version_id, false) <> of_version.cases_hash
        THEN
            RAISE EXCEPTION 'the files of % are not what its hash says', of_version.name USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.takes_back_id IS NOT NULL THEN
        SELECT * INTO before_last FROM programmes_event
        WHERE version_id = NEW.version_id AND id < last.id ORDER BY id DESC LIMIT 1;
        IF NEW.takes_back_id <> last.id OR last.takes_back_id IS NOT NULL OR last."on" <= current_date
            OR before_last.id IS NULL OR NEW.state <> before_last.state OR NEW."on" <> before_last."on"
        THEN
            RAISE EXCEPTION 'of % only the last step is taken back, while its day lies ahead', of_version.name
                USING ERRCODE = 'check_violation';
        END IF;
    ELSIF NOT (CASE last.state
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
    ELSIF NEW.state IN ('announced', 'in_force') AND of_version.unchecked
        AND NOT EXISTS (SELECT FROM programmes_check WHERE version_id = of_version.id AND failing = '[]'::jsonb)
    THEN
        RAISE EXCEPTION 'cases of % do not hold, or have not been run: it is not published', of_version.name
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state = 'in_force' THEN
        SELECT v.name INTO other FROM programmes_version v
        CROSS JOIN LATERAL (SELECT e.state FROM programmes_event e WHERE e.version_id = v.id ORDER BY e.id DESC LIMIT 1) AS l
        WHERE v.programme = of_version.programme AND v.id <> of_version.id AND l.state = 'in_force' LIMIT 1;
        IF other IS NOT NULL THEN
            RAISE EXCEPTION '% is in force: a programme has one edition in force', other USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
"""

_SECOND = """
CREATE FUNCTION programmes_second() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.at := now();
    IF NEW.verdict <> 'withdrawn'
        AND NEW.actor = (SELECT asked_by FROM programmes_publication WHERE id = NEW.publication_id)
    THEN
        RAISE EXCEPTION 'a publication is answered by another person than the one who asked'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER second BEFORE INSERT ON programmes_answer FOR EACH ROW EXECUTE FUNCTION programmes_second();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("programmes", "0002_rules"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="event",
            name="takes_back",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programmes.event"
            ),
        ),
        migrations.AddField(
            model_name="version",
            name="base",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programmes.version"
            ),
        ),
        migrations.AddField(
            model_name="version",
            name="unchecked",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="Check",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("cases", models.PositiveIntegerField()),
                ("failing", models.JSONField()),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="check_made", to="programmes.version"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("drafted", "Drafted"),
                            ("piloted", "Piloted"),
                            ("announced", "Announced"),
                            ("in_force", "In Force"),
                            ("retired", "Retired"),
                        ]
                    ),
                ),
                ("on", models.DateField()),
                ("reason", models.TextField()),
                ("asked_by", models.TextField()),
                ("asked_at", models.DateTimeField()),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="publications",
                        to="programmes.version",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "verdict",
                    models.TextField(
                        choices=[("approved", "Approved"), ("sent_back", "Sent Back"), ("withdrawn", "Withdrawn")]
                    ),
                ),
                ("actor", models.TextField()),
                ("at", models.DateTimeField()),
                ("comment", models.TextField(blank=True)),
                (
                    "publication",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answer", to="programmes.publication"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Remark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rehearsal", models.BigIntegerField(null=True)),
                ("author", models.TextField()),
                ("at", models.DateTimeField()),
                ("text", models.TextField()),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="remarks", to="programmes.version"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Feedback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("partner", models.TextField(db_collation="C")),
                ("author", models.TextField()),
                ("at", models.DateTimeField()),
                ("requirement", models.TextField(blank=True)),
                ("opinion", models.TextField(choices=[("fair", "Fair"), ("partly", "Partly"), ("unfair", "Unfair")])),
                ("text", models.TextField(blank=True)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="feedback", to="programmes.version"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["version", "partner"], name="feedback_of_partner")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("opinion__in", ("fair", "partly", "unfair"))), name="feedback_opinion"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("author", ""), _negated=True), models.Q(("partner", ""), _negated=True)
                        ),
                        name="feedback_has_author_and_partner",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("announced", "in_force"))), name="publication_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("asked_by", ""), _negated=True), models.Q(("reason", ""), _negated=True)),
                name="publication_has_actor_and_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict__in", ("approved", "sent_back", "withdrawn"))), name="answer_verdict"
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(("actor", ""), _negated=True), name="answer_has_actor"
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict", "approved"), models.Q(("comment", ""), _negated=True), _connector="OR"),
                name="answer_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="remark",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("author", ""), _negated=True), models.Q(("text", ""), _negated=True)),
                name="remark_has_author_and_text",
            ),
        ),
        migrations.RunSQL(_LIFE, migrations.RunSQL.noop),
        migrations.RunSQL(_SECOND, migrations.RunSQL.noop),
        *(append_only(f"programmes_{table}") for table in _KEPT),
    ]
