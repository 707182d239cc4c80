"""Which levels moved through what was just recorded, and why? One line for the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hanse.apps.evaluation.following import follow
from hanse.apps.standings import outlook
from hanse.apps.standings.selectors import moves_of_runs
from hanse.fronts.desk import deciding
from hanse.fronts.pages import telling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hanse.fronts.pages.reader import PageRequest

_NAMED = 3


def followed(request: PageRequest, said: str, batch: int) -> str:
    """Judges anew whom a batch concerns; what was `said` of the act, and what moved."""
    return f"{said} {told(request, follow(batch))}".strip()


def told(request: PageRequest, runs: Sequence[int] | None) -> str:
    """What the runs moved, the first few by name; None says that everybody is being judged anew."""
    words = request.words
    if runs is None:
        return words.say("Everybody is being judged anew; the standings follow within minutes.")
    if not runs:
        return ""
    moves = moves_of_runs(request.actor, runs, limit=_NAMED + 1)
    if not moves:
        return words.say("No level moved.")
    said = []
    for one in moves[:_NAMED]:
        book = outlook.book(actor=request.actor, edition=str(one["edition"]))
        read = book.read if book else {"levels": (), "metrics": {}}
        kind = "level" if one["level_before"] != one["level_after"] else "granted"
        before, after = (deciding.level_label(words, read, one[f"{kind}_{side}"]) for side in ("before", "after"))
        why = telling.because(str(one["reason"]), read, words)
        said.append(
            words.say("{name}: {before} → {after} ({why})", name=one["name"], before=before, after=after, why=why)
        )
    if len(moves) > _NAMED:
        said.append("…")
    return "; ".join(said) + "."
