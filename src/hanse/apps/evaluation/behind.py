"""Which facts stand behind a partner's numbers, which did not count, and who said each of them?

The partner's facts as they were known to the run that decided, read by the same language that judged them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from hanse.apps.evaluation import alone, facts
from hanse.apps.evidence.moments import snapshot
from hanse.apps.evidence.selectors import places_of
from hanse.apps.programmes.selectors import loaded, version_of_hash
from hanse.apps.standings import explained
from hanse.apps.standings.selectors import deciding_run
from hanse.decisions.explanation_views import FactRow, FactsView, Outcome
from hanse.language.context import Days

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor

Label = Callable[[Mapping[str, str] | None, str], str]


def outcome(
    *, actor: Actor, partner: str, label: Label, edition: str | None = None, as_of: date | None = None
) -> Outcome:
    """The rows that explain a partner, with the facts behind them. Raises what `explained.outcome` does."""
    from hanse.engines.duck import DuckEngine
    from hanse.engines.explain import facts_behind

    told = explained.outcome(actor=actor, partner=partner, edition=edition, as_of=as_of)
    run = deciding_run(actor, partner, edition=edition, as_of=as_of)
    assert run.known_at is not None
    read = loaded(version_of_hash(run.edition, run.edition_hash).id)
    days = Days(run.as_of, run.rules_as_of)
    with snapshot():
        near = None
        if not alone.needs_everybody(read):
            near = facts.tied([partner], run.known_at, around=alone.looks_around(read))
        tables = facts.tables_of(read, days, run.known_at, partners=near)
    with DuckEngine(tables, read.tables) as engine:
        told = facts_behind(engine, read, days, told, label)
    return replace(told, facts=None if told.facts is None else [_placed(view) for view in told.facts])


def _placed(view: FactsView) -> FactsView:
    """The view with each row where its source said it, in place of the number that the database gave it."""
    rows = [*view.first, *(row for refused in view.not_counted for row in refused.first)]
    where = places_of(view.table, [row.line for row in rows if row.line is not None])

    def placed(row: FactRow) -> FactRow:
        file, line = where.get(row.line or 0, (row.file, row.line))
        return replace(row, file=file, line=line)

    return replace(
        view,
        first=tuple(placed(row) for row in view.first),
        not_counted=tuple(replace(n, first=tuple(placed(row) for row in n.first)) for n in view.not_counted),
    )
