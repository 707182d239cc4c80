"""What every part of an explanation's page needs: lines, headings, and numbers as the checks have them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hanse.decisions.explanation_views import Explanation, FactsView, Requirement
from hanse.language.words import Words, mark_many

_SIGNS = {"at_least": "≥", "at_most": "≤", "above": ">", "below": "<", "equals": "="}
_ROWS_OF = {
    "surveys": mark_many("{n} survey", "{n} surveys"),
    "sales": mark_many("{n} sale", "{n} sales"),
    "references": mark_many("{n} reference", "{n} references"),
    "certifications": mark_many("{n} certificate", "{n} certificates"),
    "series": mark_many("{n} usage figure", "{n} usage figures"),
    "associations": mark_many("{n} association", "{n} associations"),
    "contracts": mark_many("{n} contract", "{n} contracts"),
    "deals": mark_many("{n} deal", "{n} deals"),
    "levels_held": mark_many("{n} level on record", "{n} levels on record"),
    "assignments": mark_many("{n} assignment", "{n} assignments"),
    "attestations": mark_many("{n} attestation", "{n} attestations"),
    "benefit_uses": mark_many("{n} use of a benefit", "{n} uses of benefits"),
    "people": mark_many("{n} employment", "{n} employments"),
}
_ANY_ROWS = mark_many("{n} row", "{n} rows")


def columns_of(*widths: int) -> Table:
    """Columns one beside the other, none wider than said; 0 is as wide as need be, and never wrapped."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    for width in widths:
        table.add_column(no_wrap=not width, max_width=width or None, overflow="fold")
    return table


class Sheet:
    """A page in one language, on one console."""

    def __init__(self, told: Explanation, words: Words, console: Console) -> None:
        self.told, self.words, self.console = told, words, console
        self.facts: dict[tuple[str, str | None], FactsView] = {(f.metric, f.competency): f for f in told.facts or ()}

    def _numbers(self, one: Requirement) -> tuple[str, str]:
        """What is, and what is needed: with so many decimals that what is unmet never looks met."""
        say = self.words.say
        if one.kind in ("boolean", "human", "competency"):
            yes = {1.0: say("yes"), 0.0: say("no"), None: say("unknown")}
            return yes.get(one.actual, say("unknown")), "" if one.needed in (1.0, None) else f"= {say('no')}"
        signs = " ".join(_SIGNS.get(word, word) for word in one.comparison.split(" and ")[:1])
        if one.needed is None:
            return "–" if one.actual is None else self.words.quantity(one.actual, one.unit), ""
        if one.actual is None:
            return say("none"), f"{signs} {self.words.quantity(one.needed, one.unit)}"
        for decimals in (2, 4, 6):
            actual, needed = (self.words.quantity(v, one.unit, decimals) for v in (one.actual, one.needed))
            if actual != needed or one.actual == one.needed:
                break
        return actual, f"{signs} {needed}"

    def _rows(self, table: str, n: int) -> str:
        return self.words.many(*_ROWS_OF.get(table, _ANY_ROWS), n)

    def _value(self, value: Any, unit: str | None) -> str:
        if isinstance(value, date):
            return self.words.day(value)
        if value in ("true", "false"):
            return self.words.say("yes") if value == "true" else self.words.say("no")
        if isinstance(value, int | float | Decimal):
            return self.words.quantity(value, unit)
        return str(value)

    def _from_to(self, first: date, last: date) -> str:
        return self.words.say("{first} to {last}", first=self.words.day(first), last=self.words.day(last))

    def _print(self, text: str = "", style: str = "") -> None:
        self.console.print(Text(text, style))

    def _heading(self, text: str) -> None:
        self._print()
        self._print(text, "bold")

    def _item(self, name: str, text: str) -> None:
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
        table.add_column(min_width=32, no_wrap=True)
        table.add_column()
        table.add_row(Text(name), Text(text))
        self.console.print(Padding(table, (0, 0, 0, 1)))
