"""Does what somebody enters look like an existing firm? The form shows which, and goes on where it is none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from hanse.apps.duplicates import entering
from hanse.fronts.desk.likeness_words import WHAT
from hanse.fronts.pages import asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hanse.apps.likeness.selectors import Lookalike
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.words import Words

OTHER = "other"  # the field that says of which firms it is none
_TOLD = 4  # likenesses that are told of a firm


def found(request: PageRequest, said: Mapping[str, Any], *, but: Sequence[str] = ()) -> tuple[list[Lookalike], bool]:
    """The firms that it looks like, and whether the form says already that it is none of them."""
    listed = entering.looks(actor=request.actor, said=said, but=but)
    return listed, {quote(one.partner, safe="") for one in listed} <= set(asked.posted(request, OTHER, 2000).split())


def shown(listed: Sequence[Lookalike], words: Words) -> dict[str, Any]:
    """For the template `desk/alike.html`."""
    return {
        "alike": [
            {"one": one, "percent": percent(one.probability), "because": because(one.because, words)} for one in listed
        ],
        "other": " ".join(quote(one.partner, safe="") for one in listed),
    }


def percent(probability: float) -> float:
    """A probability as a reader takes it: nothing is certain."""
    return min(99.9, round(100 * probability, 1))


def because(parts: Iterable[Mapping[str, Any]], words: Words) -> str:
    """What spoke for it, the weightiest first."""
    spoke = sorted(
        (part for part in parts if part["bits"] > 0 and part["what"] in WHAT), key=lambda part: -part["bits"]
    )
    told = [
        words.say("{name}:", name=words.say(WHAT[part["what"]])) + " " + words.say(part["how"])
        for part in spoke[:_TOLD]
    ]
    return "; ".join(told)
