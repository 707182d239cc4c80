"""What is kept beside the facts and is not there yet, or no longer what this version would keep?

An upgrade brings tables that are filled from what is on record: where partners are, the squares of the map, the directory,
what records are compared by.
`hanse init` asks this after every migration, so that nobody needs to know which command fills what. Where all is there it is
a few counts.
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone

from hanse.apps.directory import selectors as directory
from hanse.apps.directory import services as directory_services
from hanse.apps.likeness import selectors as likeness
from hanse.apps.likeness import services as likeness_services
from hanse.apps.places import selectors as places
from hanse.apps.programmes.selectors import in_force_on
from hanse.apps.standings import listing, mapped
from hanse.apps.standings.models import Current, Run
from hanse.apps.standings.placing import place_everybody

PLACES, DIRECTORY, LIKENESS = "places", "directory", "likeness"


def behind() -> list[str]:
    """What has to be made anew: PLACES (and the map with them), DIRECTORY, LIKENESS."""
    found = [PLACES] if places.behind() or mapped.behind() else []
    if found or directory.behind([run.edition for run in _in_force()]):
        found.append(DIRECTORY)
    return [*found, LIKENESS] if likeness.behind() else found


def catch_up(tell: Callable[[str], None] = lambda _: None) -> list[str]:
    """Makes it, and returns what was made; `tell` is called with what comes next. Interrupted, it is begun again by the next call."""
    wanted = behind()
    if PLACES in wanted:
        tell("finding where partners are")
        place_everybody()
    if DIRECTORY in wanted:
        tell("making the directory")
        for run in _in_force():
            listing.tell_directory(run)
        directory_services.rebuild()
    if LIKENESS in wanted:
        tell("reading what firms are compared by")
        likeness_services.renew()
    return wanted


def _in_force() -> list[Run]:
    """The runs that the standings of editions in force are of."""
    names = set(in_force_on(timezone.now().date()).values())
    current = Current.objects.filter(edition__in=names).select_related("run__outline").order_by("edition")
    return [one.run for one in current]
