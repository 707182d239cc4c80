"""`hanse explain`: why a partner stands where it stands, and what comes next."""

from __future__ import annotations

import json as json_text
import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from hanse.decisions.explanation_views import Outcome
from hanse.fronts.cli.arguments import day_of, moment_of
from hanse.language.problems import CallError, Problem
from hanse.language.words import Words, language_of


def explain(
    subject: Annotated[
        str,
        typer.Argument(metavar="PARTNER|EDITION", help="The key of the partner; or, with --partner, the programme."),
    ],
    *,
    partner: Annotated[
        str | None, typer.Option(help="The key of the partner, where the programme is named first.")
    ] = None,
    edition: Annotated[
        str | None, typer.Option(help="In the installation: by this edition; else the one in force.")
    ] = None,
    facts: Annotated[Path | None, typer.Option(help="The folder of facts.")] = None,
    as_of: Annotated[str | None, typer.Option(help="The day judged, such as 2017-06-30.")] = None,
    run: Annotated[
        Path | None, typer.Option(help="The folder of a finished evaluation: answers from its checks.")
    ] = None,
    rules_as_of: Annotated[str | None, typer.Option(help="The day whose rules apply; else the day judged.")] = None,
    known_at: Annotated[str | None, typer.Option(help="Only what was known at that moment.")] = None,
    language: Annotated[str | None, typer.Option(help="en or fr; else as the environment says (LANG).")] = None,
    behind: Annotated[
        bool,
        typer.Option("--behind", help="In the installation: also the facts behind the numbers, and those not counted."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="As data, for programs.")] = False,
) -> None:
    """Explain one partner: its level, each requirement, what is missing for the next, and the facts behind.

    hanse explain PARTNER answers from the installation, as of today or any day that was judged. With EDITION and
    --partner, --facts evaluates (only the partner and whoever decides with it), --run reads a finished evaluation;
    both together read the run and list the facts.
    """
    words = Words(language or language_of(os.environ))
    day = day_of(as_of, "--as-of") if as_of else None
    rules = day_of(rules_as_of, "--rules-as-of") if rules_as_of else None
    known = moment_of(known_at, "--known-at") if known_at else None
    if facts is None and run is None:
        if rules or known:
            raise _beyond("--rules-as-of" if rules else "--known-at")
        key, by = (subject, edition) if partner is None else (partner, edition or subject)
        _tell(_from_installation(key, by, day, words if behind else None), words, json=json)
        return
    if partner is None:
        raise CallError(Problem("--partner", "it is missing", "beside --facts or --run the programme stands first",
                                "write hanse explain EDITION --partner KEY ..."))  # fmt: skip
    _tell(_from_files(subject, partner, facts, run, day, rules, known, words), words, json=json)


def _from_installation(partner: str, edition: str | None, day: date | None, behind: Words | None) -> Outcome:
    """The rows that the installation keeps of a partner; with words for them also the facts behind."""
    from hanse.installation.start import ready

    ready()
    from hanse.apps.accounts.actors import operator

    if behind is not None:
        from hanse.apps.evaluation import behind as facts_behind

        return facts_behind.outcome(actor=operator(), partner=partner, edition=edition, as_of=day, label=behind.label)
    from hanse.apps.standings import explained

    return explained.outcome(actor=operator(), partner=partner, edition=edition, as_of=day)


def _beyond(option: str) -> CallError:
    why = "the installation answers from the runs that were made, each with its own rules and knowledge"
    return CallError(
        Problem(option, "it is not for what was judged already", why, "evaluate so first, or give --facts")
    )


def _from_files(
    edition: str, partner: str, facts: Path | None, run: Path | None, day: date | None, rules: date | None,
    known: datetime | None, words: Words,
) -> Outcome:  # fmt: skip
    """The rows of a partner, from files of facts or from a finished evaluation."""
    from hanse.engines.explain import Asked, outcome

    asked = Asked(
        edition=edition,
        partner=partner,
        facts=facts,
        run=run,
        as_of=day,
        rules_as_of=rules,
        known_at=known,
    )
    return outcome(asked, words.label)


def _tell(outcome: Outcome, words: Words, *, json: bool) -> None:
    """Explains, for people or for programs."""
    from hanse.decisions.explanation import as_data
    from hanse.decisions.explanation import explain as explained

    told = explained(outcome, words.label)
    if json:
        sys.stdout.write(json_text.dumps(as_data(told), indent=2, ensure_ascii=False) + "\n")
        return
    from rich.console import Console

    from hanse.fronts.cli.explanation_page import show

    terminal = sys.stdout.isatty()
    show(told, words, Console(width=None if terminal else 150, highlight=False, emoji=False))
