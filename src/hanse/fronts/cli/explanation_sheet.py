"""What every part of an explanation's page needs: lines, headings, and numbers as the checks have them."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hanse.decisions.explanation_views import Explanation, FactsView, Requirement
from hanse.fronts.pages import telling
from hanse.language.words import Words


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
        return telling.numbers(one, self.words)

    def _rows(self, table: str, n: int) -> str:
        return telling.rows_of(table, n, self.words)

    def _value(self, value: Any, unit: str | None) -> str:
        return telling.value(value, unit, self.words)

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
