"""How did a programme read on the day of a run? An outline is what its digest says, so a process reads it once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from hanse.apps.standings.models import Outline


@lru_cache(maxsize=32)
def outline(digest: str) -> dict[str, Any]:
    """The outline of that digest: levels from low to high, trees, what everything is called. To read, not to change."""
    data: dict[str, Any] = Outline.objects.get(digest=digest).data
    return data
