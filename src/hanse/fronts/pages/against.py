"""What changed between two editions: thresholds, competencies, benefits, what counts, the life of a level?"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from hanse.apps.programmes.reading import day_of, to_read
from hanse.apps.programmes.selectors import loaded
from hanse.apps.standings.lived import editions_lived
from hanse.decisions.difference import Difference, difference
from hanse.decisions.naming import names_of
from hanse.fronts.pages.programmes import read_by, title_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.words import Words


@require_safe
def against(request: PageRequest, name: str, other: str) -> HttpResponse:
    """From `other` to `name`: what was, what is. Raises NotThere for one that the reader may not read."""
    today = timezone.localdate()
    lived = editions_lived(actor=request.actor)
    after, before = (to_read(actor=request.actor, name=one, day=today, lived=lived) for one in (name, other))
    sides = [(one.id, one.content_hash, day_of(one, loaded(one.id), today)) for one in (before, after)]
    shown = {
        "after": after,
        "before": before,
        "titles": [title_of(one, request) for one in (before, after)],
        "days": [day for *_, day in sides],
        "changes": compared(sides[0], sides[1], request.words),
        "others": [
            (one.name, title_of(one, request)) for one in read_by(request) if one.name not in (after.name, before.name)
        ],
    }
    return render(request, "pages/against.html", shown)


@lru_cache(maxsize=64)
def compared(
    before: tuple[int, str, date], after: tuple[int, str, date], words: Words
) -> Difference:  # fmt: skip
    """The difference of two versions (id, content, the day they are read on); made once for each content."""
    return difference(*(names_of(loaded(version), day, words) for version, _, day in (before, after)))
