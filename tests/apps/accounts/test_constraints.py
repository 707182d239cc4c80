"""Does the database itself refuse users and memberships that must never be?"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError, ProgrammingError

from apps.accounts.statements import KEPT

pytestmark = pytest.mark.usefixtures("database")

USER = {
    "password": "!", "username": "ann@firm.example", "uuid": "00000000-0000-0000-0000-000000000001", "name": "",
    "language": "en", "time_zone": "UTC", "is_active": True, "added_by": "system", "added_at": "2026-01-01Z",
}  # fmt: skip
MEMBERSHIP = {
    "role": "finance", "partner": "", "countries": [], "since": "2026-01-01", "until": None, "granted_by": "system",
    "granted_at": "2026-01-01Z", "ended_by": "", "ended_at": None,
}  # fmt: skip


def inserted(table: str, row: dict[str, Any]) -> int:
    names, holes = ", ".join(row), ", ".join(f"%({name})s" for name in row)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({holes}) RETURNING id", row)
        return int(cursor.fetchone()[0])


def ran(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("accounts_user_name_is_an_address", {"username": "Ann@firm.example"}),
        ("accounts_user_name_is_an_address", {"username": "ann"}),
        ("accounts_user_name_is_an_address", {"username": "operator:ann@firm.example"}),
        ("accounts_user_name_is_an_address", {"username": "ann @firm.example"}),
        ("accounts_user_language_is_spoken", {"language": "de"}),
        ("accounts_user_has_a_time_zone", {"time_zone": ""}),
        ("accounts_user_was_added_by_somebody", {"added_by": ""}),
        ("accounts_user_username_key", {"uuid": "00000000-0000-0000-0000-000000000002"}),
        ("accounts_user_uuid_key", {"username": "bob@firm.example"}),
    ],
)
def test_users(constraint: str, changed: dict[str, Any]) -> None:
    if "_key" in constraint:
        inserted("accounts_user", USER)
    with pytest.raises(IntegrityError, match=constraint):
        inserted("accounts_user", USER | changed)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("accounts_membership_role_is_known", {"role": "king"}),
        ("accounts_membership_partner_where_due", {"role": "partner_member"}),
        ("accounts_membership_partner_where_due", {"partner": "P-1"}),
        ("accounts_membership_countries_where_due", {"role": "partner_manager"}),
        ("accounts_membership_countries_where_due", {"countries": ["FR"]}),
        ("accounts_membership_ends_after_start", {"until": "2025-12-31"}),
        ("accounts_membership_granted_by_somebody", {"granted_by": ""}),
        ("accounts_membership_ended_by_somebody", {"ended_at": "2026-01-02Z"}),
        ("accounts_membership_ended_by_somebody", {"ended_by": "system"}),
        ("accounts_membership_open_once", {}),
    ],
)
def test_memberships(constraint: str, changed: dict[str, Any]) -> None:
    row = MEMBERSHIP | {"user_id": inserted("accounts_user", USER)}
    if constraint.endswith("once"):
        inserted("accounts_membership", row)
    with pytest.raises(IntegrityError, match=constraint):
        inserted("accounts_membership", row | changed)


def test_what_may_be() -> None:
    row = MEMBERSHIP | {"user_id": inserted("accounts_user", USER)}
    inserted("accounts_membership", row | {"until": "2026-01-01"})
    inserted("accounts_membership", row)
    inserted("accounts_membership", row | {"role": "partner_member", "partner": "P-1"})
    inserted("accounts_membership", row | {"role": "partner_member", "partner": "P-2"})
    inserted("accounts_membership", row | {"role": "partner_manager", "countries": ["FR"]})


@pytest.fixture
def member() -> int:
    return inserted("accounts_membership", MEMBERSHIP | {"user_id": inserted("accounts_user", USER)})


@pytest.mark.parametrize("statement", KEPT)
def test_the_application_may_not(member: int, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        ran(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_membership SET until = '2026-07-01'",
        "UPDATE accounts_membership SET until = NULL",
        "UPDATE accounts_membership SET ended_at = NULL, ended_by = ''",
        "UPDATE accounts_membership SET ended_by = 'somebody else'",
    ],
)
def test_an_ended_membership_stays_ended(member: int, statement: str) -> None:
    ran("UPDATE accounts_membership SET until = '2026-06-30'")
    ran("UPDATE accounts_membership SET until = '2026-06-29'")
    ran("UPDATE accounts_membership SET ended_at = now(), ended_by = 'system'")
    with pytest.raises(IntegrityError, match="shortened or ended"):
        ran(statement)


def test_a_membership_is_never_lengthened(member: int) -> None:
    ran("UPDATE accounts_membership SET until = '2026-06-30'")
    for later in ("'2026-07-01'", "NULL"):
        with pytest.raises(IntegrityError, match="shortened or ended"):
            ran(f"UPDATE accounts_membership SET until = {later}")
