"""A browser of the tests: somebody who has signed in, and what a page answers."""

from __future__ import annotations

from typing import Any

from django.test import Client

from hanse.apps.accounts.actors import operator
from hanse.apps.accounts.models import User
from hanse.apps.accounts.services import password_set, role_grant, user_add

PASSWORD = "four words in a row"


def account(username: str, role: str = "", **held: Any) -> str:
    """An account with a password, and a role where one is named."""
    user_add(actor=operator(), username=username)
    password_set(actor=operator(), username=username, password=PASSWORD)
    if role:
        role_grant(actor=operator(), username=username, role=role, **held)
    return username


def browser(username: str = "", *, language: str = "en") -> Client:
    """A browser, signed in where an address is named, that asks for a language."""
    client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE=language, raise_request_exception=True)
    if username:
        client.force_login(
            User.objects.get(username=username), backend="allauth.account.auth_backends.AuthenticationBackend"
        )
    client.cookies["hanse-language"] = language
    return client
