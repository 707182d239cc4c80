"""`hanse explain`: why a partner stands where it stands, and what comes next."""

from __future__ import annotations

import json as json_text
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from hanse.fronts.cli.arguments import day_of, moment_of


def explain(
    edition: Annotated[str, typer.Argument(help="The programme: a name (partnerworld/2017) or a folder.")],
    *,
    partner: Annotated[str, typer.Option(help="The key of the partner.")],
    facts: Annotated[Path | None, typer.Option(help="The folder of facts.")] = None,
    as_of: Annotated[str | None, typer.Option(help="The day judged, such as 2017-06-30.")] = None,
    run: Annotated[
        Path | None, typer.Option(help="The folder of a finished evaluation: answers from its checks.")
    ] = None,
    rules_as_of: Annotated[str | None, typer.Option(help="The day whose rules apply; else the day judged.")] = None,
    known_at: Annotated[str | None, typer.Option(help="Only what was known at that moment.")] = None,
    language: Annotated[str | None, typer.Option(help="en or fr; else as the environment says (LANG).")] = None,
    json: Annotated[bool, typer.Option("--json", help="As data, for programs.")] = False,
) -> None:
    """Explain one partner: its level, each requirement, what is missing for the next, and the facts behind.

    --facts evaluates (only the partner and whoever decides with it); --run reads a finished evaluation;
    both together read the run and list the facts.
    """
    from hanse.decisions.explanation import as_data
    from hanse.decisions.explanation import explain as explained
    from hanse.engines.explain import Asked, outcome
    from hanse.language.words import Words, language_of

    words = Words(language or language_of(os.environ))
    asked = Asked(
        edition=edition,
        partner=partner,
        facts=facts,
        run=run,
        as_of=day_of(as_of, "--as-of") if as_of else None,
        rules_as_of=day_of(rules_as_of, "--rules-as-of") if rules_as_of else None,
        known_at=moment_of(known_at, "--known-at") if known_at else None,
    )
    told = explained(outcome(asked, words.label), words.label)
    if json:
        sys.stdout.write(json_text.dumps(as_data(told), indent=2, ensure_ascii=False) + "\n")
        return
    from rich.console import Console

    from hanse.fronts.cli.explanation_page import show

    terminal = sys.stdout.isatty()
    show(told, words, Console(width=None if terminal else 150, highlight=False, emoji=False))
