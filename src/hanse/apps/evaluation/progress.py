"""How far is a partner from each competency, whose certificates count for what, and who could close a gap?

A standing keeps the checks of competencies held or lacking one thing. For a page about all of them the same statement is
asked here for one partner, with every check kept (decisions/progress.py), over the facts that count now; nothing is stored.
An edition that ranks partners, or has metrics in SQL, is judged for all at once: there the stored checks are all there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hanse.apps.evaluation import alone, warm
from hanse.apps.programmes.selectors import loaded
from hanse.apps.standings import explained
from hanse.apps.standings.selectors import deciding_run
from hanse.decisions.explanation_views import Outcome
from hanse.decisions.outline import order
from hanse.decisions.progress import progress_plan
from hanse.engines.one_partner import OnePartner
from hanse.language.context import Days

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor
    from hanse.language.edition import Edition

Row = dict[str, Any]
Exams = Mapping[tuple[str, str | None], tuple[str, ...]]


@dataclass(frozen=True)
class Progress:
    """The rows that explain a partner, with all checks of all competencies where `whole`.

    `holders` are the rows of decisions/holders.py; `exams` the certificates that would count, by metric and competency.
    """

    outcome: Outcome
    whole: bool
    holders: tuple[Row, ...] = ()
    exams: Exams | None = None


class _Looking(warm.Kept):
    """One edition on one day, prepared for pages about competencies and people."""

    def __init__(self, edition: Edition, days: Days) -> None:
        super().__init__(edition, days)
        self._asked: dict[tuple[str, ...], OnePartner] = {}
        self._exams: Exams | None = None

    def rows(self, partner: str, outputs: tuple[str, ...]) -> dict[str, list[Row]]:
        """The rows of one partner; its statement is prepared when first asked for."""
        if outputs not in self._asked:
            self._asked[outputs] = OnePartner(
                self.database, self.edition, self.days, schema=self.schema, outputs=outputs, planned=progress_plan
            )
        return self._asked[outputs].rows(partner)

    def exams(self, partner: str) -> Exams:
        """Which certificates would count for what: the edition's own affair, so asked for once, with any partner."""
        if self._exams is None:
            found: dict[tuple[str, str | None], list[str]] = {}
            for row in self.rows(partner, ("exams",))["exams"]:
                found.setdefault((row["metric"], row["competency"]), []).append(row["certificate"])
            self._exams = {key: tuple(sorted(names)) for key, names in found.items()}
        return self._exams


def progress(*, actor: Actor, partner: str) -> Progress:
    """All competencies with every requirement, and the people behind them. Raises what `explained.outcome` does."""
    return _looked(actor, partner, ("checks", "holders"))


def people(*, actor: Actor, partner: str) -> Progress:
    """The people behind the certificates alone: the checks are those that are kept. Raises the same."""
    return _looked(actor, partner, ("holders",))


def _looked(actor: Actor, partner: str, outputs: tuple[str, ...]) -> Progress:
    told = explained.outcome(actor=actor, partner=partner)
    run = deciding_run(actor, partner, edition=None, as_of=None)
    edition = loaded(run.version_id)
    if alone.needs_everybody(edition) or not told.standings:
        return Progress(told, whole=False)

    def asked(kept: _Looking) -> tuple[dict[str, list[Row]], Exams]:
        return kept.rows(partner, outputs), kept.exams(partner)

    told = replace(told, outline={**told.outline, "order": order(edition)})
    rows, exams = warm.asked(_Looking, edition, Days(run.as_of, run.rules_as_of), asked)
    if "checks" in rows:
        named = told.outline["competencies"]
        levels = [row for row in told.checks if str(row["subject"]).partition("/")[0] not in named]
        told = replace(told, checks=[*levels, *rows["checks"]])
    return Progress(told, "checks" in rows, tuple(rows["holders"]), exams)
