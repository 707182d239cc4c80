"""In which order does a programme decide, from facts to standings?

The order is written once, here: facts, metrics, competencies, the level achieved, the level granted, benefits, results.
`plan_of` is pure: the same edition, days and schema of facts give the same plan, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable

from hanse.decisions import benefits, competency, granted, level, results
from hanse.language import compiler, matrix
from hanse.language.context import Context, Days, FactsInfo
from hanse.language.edition import Edition
from hanse.language.metrics import Instance
from hanse.language.plan import Plan, literal

OUTPUTS = ("standings", "competencies", "checks", "benefits", "results")
SHOWN_PARTNER = " JOIN $all_partners AS p ON p.pid = o.pid"
NO_CHECKS = (
    "SELECT partner, partner AS subject, partner AS requirement, partner AS metric, CAST(0 AS DOUBLE) AS actual, "
    "CAST(0 AS DOUBLE) AS needed, TRUE AS met, partner AS clause, partner AS comparison, partner AS note FROM $all_partners WHERE FALSE"
)


def plan_of(edition: Edition, days: Days, facts: FactsInfo, show: Iterable[str] = ()) -> Plan:
    """The whole evaluation as a plan whose outputs are the contract's tables. Raises EditionError.

    `show` names metrics to give as outputs `metric_NAME` besides.
    """
    ctx = compiler.context(edition, days, facts)
    ctx.shown = frozenset(show)
    compiler.partner_base(ctx)
    asked = competency.decide(ctx) if edition.competencies else _no_competencies(ctx)
    asked += level.decide(ctx)
    granted.decide(ctx)
    benefits.decide(ctx)
    results.decide(ctx)
    for name in sorted(ctx.shown):
        compiler.compute(ctx, [Instance(name)])
        compiler.show(ctx, name)
    compiler.finish(ctx)
    _outputs(ctx, asked)
    return ctx.plan


def _no_competencies(ctx: Context) -> list[matrix.Asked]:
    ctx.plan.add(
        "competencies_held",
        "SELECT pid, partner AS competency, pid AS number, pid AS depth_rank, partner AS depth, partner AS area, "
        "joined AS since FROM $all_partners WHERE FALSE",
    )
    ctx.ready.add("competencies_held")
    return []


def _outputs(ctx: Context, asked: list[matrix.Asked]) -> None:
    """The contract's columns, with partners by key, in a fixed order."""
    plan = ctx.plan
    put = plan.outputs.__setitem__
    put("standings", plan.add(
        "out_standings",
        "SELECT partner, level, granted, expected, path, awaiting, held, granted_from, granted_until, status, country "
        "FROM $standings ORDER BY pid",
    ))  # fmt: skip
    put("competencies", plan.add(
        "out_competencies",
        f"SELECT p.partner, o.competency, TRUE AS held, o.since, o.depth FROM $competencies_held AS o{SHOWN_PARTNER} "
        "ORDER BY o.pid, o.number",
    ))  # fmt: skip
    union = " UNION ALL ".join(matrix.check_selects(ctx, asked)) if asked else ""
    put("checks", plan.add("out_checks", union or NO_CHECKS))
    put("benefits", plan.add(
        "out_benefits",
        'SELECT o.partner, o.benefit, o.quantity, o.unit, o.currency, o."from", o."until", o.used, o."left" '
        "FROM $benefits AS o ORDER BY o.pid, o.benefit",
    ))  # fmt: skip
    put("results", plan.add(
        "out_results",
        f'SELECT p.partner, o.result, o.subject, o.number, o.text, o."on" FROM $results AS o{SHOWN_PARTNER} '
        f"WHERE p.active ORDER BY o.pid, {', '.join(f'o.{c}' for c in results.ORDER)}",
    ))  # fmt: skip
    put("problems", plan.add("out_problems", _problems(ctx), keep=True))


def _problems(ctx: Context) -> str:
    """Every bad row once: table, file, line, the code that `trouble` turns into sentences, and whose it is if known."""
    owned = ["SELECT 'partners' AS table_name, _bad, pid FROM $staged_partners WHERE _bad IS NOT NULL"]
    nobodys = []  # apart, so that whoever asks for one partner's never reads them
    for name, table in sorted(ctx.edition.tables.items()):
        if f"marked_{name}" in ctx.plan.steps:
            if table.of_partners:
                owned.append(f"SELECT {literal(name)} AS table_name, _bad, pid FROM $marked_{name}")
            else:
                nobodys.append(f" UNION ALL SELECT {literal(name)}, _bad, CAST(NULL AS VARCHAR) FROM $marked_{name}")
    # rows of partners that are bad themselves stand under the key they give
    return (
        f"SELECT u.table_name, u._bad, p.partner FROM ({' UNION ALL '.join(owned)}) AS u "
        f"LEFT JOIN $staged_partners AS p ON p.pid = u.pid{''.join(nobodys)}"
    )
