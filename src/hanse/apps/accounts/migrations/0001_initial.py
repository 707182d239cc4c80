"""Users and memberships, and which changes of them the database lets through."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hanse.installation.address import APPLICATION_ROLE
from hanse.installation.append_only import append_only

# The trail names users by these, so they stay; a membership is shortened or ended, once, and nothing else.
RULES = migrations.RunSQL(
    """
    CREATE FUNCTION accounts_user_kept() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (NEW.id, NEW.username, NEW.uuid, NEW.added_by, NEW.added_at)
            IS DISTINCT FROM (OLD.id, OLD.username, OLD.uuid, OLD.added_by, OLD.added_at)
        THEN
            RAISE EXCEPTION 'who a user is never changes'
                USING ERRCODE = 'integrity_constraint_violation', HINT = 'deactivate this user and add another';
        END IF;
        RETURN NEW;
    END $$;

    CREATE FUNCTION accounts_membership_kept() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.ended_at IS NOT NULL
            OR (to_jsonb(NEW) - '{until,ended_by,ended_at}'::text[])
                IS DISTINCT FROM (to_jsonb(OLD) - '{until,ended_by,ended_at}'::text[])
            OR (NEW.until IS DISTINCT FROM OLD.until AND (NEW.until IS NULL OR NEW.until > OLD.until))
        THEN
            RAISE EXCEPTION 'a membership is shortened or ended, and nothing else of it changes'
                USING ERRCODE = 'integrity_constraint_violation', HINT = 'end it and grant another';
        END IF;
        RETURN NEW;
    END $$
    """,
    "DROP FUNCTION accounts_user_kept() CASCADE; DROP FUNCTION accounts_membership_kept() CASCADE",
)
RIGHTS = migrations.RunSQL(
    f"""
    GRANT UPDATE (password, last_login, name, language, time_zone, is_active) ON accounts_user TO {APPLICATION_ROLE};
    GRANT UPDATE (until, ended_by, ended_at) ON accounts_membership TO {APPLICATION_ROLE}
    """,
    migrations.RunSQL.noop,
)


class Migration(migrations.Migration):
    initial = True

    dependencies = (("audit", "0001_initial"),)

    operations = (
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("username", models.TextField(unique=True)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.TextField(blank=True, default="")),
                ("language", models.TextField(default="en")),
                ("time_zone", models.TextField(default="UTC")),
                ("is_active", models.BooleanField(default=True)),
                ("added_by", models.TextField()),
                ("added_at", models.DateTimeField()),
            ],
            options={
                "db_table": "accounts_user",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("username__regex", "^[^[:space:][:upper:]@:]+@[^[:space:][:upper:]@:]+$")),
                        name="accounts_user_name_is_an_address",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ("en", "fr"))), name="accounts_user_language_is_spoken"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("time_zone", ""), _negated=True), name="accounts_user_has_a_time_zone"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("added_by", ""), _negated=True), name="accounts_user_was_added_by_somebody"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.TextField()),
                ("partner", models.TextField(blank=True, default="")),
                (
                    "countries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                ("since", models.DateField()),
                ("until", models.DateField(blank=True, null=True)),
                ("granted_by", models.TextField()),
                ("granted_at", models.DateTimeField()),
                ("ended_by", models.TextField(blank=True, default="")),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "accounts_membership",
                "indexes": [
                    models.Index(
                        condition=models.Q(("partner", ""), _negated=True),
                        fields=["partner"],
                        name="accounts_membership_partner",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "adviser",
                                    "auditor",
                                    "channel_chief",
                                    "executive",
                                    "finance",
                                    "partner_administrator",
                                    "partner_manager",
                                    "partner_member",
                                    "programme_manager",
                                ],
                            )
                        ),
                        name="accounts_membership_role_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("role__in", ["partner_administrator", "partner_member"]),
                                models.Q(("partner", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("role__in", ["partner_administrator", "partner_member"]), _negated=True),
                                ("partner", ""),
                            ),
                            _connector="OR",
                        ),
                        name="accounts_membership_partner_where_due",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("role", "partner_manager"), ("countries__len__gt", 0)),
                            models.Q(models.Q(("role", "partner_manager"), _negated=True), ("countries__len", 0)),
                            _connector="OR",
                        ),
                        name="accounts_membership_countries_where_due",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__isnull", True), ("until__gte", models.F("since")), _connector="OR"),
                        name="accounts_membership_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("granted_by", ""), _negated=True),
                        name="accounts_membership_granted_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by", "")),
                            models.Q(("ended_at__isnull", False), models.Q(("ended_by", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="accounts_membership_ended_by_somebody",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True), ("until__isnull", True)),
                        fields=("user", "role", "partner"),
                        name="accounts_membership_open_once",
                    ),
                ],
            },
        ),
        RULES,
        append_only("accounts_user", update="accounts_user_kept"),
        append_only("accounts_membership", update="accounts_membership_kept"),
        RIGHTS,
    )
