"""How does somebody sign in? With the address and the password of an account that the vendor or a colleague made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse

from hanse.apps.accounts import entering
from hanse.fronts.pages import errors, seen_as


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made by people who may (accounts.services), never by signing up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 (what allauth asks)
        """Nobody makes an account for themselves."""
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        """The trail says who came in, and from where."""
        super().login(request, user)
        entering.signed_in(username=user.username, where=request.META.get("REMOTE_ADDR", ""))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """The trail says at which account somebody tried."""
        where = request.META.get("REMOTE_ADDR", "")
        entering.sign_in_failed(username=asked_for(request, credentials), where=where)

    def logout(self, request: HttpRequest) -> None:
        """Who sees as somebody else ends that too."""
        seen_as.leave(request, "signed out")
        if request.user.is_authenticated:
            entering.signed_out(username=request.user.username)
        super().logout(request)

    def add_message(self, *arguments: Any, **more: Any) -> None:
        """That one has signed in, one sees."""


def asked_for(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """The address that an attempt to sign in is for, as accounts are named."""
    given = credentials or {}
    address = given.get("email") or given.get("username") or request.POST.get("login") or ""
    return str(address).strip().lower()


def locked_out(request: HttpRequest, *_: object) -> HttpResponse:
    """What is shown after too many wrong passwords."""
    return errors.page(request, 429)
