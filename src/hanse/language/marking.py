"""Which rows of the raw facts are wrong, and what is said of each?

A row is said to be wrong once, for the first check that refuses it, with its file and line. The passes that look for bad
rows are made apart from the good rows: each reads only the columns that its checks look at, and keeps nothing of the many
rows that are fine. What the staged rows are joined to anyway is told from there: a row without a rate stands in `staged_T`
with its mark in `_bad`, one of a person whom nobody employs with that person in `stranger`, and nobody counts them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NOBODY = "CAST(NULL AS INTEGER)"


@dataclass(frozen=True)
class Check:
    """A condition under which a row is refused, and the SQL of the code that says why."""

    refused: str
    code: str


@dataclass(frozen=True)
class Checks:
    """The checks of one table in the order in which they are asked, apart by what they have to read.

    `own`: columns of the row alone. `tied`: the row beside its partner and its country's classes, through `joins`, which
    give the partner's number as `pid`. `rated`: what the row needs of the exchange rates, through `rates`.
    """

    own: Sequence[Check]
    tied: Sequence[Check] = ()
    joins: str = ""
    pid: str = NOBODY
    rated: Sequence[Check] = ()
    rates: str = ""

    @property
    def all(self) -> list[Check]:
        return [*self.own, *self.tied, *self.rated]


def fine(checks: Sequence[Check]) -> str:
    """Further conditions: no check refuses the row."""
    return "".join(f" AND NOT COALESCE({c.refused}, FALSE)" for c in checks)


def marked(checks: Sequence[Check]) -> str:
    """`line|file|code` of the first check that refuses a row; null for a good row."""
    if not checks:
        return "CAST(NULL AS VARCHAR)"
    return _placed(_said(checks))


def _said(checks: Sequence[Check]) -> str:
    return f"CASE {' '.join(f'WHEN {c.refused} THEN {c.code}' for c in checks)} END"


def marked_while_staged(checks: Sequence[Check]) -> str:
    """The mark, in a statement whose other rows are many: null wherever none of the checks refuses."""
    return f"CASE WHEN {_any(checks)} THEN {marked(checks)} END"


def _placed(code: str) -> str:
    return f"(CAST(COALESCE(r._line, 0) AS VARCHAR) || '|' || COALESCE(r._file, '') || '|' || {code})"


def _any(checks: Sequence[Check]) -> str:
    return " OR ".join(f"({c.refused})" for c in checks) or "FALSE"


def of_partners(raw: str, known: str, checks: Checks) -> str:
    """The bad rows (pid, _bad) of a table whose rows belong to partners, or to nobody, rates left aside."""
    asked = [*checks.own, *checks.tied]
    return (
        f"SELECT {checks.pid} AS pid, {marked(asked)} AS _bad FROM {raw} AS r{checks.joins} "
        f"WHERE {known} AND ({_any(asked)})"
    )


def of_persons(raw: str, known: str, own: Sequence[Check], employed: str) -> str:
    """The bad rows of a table whose rows belong to persons, those of strangers left aside; each of a person's firms is told."""
    wrong = f"SELECT * FROM {raw} AS r WHERE {known} AND ({_any(own)})"
    return f"SELECT e.pid AS pid, {marked(own)} AS _bad FROM ({wrong}) AS r LEFT JOIN {employed} AS e ON e.person = r.person"


def of_strangers(raw: str, known: str, own: Sequence[Check], stranger: Check, employed: str, listed: str | None) -> str:
    """The rows of persons whom nobody employs: of those listed in a step, or looked for here."""
    sql = f"SELECT {NOBODY} AS pid, {_placed(stranger.code)} AS _bad FROM {raw} AS r"
    if listed:
        return f"{sql} WHERE {known}{fine(own)} AND r.person IN (SELECT s.stranger FROM {listed} AS s)"
    return f"{sql} LEFT JOIN {employed} AS e ON e.person = r.person WHERE {known}{fine(own)} AND {stranger.refused}"
