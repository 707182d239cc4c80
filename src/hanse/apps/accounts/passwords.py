"""Is a password strong enough to be somebody's?"""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from hanse.apps.accounts.models import User
from hanse.language.problems import CallError, Problem
from hanse.language.words import mark


def take(found: User, password: str) -> None:
    """Gives an account a password, which ends its sessions. Raises CallError for one that is too weak."""
    try:
        validate_password(password, found)
    except ValidationError as error:
        remedy = mark("choose a longer one; four words in a row are strong and easy to keep")
        raise CallError(
            Problem("password", mark("the password is too weak"), " ".join(error.messages), remedy)
        ) from error
    found.set_password(password)
    found.save(update_fields=["password"])
