"""Why a role was given and taken back; the views of lists that users keep; how users are searched."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hanse.installation.address import APPLICATION_ROLE
from hanse.installation.append_only import writable

# as before, and with the reason
RULES = migrations.RunSQL(
    """
    CREATE OR REPLACE FUNCTION accounts_membership_kept() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.ended_at IS NOT NULL
            OR (to_jsonb(NEW) - '{until,ended_by,ended_at,ended_why}'::text[])
                IS DISTINCT FROM (to_jsonb(OLD) - '{until,ended_by,ended_at,ended_why}'::text[])
            OR (NEW.until IS DISTINCT FROM OLD.until AND (NEW.until IS NULL OR NEW.until > OLD.until))
        THEN
            RAISE EXCEPTION 'a membership is shortened or ended, and nothing else of it changes'
                USING ERRCODE = 'integrity_constraint_violation', HINT = 'end it and grant another';
        END IF;
        RETURN NEW;
    END $$
    """,
    migrations.RunSQL.noop,
)
# the words of a user's name and address, without accents; selectors.py asks for the same expression
SEARCHED = migrations.RunSQL(
    """
    CREATE INDEX accounts_user_words ON accounts_user USING gin (to_tsvector('simple', translate(username, '@._+-', '     ')
    || ' ' || regexp_replace(normalize(name, NFKD), '[\\u0300-\\u036f]', '', 'g')))
    """,
    "DROP INDEX accounts_user_words",
)


class Migration(migrations.Migration):
    dependencies = (("accounts", "0001_initial"),)

    operations = (
        migrations.AddField(
            model_name="membership",
            name="ended_why",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="membership",
            name="why",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("page", models.TextField()),
                ("name", models.TextField()),
                ("query", models.TextField(blank=True)),
                ("shared", models.BooleanField(default=False)),
                ("saved_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "accounts_saved_view",
            },
        ),
        migrations.CreateModel(
            name="FirstView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("page", models.TextField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "view",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.savedview"
                    ),
                ),
            ],
            options={
                "db_table": "accounts_first_view",
            },
        ),
        migrations.AddIndex(
            model_name="savedview",
            index=models.Index(
                condition=models.Q(("shared", True)), fields=["page"], name="accounts_saved_view_shared"
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(fields=("user", "page", "name"), name="accounts_saved_view_named_once"),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("name", ""), _negated=True), models.Q(("page", ""), _negated=True)),
                name="accounts_saved_view_has_a_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="firstview",
            constraint=models.UniqueConstraint(fields=("user", "page"), name="accounts_first_view_one_a_page"),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                condition=models.Q(("partner", "")), fields=["role"], name="accounts_membership_of_vendor"
            ),
        ),
        RULES,
        SEARCHED,
        writable("accounts_saved_view", "accounts_first_view"),
        migrations.RunSQL(
            f"GRANT UPDATE (ended_why) ON accounts_membership TO {APPLICATION_ROLE}", migrations.RunSQL.noop
        ),
    )
