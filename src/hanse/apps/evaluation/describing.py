"""What does a firm say of itself? Its own words become a fact, and it is judged anew by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction

from hanse.apps.evaluation.services import touched
from hanse.apps.evidence import services as evidence

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor


def describe(*, actor: Actor, partner: str, said: Mapping[str, Any], reason: str = "") -> int:
    """Records what a firm says of itself, and returns the batch. Raises what `evidence.describe` does."""
    with transaction.atomic():
        recorded = evidence.describe(actor=actor, partner=partner, said=said, reason=reason)
        touched(batch=recorded.batch)
    return recorded.batch
