"""`hanse import`: files into facts. What cannot be known is asked on a terminal, and named as an option elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hanse.language.problems import CallError, Problem

if TYPE_CHECKING:
    from hanse.apps.imports.mapping import Answers
    from hanse.apps.imports.services import Outcome

SHOWN_ROWS = 10


_Texts = list[str] | None
_SOURCE = typer.Option(metavar="NAME", help='Where it comes from ("order system"): its columns are remembered.')
_TABLE = typer.Option(metavar="[SHEET=]TABLE", help="Which table it is; none leaves a sheet out.")
_MAP = typer.Option("--map", metavar='COLUMN="HEADING"', help="Where a column stands.")
_SET = typer.Option("--set", metavar="COLUMN=VALUE", help="One value for every row.")
_CURRENCY = typer.Option(metavar="CODE", help="The same as --set currency=CODE.")
_DATES = typer.Option(metavar="[HEADING=]dmy|mdy|ymd", help="How days are written.")
_DECIMAL = typer.Option(metavar="[HEADING=]comma|point", help="The decimal sign.")
_IGNORE = typer.Option(metavar="HEADING", help="Leave a column out.")
_KEEP = typer.Option(metavar='NAME="HEADING"', help="Keep a column beside the facts, as an edition declares it.")
_DRY_RUN = typer.Option("--dry-run", help="Show what would happen; nothing is recorded.")
_NO_EVALUATE = typer.Option("--no-evaluate", help="Leave judging the partners touched to the jobs.")
_TO = typer.Option(metavar="FILE", help="Write them there, to be mended and imported again.")


def import_file(
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE...", help="CSV, Excel or Parquet.")] = None,
    *,
    source: Annotated[str, _SOURCE] = "files",
    table: Annotated[_Texts, _TABLE] = None,
    mapped: Annotated[_Texts, _MAP] = None,
    values: Annotated[_Texts, _SET] = None,
    currency: Annotated[str | None, _CURRENCY] = None,
    dates: Annotated[_Texts, _DATES] = None,
    decimal: Annotated[_Texts, _DECIMAL] = None,
    keep: Annotated[_Texts, _KEEP] = None,
    ignore: Annotated[_Texts, _IGNORE] = None,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the trail.")] = "",
    dry_run: Annotated[bool, _DRY_RUN] = False,
    no_evaluate: Annotated[bool, _NO_EVALUATE] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Complete what was interrupted.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Show the imports there were.")] = False,
    refused: Annotated[int | None, typer.Option(metavar="N", help="Show the rows that import N refused.")] = None,
    to: Annotated[Path | None, _TO] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Import files: tables and columns are recognised, every row is checked, and `hanse undo N` takes it all back."""
    from hanse.fronts.cli import import_words
    from hanse.installation.start import ready

    _check_call(files, resume=resume, listed=listed, refused=refused, to=to)
    values = [*(values or []), *([f"currency={currency}"] if currency else [])]
    answers = _answers(table, mapped, values, dates, decimal, keep, ignore)
    ready()
    from hanse.apps.accounts.actors import operator

    if listed:
        import_words.show_list(operator(), as_json=as_json)
    elif refused is not None:
        import_words.show_refused(operator(), refused, to, limit=SHOWN_ROWS, as_json=as_json)
    else:
        outcomes = (
            _resumed() if resume else [_imported(f, source, answers, reason, dry_run, as_json) for f in files or ()]
        )
        if not no_evaluate and not dry_run:
            import_words.judge_touched([o.batch for o in outcomes if o.batch is not None and o.state == "done"])
        import_words.show_outcomes(outcomes, as_json=as_json)


def _check_call(files: list[Path] | None, *, resume: bool, listed: bool, refused: int | None, to: Path | None) -> None:
    wanted = sum((bool(files), resume, listed, refused is not None))
    if wanted != 1:
        why = "files, --resume, --list and --refused exclude each other"
        raise CallError(
            Problem("hanse import", "say one thing to do", why, "hanse import FILE, or hanse import --resume")
        )
    if to is not None and refused is None:
        raise CallError(
            Problem("--to", "nothing is to be written", "only refused rows are written to a file", "add --refused N")
        )


def _imported(file: Path, source: str, answers: Answers, reason: str, dry_run: bool, as_json: bool) -> Outcome:
    from hanse.apps.accounts.actors import operator
    from hanse.apps.imports import services
    from hanse.fronts.cli.import_questions import asking
    from hanse.fronts.cli.tables import progress

    can_ask = sys.stdin.isatty() and sys.stderr.isatty() and not as_json
    with progress(f"Importing {file.name}") as tell:
        return services.import_file(
            actor=operator(), path=file, source=source, answers=answers, reason=reason, dry_run=dry_run, progress=tell,
            ask=asking(answers) if can_ask else None,
        )  # fmt: skip


def _resumed() -> list[Outcome]:
    from hanse.apps.accounts.actors import operator
    from hanse.apps.imports import services
    from hanse.fronts.cli.tables import progress

    with progress("Completing imports") as tell:
        return services.resume(actor=operator(), progress=tell)


def _answers(
    tables: Sequence[str] | None, mapped: Sequence[str] | None, values: Sequence[str], dates: Sequence[str] | None,
    decimals: Sequence[str] | None, kept: Sequence[str] | None, ignored: Sequence[str] | None,
) -> Answers:  # fmt: skip
    from hanse.apps.imports.mapping import Answers

    return Answers(
        tables=dict(_pair(text, "--table", alone=True) for text in tables or ()),
        columns=dict(_pair(text, "--map") for text in mapped or ()),
        values=dict(_pair(text, "--set") for text in values),
        dates=dict(_pair(text, "--dates", alone=True) for text in dates or ()),
        decimals=dict(_pair(text, "--decimal", alone=True) for text in decimals or ()),
        kept=dict(_pair(text, "--keep") for text in kept or ()),
        ignored=frozenset(ignored or ()),
    )


def _pair(text: str, option: str, *, alone: bool = False) -> tuple[str, str]:
    """`NAME=VALUE`; where it may stand alone, a value for all. Raises CallError."""
    name, sign, value = text.rpartition("=") if alone else text.partition("=")
    if (not sign and not alone) or not value.strip():
        raise CallError(
            Problem(
                option, f"{text!r} has no value", "it is written NAME=VALUE", f'such as {option} amount="Net value"'
            )
        )
    return name.strip(), value.strip()
