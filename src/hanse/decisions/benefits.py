"""What does a partner's level give it, and how much of it is left?

Benefits follow the granted level, the country and the period; what was used in the period stays used when the level
changes. Benefits are never margin. See docs/algorithms/benefits.md.
"""

from __future__ import annotations

from datetime import date

from hanse.language import compiler, exact, expressions, kinds, matrix, values, windows
from hanse.language.context import Context
from hanse.language.edition import Edition
from hanse.language.exact import Term
from hanse.language.expressions import ExpressionError
from hanse.language.kinds import condition, resolver
from hanse.language.metrics import PARTNER, Instance
from hanse.language.model import Benefit
from hanse.language.plan import literal, quoted
from hanse.language.problems import nearest
from hanse.language.simple import anniversary_years
from hanse.language.values import in_force


def decide(ctx: Context) -> None:
    """Adds the step `benefits`: pid, partner, benefit, quantity, unit, currency, from, until, used, left."""
    listed = {
        n: b for n, b in ctx.edition.benefits.items()
        if in_force({"from": b.from_, "until": b.until}, ctx.days.rules_as_of)
    }  # fmt: skip
    for name in listed:
        cost_of(ctx.edition, name, ctx.days.rules_as_of)
    wanted = {m for n, b in listed.items() for m in _metrics(ctx, n, b)}
    compiler.compute(ctx, [Instance(m) for m in sorted(wanted)])
    selects = [_select(ctx, name, benefit) for name, benefit in listed.items()]
    empty = (
        "SELECT pid, partner, partner AS benefit, CAST(0 AS DOUBLE) AS quantity, partner AS unit, partner AS currency, "
        'joined AS "from", joined AS "until", CAST(0 AS DOUBLE) AS used, CAST(0 AS DOUBLE) AS "left" FROM $all_partners WHERE FALSE'
    )
    ctx.plan.add("benefits", " UNION ALL ".join(selects) or empty)


def cost_of(edition: Edition, name: str, on: date) -> values.Number | None:
    """What one of a benefit costs on a day, in its currency; None where nobody said. Raises EditionError."""
    raw = edition.benefits[name].cost
    if raw is None:
        return None
    where = edition.source_of("benefits")
    found, path = values.version(raw, on, where, (name, "cost"))
    cost = values.number(found, where, path)
    if cost.unit is None or cost.unit == "%":
        raise where.error(path, f"{found!r} is no amount of money", "what one costs is added up over all partners",
                          "write it with its currency: 150 EUR")  # fmt: skip
    return cost


def _metrics(ctx: Context, name: str, benefit: Benefit) -> set[str]:
    """The metrics that a benefit mentions. Raises EditionError for what is no condition, or no metric per partner."""
    where = ctx.edition.source_of("benefits")
    try:
        found = {n for n in expressions.names(benefit.when) if n in ctx.edition.metrics} if benefit.when else set()
    except ExpressionError as error:
        raise where.error((name, "when"), str(error), "it says who gets the benefit", "see docs/language.md") from error
    for raw in _quantities(benefit.quantity):
        if isinstance(raw, dict) and set(raw) == {"metric"}:
            metric = str(raw["metric"])
            if metric not in ctx.edition.metrics:
                raise where.error((name, "quantity"), f"{metric!r} is not a metric", "the quantity is what the metric gives",
                                  nearest(metric, ctx.edition.metrics))  # fmt: skip
            if kinds.grain_of(ctx, metric) != PARTNER:
                raise where.error((name, "quantity"), f"{metric!r} is a number per {kinds.grain_of(ctx, metric)}",
                                  "a benefit has one quantity per partner", f"declare a metric with `table: {metric}` and an `agg`")  # fmt: skip
            found.add(metric)
    if isinstance(benefit.quantity, dict):
        found |= {
            m
            for m in ctx.edition.metrics
            if ctx.edition.metrics[m].kind == "text" and set(benefit.quantity) & ctx.texts_of(m)
        }
    return found


def _quantities(raw: object) -> list[object]:
    return [raw, *raw.values()] if isinstance(raw, dict) else [raw]


def _select(ctx: Context, name: str, benefit: Benefit) -> str:
    read = compiler.term_reader(ctx, PARTNER)
    path = (name, "quantity")
    joins, quantity = _quantity(ctx, name, benefit, read, path)
    tests = [f"{exact.known(quantity)}", exact.compare(quantity, ">", exact.constant(0)).sql]
    if benefit.countries:
        for word, listed in (("IN", benefit.countries.only), ("NOT IN", benefit.countries.not_)):
            if listed:
                tests.append(f"m.country {word} ({', '.join(literal(str(c)) for c in listed)})")
    if benefit.when:
        try:
            tests.append(condition(benefit.when, resolver(ctx, (0, 0), read, "m")))
        except ExpressionError as error:
            raise ctx.edition.source_of("benefits").error(
                (name, "when"), str(error), "it says who gets the benefit", "see docs/language.md"
            ) from error
    first, last, period_joins = _period(ctx, name, benefit)
    used, used_join = _used(ctx, name, first, last)
    shown = exact.shown(quantity)
    return (
        f"SELECT m.pid, m.partner, {literal(name)} AS benefit, {shown} AS quantity, CAST({literal(benefit.unit)} AS VARCHAR) AS unit, "
        f"CAST({literal(benefit.currency)} AS VARCHAR) AS currency, {first} AS \"from\", {last} AS \"until\", {used} AS used, "
        f"GREATEST({shown} - {used}, 0) AS \"left\" FROM ${ctx.wides[PARTNER].step} AS m{joins}{period_joins}{used_join} "
        f"WHERE {' AND '.join(tests)}"
    )  # fmt: skip


def _quantity(
    ctx: Context, name: str, benefit: Benefit, read: kinds.Terms, path: tuple[str | int, ...]
) -> tuple[str, Term]:
    """The quantity as a term: a metric, a number, or numbers by level or class, which are rows."""
    raw, where = values.version(benefit.quantity, ctx.days.rules_as_of, ctx.edition.source_of("benefits"), path)
    if isinstance(raw, dict) and set(raw) == {"metric"}:
        return "", read(Instance(raw["metric"]))
    found = ctx.value(raw, "benefits", where, benefit.currency or benefit.unit)
    if isinstance(found, values.Number):
        return "", exact.constant(found.value)
    if found.classification == "level":
        rows = dict(found.numbers)
        key = "m.x_granted"
    else:
        rows = dict(found.numbers)
        key = (
            f"m.{quoted(found.classification)}"
            if found.classification in ctx.edition.classes
            else read(Instance(found.classification)).sql
        )
    table, den = matrix.small_table(ctx, f"quantity_{name}", rows, found.otherwise)
    alias = "q"
    listed = ", ".join(literal(c) for c in rows)
    joins = f" LEFT JOIN ${table} AS {alias} ON {alias}.class = CASE WHEN {key} IN ({listed}) THEN {key} ELSE {literal(matrix.REST)} END"
    return joins, Term("number", num=f"{alias}.n", den=den)


def _period(ctx: Context, name: str, benefit: Benefit) -> tuple[str, str, str]:
    """First and last day of the period to which the quantity applies."""
    if benefit.period is None:
        return "CAST(NULL AS DATE)", "CAST(NULL AS DATE)", ""
    window = windows.parse(benefit.period)
    if window is None:
        raise ctx.edition.source_of("benefits").error(
            (name, "period"),
            f"{benefit.period!r} is not a period",
            "a quantity holds for a period",
            f"write one of: {windows.FORMS}",
        )
    if window.personal:
        years = anniversary_years(ctx, ctx.days.as_of)
        return "ay.first", "ay.last", f" LEFT JOIN {years} AS ay ON ay.pid = m.pid"
    first, last = window.period(ctx.days.as_of, ctx.fiscal_start)
    return literal(first), literal(last), ""


def _used(ctx: Context, name: str, first: str, last: str) -> tuple[str, str]:
    if "benefit_uses" not in ctx.facts.schema:
        return "CAST(0 AS DOUBLE)", ""
    use = ctx.staging.use("benefit_uses")
    use.columns |= {"benefit", "quantity"}
    use.days_from(None)
    period = f'(u."on" >= {first} OR {first} IS NULL) AND (u."on" <= {last} OR {last} IS NULL)'
    uses = (
        f"SELECT m.pid, CAST(SUM(CAST(u.quantity * 10000 AS BIGINT)) AS DOUBLE) / 10000 AS used FROM $all_partners AS m "
        f"JOIN $benefit_uses AS u ON u.pid = m.pid{_years(ctx, first)} WHERE u.benefit = {literal(name)} "
        f'AND u."on" <= {literal(ctx.days.as_of)} AND {period} GROUP BY m.pid'
    )
    return "COALESCE(bu.used, 0)", f" LEFT JOIN ({uses}) AS bu ON bu.pid = m.pid"


def _years(ctx: Context, first: str) -> str:
    return f" LEFT JOIN {anniversary_years(ctx, ctx.days.as_of)} AS ay ON ay.pid = m.pid" if first == "ay.first" else ""
