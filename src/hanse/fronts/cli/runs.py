"""`hanse runs`: what was evaluated, when, by which rules; and whether it comes out again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from hanse.apps.evaluation.repeats import Repeat

runs = typer.Typer(help="Evaluations: what they judged, by which rules, and whether they come out again.")
Number = Annotated[int, typer.Argument(metavar="N", help="The run; hanse runs list shows them.")]
AsJson = Annotated[bool, typer.Option("--json", help="As data, for programs.")]


@runs.command("list")
def list_(
    *,
    edition: Annotated[str | None, typer.Option(help="Only runs of this edition.")] = None,
    every: Annotated[bool, typer.Option("--every", help="Also those of a few partners.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the latest first.")] = 50,
    json: AsJson = False,
) -> None:
    """List runs, the latest first."""
    _ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.standings import selectors
    from hanse.fronts.cli.tables import console, print_json, table

    found = selectors.run_list(operator(), edition=edition, every=every, limit=limit)
    if json:
        print_json(found)
        return
    rows = [
        (r["run"], r["edition"], r["as_of"], r["state"], (r["rows"] or {}).get("standings"), _whom(r), r["reason"])
        for r in found
    ]
    columns = ("run", "edition", "judged", "state", "standings", "of", "because")
    console().print(table("", columns, rows) if rows else "None yet. Evaluate: hanse evaluate EDITION --as-of DATE")


@runs.command("show")
def show(number: Number, *, json: AsJson = False) -> None:
    """Show one run: its edition by content, its days, its results by their sums."""
    _ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.standings import selectors
    from hanse.fronts.cli.tables import console, print_json, table

    found = selectors.run_as_row(selectors.run_of(operator(), number))
    if json:
        print_json(found)
        return
    to = console()
    shown = (
        "edition", "edition_hash", "as_of", "rules_as_of", "known_at", "state", "reason", "actor", "started",
        "finished", "processor_seconds", "folder", "failure",
    )  # fmt: skip
    to.print(table(f"run {number}", ("", ""), [(n.replace("_", " "), str(found[n])) for n in shown if found[n]]))
    if found["rows"]:
        to.print()
        sums = found["digests"] or {}
        to.print(table("", ("output", "rows", "SHA-256"), [(n, c, sums.get(n)) for n, c in found["rows"].items()]))


@runs.command("repeat")
def repeat(number: Number, *, json: AsJson = False) -> None:
    """Evaluate again with the run's edition, days and knowledge, and compare byte for byte; 1 if it differs."""
    _ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.evaluation import repeats
    from hanse.fronts.cli.tables import print_json, progress

    with progress(f"Repeating run {number}") as tell:
        found = repeats.repeat(actor=operator(), run=number, progress=tell)
    if json:
        print_json({"run": number, "same": not found.differs, "differs": found.differs, "digests": found.digests,
                    "rows": found.rows, "versions": found.versions, "erased": found.erased})  # fmt: skip
    else:
        _say(found)
    if found.differs:
        raise typer.Exit(1)


@runs.command("confirm")
def confirm(
    number: Number,
    *,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; it stays on record.")],
    json: AsJson = False,
) -> None:
    """Put the levels that a run grants on record: from then on they are held, and reviews look at them."""
    _ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.evaluation.services import confirm as confirmed
    from hanse.fronts.cli.tables import console, print_json

    added = confirmed(actor=operator(), run=number, reason=reason)
    if json:
        print_json({"run": number, "levels": added})
        return
    console().print(f"{added:,} levels of run {number} are on record.")


def _say(found: Repeat) -> None:
    from hanse.fronts.cli.tables import console, table

    to = console()
    if not found.differs:
        to.print(f"Run {found.run} comes out again, byte for byte: {', '.join(found.digests)}.", soft_wrap=True)
        return
    rows = [(n, *found.rows.get(n, (None, None)), *(d[:12] for d in found.digests[n])) for n in found.differs]
    columns = ("output", "rows only then", "rows only now", "then", "now")
    to.print(table(f"Run {found.run} does not come out again", columns, rows))
    for package, (then, now) in found.versions.items():
        to.print(f"{package} was {then}, and is {now}")
    if found.erased:
        to.print(
            f"{found.erased} persons were erased on request since: what named them reads otherwise.", soft_wrap=True
        )


def _whom(run: dict[str, Any]) -> str:
    partners = run["partners"]
    if partners is None:
        return "all"
    return ", ".join(partners[:3]) + (f" and {len(partners) - 3} more" if len(partners) > 3 else "")


def _ready() -> None:
    from hanse.installation.start import ready

    ready()
