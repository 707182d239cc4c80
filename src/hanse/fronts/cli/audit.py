"""`hanse audit`: who did what, when and why; and whether the trail is still what was written."""

from __future__ import annotations

import json as json_text
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hanse.fronts.cli.arguments import moment_of

if TYPE_CHECKING:
    from hanse.apps.audit.selectors import Shown

BROKEN = 1
audit = typer.Typer(help="The trail: one entry for every act, each chained to the one before.")
AsJson = Annotated[bool, typer.Option("--json", help="As data, for programs.")]


@audit.command("list")
def list_(
    *,
    by: Annotated[str | None, typer.Option(help="Who did it: a user's address, operator:NAME, or system.")] = None,
    action: Annotated[str | None, typer.Option(help="One action (imports.undo), or an app (imports).")] = None,
    subject: Annotated[str | None, typer.Option(help="One subject (user:ann@firm.example), or a kind (user:).")] = None,
    since: Annotated[str | None, typer.Option(help="From that moment or day on, in UTC.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to that moment, or the end of that day, in UTC.")] = None,
    before: Annotated[int | None, typer.Option(help="Only entries below this number: the next page.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    json: AsJson = False,
) -> None:
    """List what was done, the newest first."""
    from hanse.fronts.cli.tables import console, print_json, table
    from hanse.installation import start

    first = _from(since) if since else None
    last = moment_of(until, "--until").replace(microsecond=999_999, tzinfo=UTC) if until else None
    start.ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.audit import selectors

    found = selectors.entries(
        operator(), by=by, action=action, subject=subject, since=first, until=last, before=before, limit=limit
    )
    if json:
        print_json([_as_data(one) for one in found])
        return
    rows = [(str(one.number), _moment(one.at), one.actor, one.action, one.subject, one.why) for one in found]
    to = console()
    to.print(table("", ("entry", "at (UTC)", "who", "did what", "to", "why"), rows) if rows else "No entry like this.")
    if len(found) == limit and found[-1].number > 1:
        to.print(f"\nMore: --before {found[-1].number}", soft_wrap=True)


@audit.command("show")
def show(number: Annotated[int, typer.Argument(help="The number of the entry.")], *, json: AsJson = False) -> None:
    """Show one entry whole: what was so before, and after."""
    from hanse.fronts.cli.tables import console, print_json
    from hanse.installation import start

    start.ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.audit import selectors

    found = _as_data(selectors.entry(operator(), number))
    if json:
        print_json(found)
        return
    to = console()
    for key, value in found.items():
        shown = json_text.dumps(value, indent=2, ensure_ascii=False) if isinstance(value, dict | list) else value
        to.print(f"{key:8} {'' if shown is None else shown}".rstrip(), soft_wrap=True)


@audit.command("verify")
def verify(
    *,
    expect: Annotated[
        str | None,
        typer.Option(metavar="HEAD", help="A head noted down before: proves that nothing was cut off since."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Recompute the chain from its first entry; exit code 1 where it does not hold.

    Note down the head that it prints, somewhere else than in this database, and give it the next time.
    """
    from hanse.fronts.cli.tables import console, print_json, print_problems, shown
    from hanse.installation import start

    start.ready()
    from hanse.apps.audit import selectors

    found = selectors.verify(expect=expect)
    wrong = found.first_wrong
    if json:
        problem = {"entry": wrong.number, **vars(wrong.problem)} if wrong else None
        print_json({"holds": wrong is None, "entries": found.entries, "head": found.head, "first_wrong": problem})
    elif wrong is None:
        how_many = "The trail is empty." if not found.entries else f"The trail holds: {shown(found.entries)} entries."
        to = console()
        to.print(how_many, soft_wrap=True)
        to.print(f"head {found.head}", soft_wrap=True)
    else:
        print_problems([wrong.problem], as_json=False)
    if wrong is not None:
        raise typer.Exit(BROKEN)


def _from(text: str) -> datetime:
    """A moment; a day alone means its first one."""
    moment = moment_of(text, "--since")
    whole_day = "T" not in text and " " not in text
    return (moment.replace(hour=0, minute=0, second=0) if whole_day else moment).replace(tzinfo=UTC)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _as_data(found: Shown) -> dict[str, Any]:
    """The entry for programs: `before` and `after` as what they say, not as text."""
    data = {**vars(found), "at": found.at.isoformat()}
    for key in ("before", "after"):
        data[key] = None if data[key] is None else json_text.loads(data[key])
    return data
