"""What people see: tables and progress, in colour on a terminal, plain elsewhere; JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from hanse.language.problems import Problem

PLAIN_WIDTH = 160  # where there is no terminal, a line is as long as it needs to be, within reason
OnProgress = Callable[[str, int, int], None]


def console(*, stderr: bool = False) -> Console:
    """A console that adds colour only to what asks for it, and none where nobody looks."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PLAIN_WIDTH
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=width)


def table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, footer: Sequence[object] = ()
) -> Table:
    """A table with its numbers to the right, in thousands; a column is numeric if its first cell is.

    An empty `footer` means none; texts are shown as they are.
    """
    listed = [list(row) for row in rows]
    made = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        box=None,
        padding=(0, 3, 0, 0),
        header_style="dim",
        show_footer=bool(footer),
        footer_style="bold",
        show_edge=False,
    )
    for index, column in enumerate(columns):
        first = next((row[index] for row in listed if row[index] is not None), "")
        right = isinstance(first, int | float) and not isinstance(first, bool)
        foot = _cell(footer[index]) if footer else ""
        made.add_column(column, foot, justify="right" if right else "left", overflow="fold")
    for row in listed:
        made.add_row(*(_cell(value) for value in row))
    return made


def _cell(value: object) -> Text:
    if isinstance(value, Text):
        return value
    return Text("" if value is None else shown(value))


def shown(value: object) -> str:
    """A value as people read it: 1,234,567; 7.33; yes."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:,.2f}"
    return str(value)


def share(part: int, whole: int) -> str:
    """A share in percent, such as 4.1 %; empty where there is no whole."""
    return f"{100 * part / whole:.1f} %" if whole else ""


def print_json(value: object) -> None:
    """One JSON document on standard output, with days as ISO texts."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def print_problems(problems: Sequence[Problem], *, as_json: bool) -> None:
    """Problems on standard error: place, what, why and remedy, for people or for a program."""
    if as_json:
        listed = [vars(problem) for problem in problems]
        sys.stderr.write(json.dumps({"problems": listed}, indent=2, ensure_ascii=False) + "\n")
        return
    to = console(stderr=True)
    for problem in problems:
        line = Text(problem.place, style="bold")
        line.append(": ", style="bold")
        line.append(problem.what, style="bold red")
        to.print(line, soft_wrap=True)
        for word in ("why", "remedy"):
            to.print(
                Text(f"  {word}: ", style="dim").append(getattr(problem, word), style="default"),
                soft_wrap=True,
            )


@contextmanager
def progress(text: str) -> Iterator[OnProgress]:
    """A bar on standard error while something takes its time; nothing at all where there is no terminal.

    Gives a function to be told of (what is being done, how many are done, how many there are).
    """
    to = console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn(text),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[now]}", style="dim"),
    )
    with Progress(*columns, console=to, transient=True, disable=not to.is_terminal) as bar:
        task = bar.add_task(text, total=None, now="")

        def tell(now: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, now=now.replace("_", " "))

        yield tell


def as_rows(records: Iterable[dict[str, Any]], keys: Sequence[str]) -> list[list[Any]]:
    """Records as rows of cells."""
    return [[record[key] for key in keys] for record in records]
