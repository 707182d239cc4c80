"""What only people know about a file, asked on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import typer
from rich.text import Text

if TYPE_CHECKING:
    from hanse.apps.imports.mapping import Answers, Question


def asking(known: Answers) -> Callable[[Sequence[Question]], Answers]:
    """A function that asks one question after the other and returns all answers so far."""
    answers = [known]

    def ask(questions: Sequence[Question]) -> Answers:
        from hanse.apps.imports.mapping import answered

        for question in questions:
            answers[0] = answered(answers[0], question, _asked(question))
        return answers[0]

    return ask


def _asked(question: Question) -> str:
    from hanse.fronts.cli.tables import console

    to = console(stderr=True)
    to.print(Text(f"{question.place}: ", style="bold").append(question.what, style="bold cyan"), soft_wrap=True)
    to.print(Text(f"  {question.why}", style="dim"), soft_wrap=True)
    for number, choice in enumerate(question.choices, start=1):
        to.print(f"  {number}  {choice}", soft_wrap=True)
    while True:
        said = str(typer.prompt("  your answer", err=True)).strip()
        if said.isdigit() and 1 <= int(said) <= len(question.choices):
            return question.choices[int(said) - 1]
        if said in question.choices or (said and question.kind in ("value", "column")):
            return said
        to.print("  give one of the numbers", style="dim")
