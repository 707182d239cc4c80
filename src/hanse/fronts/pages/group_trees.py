"""How is a group shown: its companies from the top down, their levels, and who counts for whom?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils import timezone

from hanse.apps.directory.selectors import books, levels_of
from hanse.apps.evaluation.rolled_up import GROUP, rolled_up
from hanse.apps.evidence.groups import group_of
from hanse.fronts.pages import firms
from hanse.language.words import mark

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor
    from hanse.language.words import Words

_DEEPEST = 5  # depths that are indented
_COUNTED = {
    GROUP: mark("By {edition} firms of this group count for one another where it counts over a group."),
    "ownership": mark(
        "By {edition} firms count for one another where one holds enough of the other, whatever their group."
    ),
}


@dataclass(frozen=True)
class Row:
    """One company; `level` is empty where it is not shown, or the day is not today."""

    name: str
    country: str
    indent: int
    own: bool
    link: str
    counts: bool
    locations: tuple[str, ...]
    level: str
    level_label: str


@dataclass(frozen=True)
class Tree:
    """A group as a page shows it."""

    group: str
    on: date
    rows: tuple[Row, ...]
    hidden: int
    counted: tuple[str, ...]

    @property
    def says_something(self) -> bool:
        """Is there more than one firm that stands alone?"""
        return bool(self.group) or len(self.rows) > 1 or self.hidden > 0


def tree(
    *, actor: Actor, partner: str, on: date | None, words: Words, link: Callable[[str], str] | None = None
) -> Tree:
    """The group of a firm on a day (today, unless said); `link` gives the address of a company. Raises NotThere."""
    today = timezone.now().date()
    found = group_of(actor=actor, partner=partner, on=on or today)
    if not found.group and len(found.companies) + found.hidden <= 1:  # as most firms are: no more is read for them
        return Tree("", found.on, (), 0, ())
    listed = books(actor=actor)
    edition = next(iter(listed), "")
    levels: dict[str, str] = {}
    if found.on == today and edition:
        levels = levels_of(actor=actor, partners=[one.partner for one in found.companies], edition=edition)
    rows = tuple(
        Row(
            one.name, one.country, min(one.depth, _DEEPEST), one.partner == partner,
            link(one.partner) if link and one.partner != partner else "", one.counts, one.locations,
            level := levels.get(one.partner, ""),
            firms.label_of(listed[edition], "levels", level, words) if level else "",
        )
        for one in found.companies
    )  # fmt: skip
    counted = tuple(
        words.say(_COUNTED[how], edition=words.label(listed[name].get("title"), name))
        for name, how in rolled_up(editions=list(listed))
    )
    return Tree(found.group or "", found.on, rows, found.hidden, counted if len(rows) + found.hidden > 1 else ())
