"""Users as the command line has them, and what the database refuses even to its owner."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.utils import IntegrityError

from apps.accounts.statements import KEPT
from apps.conftest import Installation
from hanse.apps.accounts import services
from hanse.apps.accounts.actors import operator

PASSWORD = "four words in a row"


@pytest.mark.parametrize("statement", KEPT)
def test_neither_may_the_owner(committed: str, statement: str) -> None:
    services.user_add(actor=operator(), username="ann@firm.example")
    services.role_grant(actor=operator(), username="ann@firm.example", role="finance")
    said = "append-only|never changes|nothing else of it changes"
    with pytest.raises(IntegrityError, match=said), transaction.atomic("owner"):
        connections["owner"].cursor().execute(statement)


def test_the_command(installation: Installation) -> None:
    def told(*words: object) -> Any:
        return json.loads(installation.run("users", *words, "--json"))

    assert told("add", "Ann@Vendor.example", "--name", "Ann", "--language", "fr")["roles"] == []
    granted = told("grant", "ann@vendor.example", "partner_manager", "--country", "FR", "--country", "DE")
    assert granted["roles"][0]["countries"] == ["DE", "FR"]
    assert "DE, FR" in installation.run("users", "list")
    assert "too weak" in installation.run("users", "password", "ann@vendor.example", stdin="short\n", fails=2)
    assert "new password" in installation.run("users", "password", "ann@vendor.example", stdin=f"{PASSWORD}\n")
    early = "grant", "ann@vendor.example", "partner_member", "--partner", "P-404", "--since", "2099-01-01"
    assert "from 2099-01-01 on" in installation.run("users", *early)
    assert told("end", "ann@vendor.example", "partner_member", "--partner", "P-404")["active"]
    assert told("end", "ann@vendor.example", "partner_manager", "--why", "moved on")["roles"][0]["holds"] is False
    assert told("deactivate", "ann@vendor.example", "--why", "left")["active"] is False
    wrong = installation.run("users", "grant", "ann@vendor.example", "partner_member", "--json", fails=2)
    assert json.loads(wrong)["problems"][0]["remedy"] == "name the partner by its key"
    assert json.loads(installation.run("audit", "verify", "--json"))["entries"] == 7
