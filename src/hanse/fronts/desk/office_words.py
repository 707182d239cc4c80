"""How does the programme office speak? States of editions, what was asked for, and days that lie ahead, in words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.http import Http404
from django.utils import timezone

from hanse.apps.programmes.selectors import JUDGED, editions
from hanse.language.words import mark

if TYPE_CHECKING:
    from hanse.apps.programmes.selectors import Happened, Seen
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.words import Words

STATES = {
    "drafted": mark("draft"),
    "piloted": mark("pilot"),
    "announced": mark("announced"),
    "in_force": mark("in force"),
    "retired": mark("retired"),
}
OPINIONS = {"fair": mark("fair"), "partly": mark("fair in part"), "unfair": mark("not fair")}
VERDICTS = {
    "": mark("waits for a second person"),
    "approved": mark("approved"),
    "sent_back": mark("sent back"),
    "withdrawn": mark("withdrawn"),
}
MAY_FOLLOW = {
    "drafted": ("piloted", "announced", "in_force", "retired"),
    "piloted": ("piloted", "announced", "in_force", "retired"),
    "announced": ("in_force", "retired"),
    "in_force": ("retired",),
    "retired": (),
}
_ORDER = [*(str(state) for state in JUDGED), "drafted", "retired"]


def today() -> date:
    """The day as the services count it."""
    return timezone.now().date()


def edition_of(request: PageRequest, name: str) -> tuple[Seen, list[Seen]]:
    """The version that an address means, and all there are: `?version=2`, else the one that counts most."""
    found = editions(actor=request.actor, day=today(), name=name)
    wanted = request.GET.get("version", "")
    if wanted:
        found_one = next((one for one in found if str(one.number) == wanted), None)
        if found_one is None:
            raise Http404
        return found_one, found
    if not found:
        raise Http404
    return min(found, key=lambda one: (_ORDER.index(one.state), -one.number)), found


def ahead(one: Seen) -> Happened | None:
    """The last step of a version, where its day lies ahead."""
    lived = [event for event in one.events if not event.taken_back and not event.takes_back]
    last = lived[-1] if lived else None
    return last if last and last.on > today() and last.state != "drafted" else None


def last_state(one: Seen) -> str:
    """What a version is once everything that was said of it has come."""
    lived = [event for event in one.events if not event.taken_back and not event.takes_back]
    return lived[-1].state if lived else "drafted"


def title_of(one: Seen, words: Words) -> str:
    """What an edition is called."""
    return words.label(one.title, one.name)


def who(name: str, words: Words) -> str:
    """Somebody's name as the trail has it; the operator of the machine in words."""
    if name.startswith("operator:"):
        return words.say("the operator ({name})", name=name.removeprefix("operator:"))
    return words.say("the system") if name == "system" else name
