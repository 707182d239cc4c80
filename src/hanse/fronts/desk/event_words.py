"""What is said of an event of a firm?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hanse.language.structure import MERGING as MERGERS
from hanse.language.words import mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hanse.apps.evidence.structure import Event
    from hanse.language.words import Words

MERGING = {
    "duplicate": mark("the same firm, registered twice"),
    "acquired": mark("acquired by the other"),
    "merged": mark("merged into the other"),
}
OTHERS = {
    "renamed": mark("renamed"),
    "closed": mark("closed"),
    "split": mark("split"),
    "belongs": mark("its group"),
}
_SAYS = {
    "duplicate": mark("{one} is the same firm as {other}"),
    "acquired": mark("{one} was acquired by {other}"),
    "merged": mark("{one} was merged into {other}"),
    "renamed": mark("{one} was called {name} before"),
    "closed": mark("{one} closed"),
    "split": mark("{other} came out of {one}"),
    "belongs": mark("{one} belongs to {other}"),
}


def told(one: Event, names: Mapping[str, str], words: Words) -> dict[str, Any]:
    """An event in one sentence, with what may be done about it."""
    pattern = _SAYS.get(one.kind, one.kind)
    if one.kind == "belongs" and not one.into:
        pattern = mark("{one} belongs to the group {name}") if one.name else mark("{one} stands on its own")
    says = words.say(
        pattern, one=names.get(one.partner, one.partner), name=one.name or "",
        other=names.get(one.into or "", one.into or words.say("another firm")),
    )  # fmt: skip
    return {"one": one, "says": says, "merger": one.kind in MERGERS}
