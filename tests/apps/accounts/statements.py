"""What nobody does to users and memberships, the application and the owner alike."""

KEPT = [
    "DELETE FROM accounts_membership",
    "DELETE FROM accounts_user",
    "TRUNCATE accounts_membership",
    "TRUNCATE accounts_user CASCADE",
    "UPDATE accounts_membership SET role = 'auditor'",
    "UPDATE accounts_membership SET partner = 'P-2'",
    "UPDATE accounts_membership SET countries = '{FR}'",
    "UPDATE accounts_membership SET since = '2020-01-01'",
    "UPDATE accounts_membership SET granted_by = 'system'",
    "UPDATE accounts_user SET username = 'bob@firm.example'",
    "UPDATE accounts_user SET added_by = 'bob@firm.example'",
]
