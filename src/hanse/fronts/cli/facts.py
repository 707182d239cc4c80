"""`hanse facts`: what is on record, who said it, and how one adds to it by hand. Nothing on record is ever changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hanse.language.problems import CallError, Problem

if TYPE_CHECKING:
    from hanse.apps.evidence.services import Recorded

facts = typer.Typer(help="What is on record, who said it; corrections, waivers, erasure on request.")
Table = Annotated[str, typer.Argument(metavar="TABLE", help="A fact table, such as sales or people.")]
Values = Annotated[list[str], typer.Argument(metavar="COLUMN=VALUE...", help="The row: partner=P-1 on=2017-06-30 ...")]
Why = Annotated[str, typer.Option(help="The reason; it stays on record.")]
AsJson = Annotated[bool, typer.Option("--json", help="As data, for programs.")]
Evaluate = Annotated[bool, typer.Option("--evaluate/--no-evaluate", help="Judge the partners concerned at once.")]
_SOURCE = "command line"
_OWN = ("batch", "more", "author")  # columns that a list for people leaves out


@facts.command("list")
def list_(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="The partner's key.")],
    table: Table,
    *,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = 50,
    json: AsJson = False,
) -> None:
    """List a partner's facts in one table, each with its number and its source."""
    _ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.evidence import selectors

    _show(selectors.facts_of(operator(), partner, _known(table), limit=limit), json=json)


@facts.command("history")
def history(table: Table, fact: Annotated[int, typer.Argument(metavar="FACT")], *, json: AsJson = False) -> None:
    """Tell what was said about the same thing, oldest first, by whom, and what became of it."""
    _ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.evidence import selectors

    _show(selectors.history(operator(), _known(table), fact), json=json)


@facts.command("record")
def record(
    table: Table,
    values: Values,
    *,
    source: Annotated[str, typer.Option(help="Who says so.")] = _SOURCE,
    why: Why = "",
    evaluate: Evaluate = True,
    json: AsJson = False,
) -> None:
    """Record one fact: hanse facts record certifications person=A-1 certificate=C-210 earned=2017-06-01."""
    _ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.evaluation import services

    row = _row(values)
    _told(services.new_fact(actor=operator(), table=table, row=row, source=source, reason=why), evaluate, json)


@facts.command("correct")
def correct(
    table: Table,
    fact: Annotated[int, typer.Argument(metavar="FACT", help="Its number: see hanse facts list.")],
    values: Annotated[
        list[str] | None, typer.Argument(metavar="[COLUMN=VALUE...]", help="What should read otherwise.")
    ] = None,
    *,
    hide: Annotated[bool, typer.Option("--hide", help="The fact is wrong altogether: it no longer counts.")] = False,
    why: Annotated[str, typer.Option(help="The reason; it stays on record.")],
    evaluate: Evaluate = True,
    json: AsJson = False,
) -> None:
    """Correct one fact: the old one stays on record, and the new one counts."""
    if hide == bool(values):
        raise CallError(
            Problem(
                "hanse facts correct",
                "give what should read otherwise, or --hide",
                "a correction is one of the two",
                "for instance: hanse facts correct sales 17 amount=99 --why 'typed wrong'",
            )
        )
    _ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.evaluation import services
    from hanse.apps.evidence import selectors

    row = None
    if values:
        before = selectors.history(operator(), _known(table), fact)
        whole = next(r for r in before if r["fact"] == fact)
        kept = {c: v for c, v in whole.items() if c in _columns(table)}
        row = kept | _row(values)
    _told(services.correct_fact(actor=operator(), table=table, fact=fact, row=row, reason=why), evaluate, json)


@facts.command("waive")
def waive(
    partner: Annotated[str, typer.Argument(metavar="PARTNER")],
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="level:gold, revenue, or gold:revenue.")],
    *,
    since: Annotated[str, typer.Option(metavar="DATE", help="The first day.")],
    until: Annotated[str, typer.Option(metavar="DATE", help="The last day: a waiver always ends.")],
    why: Annotated[str, typer.Option(help="The reason; it stays on record.")],
    evaluate: Evaluate = True,
    json: AsJson = False,
) -> None:
    """Grant a level or a requirement in spite of the numbers, with a reason and an end."""
    from hanse.fronts.cli.arguments import day_of

    first, last = day_of(since, "--since"), day_of(until, "--until")
    _ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.evaluation import services

    made = services.waive(actor=operator(), partner=partner, subject=subject, since=first, until=last, reason=why)
    _told(made, evaluate, json)


@facts.command("approve")
def approve(
    partner: Annotated[str, typer.Argument(metavar="PARTNER")],
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="What the standing awaits, or one answer of it.")],
    *,
    edition: Annotated[str | None, typer.Option(help="By which edition, where several wait.")] = None,
    why: Annotated[str, typer.Option(help="The reason; it stays on record.")],
    json: AsJson = False,
) -> None:
    """Say yes to what a level waits for: the partner is judged again at once."""
    from hanse.fronts.cli.tables import console, print_json

    _ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.evaluation import services

    batch = services.approve(actor=operator(), partner=partner, subject=subject, reason=why, edition=edition)
    if json:
        print_json({"batch": batch})
        return
    console().print(f"Approved as batch {batch}. hanse explain {partner} says where it stands now.")


@facts.command("erase")
def erase(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="The person's key.")],
    *,
    why: Annotated[str, typer.Option(help="The request; it stays on record, the person does not.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: AsJson = False,
) -> None:
    """Erase who a person is from every fact, on legal request. The figures stay; this cannot be undone."""
    from hanse.fronts.cli.tables import console, print_json

    if not yes:
        typer.confirm(f"Erase {person} from every fact? This cannot be undone", abort=True)
    _ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.imports.services import erase_person

    touched = erase_person(actor=operator(), person=person, reason=why)
    if json:
        print_json(touched)
        return
    listed = ", ".join(f"{n:,} {table}" for table, n in touched.items())
    console().print(f"Erased. Rows that named the person: {listed}.")


def _ready() -> None:
    from hanse.installation import start

    start.ready()


def _columns(table: str) -> set[str]:
    from hanse.language.facts import CONTRACT

    return set(CONTRACT[_known(table)].by_name)


def _known(table: str) -> str:
    from hanse.language.facts import CONTRACT
    from hanse.language.problems import nearest

    if table not in CONTRACT:
        raise CallError(
            Problem(
                "TABLE",
                f"there is no fact table {table!r}",
                "facts are those of the contract",
                nearest(table, CONTRACT),
            )
        )
    return table


def _row(values: Sequence[str]) -> dict[str, Any]:
    """The row that COLUMN=VALUE words say. Raises CallError for a word without a sign of equality."""
    wrong = [word for word in values if "=" not in word]
    if wrong:
        raise CallError(
            Problem(
                "COLUMN=VALUE",
                f"{wrong[0]!r} has no =",
                "a value needs the column it belongs to",
                "write column=value, such as amount=99.50",
            )
        )
    return {column: value for column, _, value in (word.partition("=") for word in values)}


def _told(made: Recorded, evaluate: bool, json: bool) -> None:
    """Says what was recorded, and lets the partners concerned be judged."""
    from hanse.apps.evaluation.services import evaluate_touched
    from hanse.fronts.cli.tables import console, print_json

    judged = evaluate_touched(batch=made.batch) if evaluate else []
    if json:
        print_json({"batch": made.batch, "facts": made.facts, "judged": judged})
        return
    numbers = ", ".join(f"{table} {n}" for table, listed in made.facts.items() for n in listed) or "one fact hidden"
    console().print(f"Recorded as batch {made.batch}: {numbers}.")


def _show(rows: Sequence[dict[str, Any]], *, json: bool) -> None:
    from hanse.fronts.cli.tables import console, print_json, table

    if json:
        print_json(list(rows))
        return
    if not rows:
        console().print("Nothing is on record.")
        return
    columns = [c for c in rows[0] if c not in _OWN and any(row[c] not in (None, "") for row in rows)]
    console().print(table("", columns, [[_plain(row[c]) for c in columns] for row in rows]))


def _plain(value: Any) -> Any:
    from decimal import Decimal

    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value) if value is not None else None
