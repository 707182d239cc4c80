"""By which editions do firms of one group count for one another?"""

from __future__ import annotations

from collections.abc import Collection

from django.utils import timezone

from hanse.apps.programmes.selectors import judged_on, loaded
from hanse.engines.scope import together

GROUP, OWNERSHIP = "group", "ownership"


def rolled_up(*, editions: Collection[str]) -> list[tuple[str, str]]:
    """Those of these editions that count over groups, or over holdings: name and which."""
    found = []
    for version in judged_on(timezone.now().date()):
        if version.name in editions:
            groups, owners = together(loaded(version.id))
            found += [(version.name, how) for how, does in ((GROUP, groups), (OWNERSHIP, owners)) if does]
    return found
