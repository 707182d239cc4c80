"""How does a link reach whom it is for? By letter; else whoever made it is shown it once, to hand it on."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse

from hanse.apps.accounts import letters

if TYPE_CHECKING:
    from hanse.apps.accounts.invitations import Link
    from hanse.fronts.pages.reader import PageRequest

_ONCE = "link_handed_on"


def hand_on(request: PageRequest, link: Link, *, inviter: str) -> None:
    """Writes to whom the link is for; the next page shows it where no letter went out."""
    address = request.build_absolute_uri(reverse("accept", args=[link.token]))
    if letters.write(link, address=address, inviter=inviter):
        says = request.words.say("A letter with a link is on its way to {user}.", user=link.username)
        messages.success(request, says)
    else:
        request.session[_ONCE] = {"username": link.username, "address": address, "until": link.until.isoformat()}


def shown_once(request: PageRequest) -> dict[str, Any] | None:
    """The link to be handed on by hand, for this once: `username`, `address`, `until`."""
    if _ONCE not in request.session:
        return None
    kept = request.session.pop(_ONCE)
    return {**kept, "until": datetime.fromisoformat(kept["until"])}
