"""Which records are one firm on the day judged?

What was found to be said twice (`duplicate`) is one firm on every day; what was acquired, or merged, from its day on. The
record it went into answers for it: facts of either count for that one, and the other has no standing of its own. Chains
are followed; mergers that lead round in a circle are followed nowhere, and each of them is told as a bad row.

A firm belongs to another, or to a group, from the day on which that was so (`belongs`), and until then to the group that its
own fact names. Metrics over a group follow this as of the day judged; nobody else's facts move by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from hanse.language.marking import Check
from hanse.language.plan import Plan, literal

EVENTS = "events"
MERGING = ("duplicate", "acquired", "merged")
BELONGS = "belongs"  # to the firm `into`, or to the group `name`; with neither it stands on its own
KINDS = (*MERGING, "split", "renamed", "closed", BELONGS)
_DOUBLINGS = 3  # each follows chains twice as far
LONGEST = 2**_DOUBLINGS  # through so many steps
_TOO_EARLY = "CAST('0001-01-01' AS DATE)"


def is_told(schema: Mapping[str, Mapping[str, str]]) -> bool:
    """Do the facts say at all what became of firms?"""
    return {"partner", "kind", "into"} <= set(schema.get(EVENTS, {}))


def partners(plan: Plan, as_of: date, day: str | None, known: str, name: str | None = None) -> None:
    """Adds `all_partners`, and where events are told (`day`, `known`: SQL of a raw event) what follows from them.

    `merged` (partner, pid) says whose facts count for which other partner, `firms` (partner, pid, joined) for whom those of
    any key count.
    """
    active = f'(p.joined IS NULL OR p.joined <= {literal(as_of)}) AND (p."left" IS NULL OR p."left" > {literal(as_of)})'
    join = ""
    if day:
        _merged(plan, as_of, day, known)
        if name:
            units(plan, as_of, day, known, name)
        active, join = f"{active} AND m.partner IS NULL", " LEFT JOIN $merged AS m ON m.partner = p.partner"
        plan.add("firms", f"SELECT p.partner, COALESCE(m.pid, p.pid) AS pid, p.joined FROM $all_partners AS p{join}")
    plan.add("all_partners", f"SELECT p.*, {active} AS active FROM $staged_partners AS p{join} WHERE p._bad IS NULL")


def _merged(plan: Plan, as_of: date, day: str, known: str) -> None:
    listed = ", ".join(map(literal, MERGING))
    plan.add(
        "merged_0",
        f'SELECT e.partner, e."into" FROM (SELECT r.partner, r."into", ROW_NUMBER() OVER (PARTITION BY r.partner '
        f"ORDER BY COALESCE({day}, {_TOO_EARLY}) DESC, r._file DESC, r._line DESC) AS nth FROM $raw_{EVENTS} AS r "
        f'WHERE {known} AND r.kind IN ({listed}) AND r."into" IS NOT NULL AND ({day} IS NULL OR {day} <= {literal(as_of)})) AS e '
        "WHERE e.nth = 1",
        keep=True,
    )
    for n in range(_DOUBLINGS):
        plan.add(
            f"merged_{n + 1}",
            f'SELECT m.partner, COALESCE(f."into", m."into") AS "into" FROM $merged_{n} AS m '
            f'LEFT JOIN $merged_{n} AS f ON f.partner = m."into"',
            keep=True,
        )
    plan.add(
        "merged",
        f'SELECT m.partner, p.pid FROM $merged_{_DOUBLINGS} AS m JOIN $staged_partners AS p ON p.partner = m."into" AND p._bad IS NULL '
        'LEFT JOIN $merged_0 AS again ON again.partner = m."into" WHERE again.partner IS NULL',
        keep=True,
    )


def units(plan: Plan, as_of: date, day: str, known: str, name: str) -> str:
    """The step (pid, unit): the group, or the firm at the top, under which each partner is on the day (`name`: SQL of a raw event).

    A parent that was merged is the firm that answers for it. What leads round in a circle leads nowhere.
    """
    plan.add(
        "belongs_0",
        "SELECT e.partner, CASE WHEN e.above <> e.partner THEN e.above END AS above, e.label FROM (SELECT r.partner, "
        f"COALESCE(s.partner, i.partner) AS above, {name} AS label, ROW_NUMBER() OVER (PARTITION BY r.partner "
        f"ORDER BY COALESCE({day}, {_TOO_EARLY}) DESC, r._file DESC, r._line DESC) AS nth FROM $raw_{EVENTS} AS r "
        'LEFT JOIN $staged_partners AS i ON i.partner = r."into" AND i._bad IS NULL LEFT JOIN $merged AS m ON m.partner = i.partner '
        f"LEFT JOIN $staged_partners AS s ON s.pid = m.pid WHERE {known} AND r.kind = {literal(BELONGS)} "
        f'AND (r."into" IS NULL OR i.partner IS NOT NULL AND r."into" <> r.partner) AND ({day} IS NULL OR {day} <= {literal(as_of)})) AS e '
        "WHERE e.nth = 1",
        keep=True,
    )
    for n in range(_DOUBLINGS):
        plan.add(
            f"belongs_{n + 1}",
            f"SELECT b.partner, COALESCE(f.above, b.above) AS above FROM $belongs_{n} AS b "
            f"LEFT JOIN $belongs_{n} AS f ON f.partner = b.above WHERE b.above IS NOT NULL",
            keep=True,
        )
    return plan.add(
        "units",
        "SELECT p.pid, COALESCE('group ' || CASE WHEN own.partner IS NULL THEN t.\"group\" ELSE own.label END, 'partner ' || t.partner) "
        f"AS unit FROM $all_partners AS p LEFT JOIN $belongs_{_DOUBLINGS} AS b ON b.partner = p.partner "
        "LEFT JOIN $belongs_0 AS again ON again.partner = b.above AND again.above IS NOT NULL JOIN $staged_partners AS t "
        "ON t.partner = CASE WHEN again.partner IS NULL THEN COALESCE(b.above, p.partner) ELSE p.partner END AND t._bad IS NULL "
        "LEFT JOIN $belongs_0 AS own ON own.partner = t.partner",
        keep=True,
    )


def checks() -> tuple[list[Check], str]:
    """What else an event can be refused for, and the joins that this takes. `p` is the partner that it is about."""
    kinds, merging = (", ".join(map(literal, listed)) for listed in (KINDS, MERGING))
    found = [
        Check(f"r.kind NOT IN ({kinds})", "'unknown_event:kind:' || r.kind"),
        Check(f'r.kind IN ({merging}) AND r."into" IS NULL', "'missing:into'"),
        Check('r."into" IS NOT NULL AND i.partner IS NULL', "'unknown_partner:into:' || r.\"into\""),
        Check(
            f'r.kind IN ({merging}) AND (r."into" = r.partner OR c.partner IS NOT NULL AND d.partner IS NULL)',
            "'in_a_circle:into:' || r.\"into\"",
        ),
        Check(f'r.kind = {literal(BELONGS)} AND r."into" = r.partner', "'in_a_circle:into:' || r.\"into\""),
    ]
    joins = (
        ' LEFT JOIN $all_partners AS i ON i.partner = r."into" LEFT JOIN $merged_0 AS c ON c.partner = r.partner '
        "LEFT JOIN $merged AS d ON d.partner = r.partner"
    )
    return found, joins
