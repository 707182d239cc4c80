"""Who may see which part of one's own firm: what the firm says holds in the directory at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction

from hanse.apps.directory import services
from hanse.apps.registry import profile

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor


@transaction.atomic
def visibility_set(*, actor: Actor, partner: str, shown: Mapping[str, str]) -> dict[str, str]:
    """Says who may see which parts, and brings the directory up to it. Raises what the registry does."""
    changed = profile.visibility_set(actor=actor, partner=partner, shown=shown)
    if changed:
        services.refresh([partner])
    return changed
