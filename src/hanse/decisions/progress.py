"""How far is a partner from each competency, also from those that it has hardly begun?

The same decision that says what is held, keeping the checks of every competency at every depth. An evaluation keeps those
of competencies held or lacking one thing: of a million partners and forty competencies the others would be a hundred million
rows that say "not begun". For one partner they are a page.
"""

from __future__ import annotations

from hanse.decisions import competency, holders
from hanse.decisions.evaluate import NO_CHECKS
from hanse.language import compiler, matrix
from hanse.language.context import Days, FactsInfo
from hanse.language.edition import Edition
from hanse.language.plan import Plan


def progress_plan(edition: Edition, days: Days, facts: FactsInfo) -> Plan:
    """A plan with the outputs `checks`, of every requirement of every competency, `holders` and `exams` (holders.py).

    The checks are those of an evaluation, and equal to them where it keeps them. Raises EditionError.
    """
    ctx = compiler.context(edition, days, facts)
    ctx.every_check = True
    holders.want(ctx)
    compiler.partner_base(ctx)
    asked = competency.decide(ctx) if edition.competencies else []
    holders.add(ctx)
    compiler.finish(ctx)
    checks = " UNION ALL ".join(matrix.check_selects(ctx, asked)) if asked else NO_CHECKS
    ctx.plan.outputs["checks"] = ctx.plan.add("out_checks", checks)
    return ctx.plan
