"""`hanse evaluate` without `--facts`: judges in the installation, and makes it what counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any

from hanse.language.problems import CallError, Problem

if TYPE_CHECKING:
    from hanse.language.context import Days

# how levels moved, in words; `same` is a level achieved that stays while what is in force moves
_MOVED = {"up": "up", "down": "down", "same": "in force only", "appears": "new", "disappears": "gone"}


def only_with_facts(options: Mapping[str, object]) -> None:
    """Raises CallError for an option that says where files go, where there are none."""
    for option, value in options.items():
        if value is not None:
            why = "without --facts the installation is judged, which keeps its outcome itself"
            raise CallError(Problem(option, "it is of no use here", why, "leave it out, or add --facts DIR"))


def judge(
    edition: str | None, days: Days, *, partners: Sequence[str] | None = None, reason: str = "", as_json: bool = False
) -> None:
    """Judges by one edition, or by every one in force, announced or piloted on the day, and says what came out."""
    from hanse.fronts.cli.tables import print_json
    from hanse.installation.start import ready

    ready()
    from hanse.apps.programmes import selectors

    named = [selectors.version_named(edition, days.as_of)] if edition else selectors.judged_on(days.as_of)
    if not named:
        why = "judged by are editions in force, announced or piloted"
        raise CallError(Problem("EDITION", f"no edition is in force on {days.as_of}", why,
                                "name one, or put it in force: hanse editions in-force EDITION --on DATE"))  # fmt: skip
    summaries = [_judged(version.key, days, partners, reason) for version in named]
    if as_json:
        print_json(summaries[0] if edition else summaries)
        return
    for summary in summaries:
        _show(summary)


def _judged(edition: str, days: Days, partners: Sequence[str] | None, reason: str) -> dict[str, Any]:
    from hanse.apps.accounts.actors import operator
    from hanse.apps.evaluation import services
    from hanse.apps.standings import selectors
    from hanse.fronts.cli.tables import progress

    known_at = days.known_at.replace(tzinfo=UTC) if days.known_at else None
    with progress(f"Evaluating {edition}") as tell:
        number = services.evaluate(
            actor=operator(), edition=edition, as_of=days.as_of, rules_as_of=days.rules_as_of, known_at=known_at,
            partners=partners, reason=reason, progress=tell,
        )  # fmt: skip
    run = selectors.run_as_row(selectors.run_of(operator(), number))
    names = ("edition", "edition_hash", "as_of", "rules_as_of", "known_at", "kind", "rows", "digests", "folder")
    return {
        "run": number,
        **{name: run[name] for name in names},
        "levels": selectors.levels_of_run(operator(), number),
        "moved": selectors.moves_of_run(operator(), number),
    }


def _show(summary: Mapping[str, Any]) -> None:
    from hanse.fronts.cli.tables import console, share, table

    to = console()
    achieved, granted, expected = (summary["levels"][kind] for kind in ("level", "granted", "expected"))
    total = sum(achieved.values())
    rows = [
        (
            level or "no level",
            achieved.get(level, 0),
            share(achieved.get(level, 0), total),
            granted.get(level, 0),
            expected.get(level, 0),
        )
        for level in sorted(achieved | granted | expected, key=lambda name: (not name, -achieved.get(name, 0)))
    ]
    footer = (f"{total:,} partners", total, "", total, total)
    title = f"{summary['edition']} on {summary['as_of']}: run {summary['run']}"
    to.print(table(title, ("level", "achieved", "", "granted", "expected"), rows, footer=footer))
    found = summary["moved"]
    moved = ", ".join(f"{found[direction]:,} {said}" for direction, said in _MOVED.items() if found.get(direction))
    outcome = ", ".join(f"{n:,} {name}" for name, n in summary["rows"].items() if n and name != "standings")
    to.print(f"\nmoved: {moved or 'nobody'}; {outcome or 'nothing else'}", soft_wrap=True)
    if summary["folder"]:
        to.print(f"all of it is in {summary['folder']}", soft_wrap=True)
