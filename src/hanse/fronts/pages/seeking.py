"""What is searched for and what was found, on a page: the form, what can be chosen next, the lines, the pages.

Portal and desk search with the same form, and the map beside each has it too, so that an address of the one is an
address of the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.utils.functional import cached_property

from hanse.fronts.pages import asked, firms

if TYPE_CHECKING:
    from hanse.apps.directory.search import Found, Wanted
    from hanse.fronts.pages.firms import Card, Facet, Says
    from hanse.language.words import Words

_FIRST = ("competency", "certificate")  # what most are looked for by


@dataclass(frozen=True)
class Near:
    """A place that the form offers besides towns: `value` in the address, what it is called, whether it is chosen."""

    value: str
    says: str
    chosen: bool


@dataclass(frozen=True)
class Item:
    """One who was found: where a press leads, and a word about it where there is one."""

    card: Card
    link: str
    tag: str


@dataclass(frozen=True)
class Seeking:
    """All that the templates `pages/seek.html` and `pages/found.html` show. `kept` stays in every address."""

    wanted: Wanted
    found: Found
    says: Says
    words: Words
    kept: Mapping[str, str]
    near: Near | None = None

    radii = firms.RADII

    @cached_property
    def said(self) -> dict[str, str]:
        """The parameters of the address."""
        near = self.near.value if self.near is not None and self.near.chosen else ""
        return {**self.kept, **firms.parameters(self.wanted, near=near)}

    @property
    def narrowed(self) -> bool:
        return any(value for name, value in self.said.items() if name != "radius" and name not in self.kept)

    @property
    def everything(self) -> str:
        return asked.query(self.kept)

    @property
    def query(self) -> str:
        return asked.query(self.said)

    @cached_property
    def facets(self) -> list[Facet]:
        return firms.facets(self.found, self.said, self.says, self.words)

    @property
    def first(self) -> list[Facet]:
        return [facet for facet in self.facets if facet.name in _FIRST]

    @property
    def further(self) -> list[Facet]:
        return [facet for facet in self.facets if facet.name not in _FIRST]

    @cached_property
    def chosen(self) -> list[Facet]:
        return [facet for facet in self.facets if facet.chosen]

    @property
    def anywhere(self) -> str:
        """The address without the town that is asked for."""
        return asked.query(self.said, town="", radius="")

    @property
    def opened(self) -> bool:
        """Is something chosen that the form folds away?"""
        return any(facet.name not in _FIRST for facet in self.chosen)

    @property
    def narrower(self) -> list[Facet]:
        return [facet for facet in self.facets if facet.links and not facet.chosen]

    @property
    def earliest(self) -> str:
        return asked.query(self.said) if self.found.earlier else ""

    @property
    def earlier(self) -> str:
        return asked.query(self.said, before=self.found.earlier) if self.found.earlier else ""

    @property
    def later(self) -> str:
        return asked.query(self.said, after=self.found.later) if self.found.later else ""

    def items(self, prefix: str, suffix: str = "", tags: Mapping[str, str] | None = None) -> list[Item]:
        """The lines of the page: their own pages begin with `prefix`; `tags` by key."""
        tags = tags or {}
        return [
            Item(
                firms.card(line, self.says, self.words),
                f"{prefix}{quote(line.partner)}/{suffix}",
                tags.get(line.partner, ""),
            )
            for line in self.found.lines
        ]
