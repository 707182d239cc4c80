"""Which rows of facts did a metric count for a partner, which did it not, and why not?

The reasons come from the metric's own definition: `simple.read` gives the conditions under which a row
counts, each with the reason given when a row fails it. One SELECT per metric lists the rows with the first
condition they fail. Rows of every day are looked at, also those not known on the day asked for, and those
of people who have left.
"""

from __future__ import annotations

from collections.abc import Iterable

from hanse.decisions.outline import competency_trees, level_trees
from hanse.language import compiler, conditions, model, simple
from hanse.language.context import Context, Days, FactsInfo, Predicate
from hanse.language.edition import Edition
from hanse.language.metrics import PARTNER, Instance
from hanse.language.plan import Plan, literal, quoted
from hanse.language.simple import Reading
from hanse.language.tables import MADE_TABLES

COUNTED, NOT_YET_KNOWN, LEFT, LATER = "", "not yet known", "the person has left", "the person comes later"
_SHOWN, _OF_PEOPLE, _REFUSED = (
    40,
    2000,
    3,
)  # rows listed: counted, counted of people (so that all are named), not counted


def counted_plan(
    edition: Edition, days: Days, facts: FactsInfo, partner: str, competencies: Iterable[str]
) -> tuple[Plan, dict[str, Reading]]:
    """A plan with one output per metric that counts rows, of those that levels and competencies compare.

    Each output: _key (the competency, or null), _why, _detail, _rows (how many for that key and reason),
    _rn, _day, _partner (only where other firms' rows count too), _file, _line (where known), and the
    columns of the row.
    """
    ctx = compiler.context(edition, days, facts)
    ctx.staging.every_row = True
    readings: dict[str, Reading] = {}
    for instance in compared(ctx):
        metric = edition.metrics[instance.name]
        if isinstance(metric, model.Simple) and _reads_facts(ctx, metric) and metric.per in (None, "competency"):
            readings.setdefault(instance.column, simple.read(ctx, instance))
    listed = sorted(competencies)
    for name, reading in readings.items():
        ctx.plan.outputs[name] = ctx.plan.add(f"counted_{name}", _statement(ctx, reading, partner, listed))
    compiler.partner_base(ctx)
    compiler.finish(ctx)
    return ctx.plan, readings


def exceptions_plan(edition: Edition, days: Days, facts: FactsInfo, partner: str) -> Plan:
    """A plan whose output `exceptions` lists what is waived or protected for the partner on the day."""
    ctx = compiler.context(edition, days, facts)
    use = ctx.staging.use("exceptions")
    use.columns |= {"subject", "reason", "by", "from", "until"}
    use.days_from(None)
    day = literal(days.as_of)
    ctx.plan.outputs["exceptions"] = ctx.plan.add(
        "partners_exceptions",
        'SELECT e.subject, e.reason, e."by", e."from", e."until" FROM $exceptions AS e JOIN '
        "$all_partners AS p ON p.pid = e.pid "
        f'WHERE p.partner = {literal(partner)} AND e."from" <= {day} AND e."until" >= {day} ORDER BY '
        f'e.subject, e."until"',
    )
    compiler.finish(ctx)
    return ctx.plan


def compared(ctx: Context) -> list[Instance]:
    """The metrics that requirements of levels and competencies compare, and what those are made of."""
    levels = level_trees(ctx)
    names = conditions.metrics_in(levels) | conditions.metrics_in(competency_trees(ctx))
    return compiler.needed(ctx, [Instance(n) for n in sorted(names)])


def _reads_facts(ctx: Context, metric: model.Simple) -> bool:
    return metric.table in ctx.edition.tables and metric.table not in MADE_TABLES and metric.table != "partners"


def _statement(ctx: Context, reading: Reading, partner: str, competencies: list[str]) -> str:
    fact = reading.table.fact
    assert fact is not None
    use = ctx.staging.use(fact.name)
    use.days_from(None)
    use.columns |= {c.name for c in fact.columns if c.required and c.name != "partner"}
    use.columns |= {fact.day} if fact.day else set()
    use.columns |= set(fact.lasts or ())
    if "known" in fact.by_name and "known" in ctx.facts.schema.get(fact.name, {}):
        use.columns.add("known")
    columns = [c.name for c in fact.columns if c.name in use.columns and c.name not in ("partner", "known")]
    me = f"(SELECT me.pid FROM $all_partners AS me WHERE me.partner = {literal(partner)})"
    selects = [_select(ctx, reading, reading.source, columns=columns, me=me, competencies=competencies, gone=False)]
    if fact.owner == "person":
        source = reading.source.replace(
            f"{reading.table.relation} AS t", f"({_gone(ctx, reading, columns, me)}) AS t", 1
        )
        selects.append(_select(ctx, reading, source, columns=columns, me=me, competencies=competencies, gone=True))
    rows = " UNION ALL ".join(selects)
    most = _OF_PEOPLE if fact.owner == "person" else _SHOWN
    listed = ", ".join(quoted(c) for c in columns)
    order = ", ".join(["_day DESC NULLS LAST", *(quoted(c) for c in columns)])
    return (
        f"SELECT _key, _why, _detail, _rows, _rn, _day, _partner, _file, _line, {listed} FROM (SELECT x.*, "
        f"ROW_NUMBER() OVER (PARTITION BY _key, _why, _detail ORDER BY {order}) AS _rn, "
        f"COUNT(*) OVER (PARTITION BY _key, _why, _detail) AS _rows FROM ({rows}) AS x) AS y "
        f"WHERE _rn <= CASE WHEN _why = '' THEN {most} ELSE {_REFUSED} END ORDER BY _key, _why, _detail, _rn"
    )


def _select(
    ctx: Context,
    reading: Reading,
    source: str,
    *,
    columns: list[str],
    me: str,
    competencies: list[str],
    gone: bool,
) -> str:
    """The rows of one relation, each with the first reason why it does not count, empty where it does."""
    fact = reading.table.fact
    assert fact is not None
    why = [p for p in reading.where if "pid IS NOT NULL" not in p.sql]
    if ctx.days.known_at and "known" in ctx.staging.use(fact.name).columns and not gone:
        why.insert(0, Predicate(f"(t.known IS NULL OR t.known <= {literal(ctx.days.known_at)})", NOT_YET_KNOWN))
    reasons = " ".join(f"WHEN NOT COALESCE({p.sql}, FALSE) THEN {literal(p.reason)}" for p in why)
    details = " ".join(f"WHEN NOT COALESCE({p.sql}, FALSE) THEN {literal(p.detail)}" for p in why)
    otherwise = "t.gone" if gone else literal(COUNTED)
    day = reading.metric.day or fact.day
    key, join = "CAST(NULL AS VARCHAR)", ""
    where = [f"{reading.pid} = {me}"]
    if (reading.metric.per or PARTNER) == "competency" and reading.key is not None:
        number = f"CAST({reading.key} AS VARCHAR)"
        join = f" JOIN $competencies AS kname ON CAST(kname.competency AS VARCHAR) = {number}"
        key = "kname.name"
        where.append(f"kname.name IN ({', '.join(literal(c) for c in competencies) or literal('')})")
    other = "CAST(NULL AS VARCHAR)"
    if reading.pid != "t.pid":
        join += " JOIN $all_partners AS firm ON firm.pid = t.pid"
        other = f"CASE WHEN firm.pid <> {me} THEN firm.partner END"
    placed = not gone and not (fact.name == "certifications" and ctx.staging.credits)
    place = "t._file, t._line" if placed else "CAST(NULL AS VARCHAR) AS _file, CAST(NULL AS BIGINT) AS _line"
    items = ", ".join(f"t.{quoted(c)}" for c in columns)
    return (
        f"SELECT {key} AS _key, {f'CASE {reasons} ELSE {otherwise} END' if why else otherwise} AS _why, "
        f"{f'CASE {details} END' if why else 'CAST(NULL AS VARCHAR)'} AS _detail, "
        f"{f't.{quoted(day)}' if day else 'CAST(NULL AS DATE)'} AS _day, {other} AS _partner, {place}, "
        f"{items} "
        f"FROM {source}{join} WHERE {' AND '.join(where)}"
    )


def _gone(ctx: Context, reading: Reading, columns: list[str], me: str) -> str:
    """Facts of people who work for the partner, but not on the day judged: `gone` says before or after."""
    fact = reading.table.fact
    assert fact is not None
    ctx.staging.use("people")
    day = literal(reading.judged)
    staff = (
        f"SELECT person, pid, CASE WHEN MIN(since) > {day} THEN {literal(LATER)} ELSE {literal(LEFT)} "
        f"END AS gone FROM $people "
        f"WHERE pid = {me} GROUP BY person, pid HAVING NOT BOOL_OR(since <= {day} AND (counts_until IS "
        f"NULL OR counts_until >= {day}))"
    )
    own = [c for c in columns if c != "person"]
    borrowed = [c for c in ctx.staging.use(fact.name).columns if c not in fact.by_name]
    listed = "".join(f", {quoted(c)}" for c in own)
    return (
        f"SELECT e.pid, 0 AS eid, "
        f"s.*{''.join(f', CAST(NULL AS VARCHAR) AS {quoted(c)}' for c in borrowed)}, e.gone "
        f"FROM (SELECT DISTINCT person{listed} FROM $staged_{reading.table.relation.removeprefix('$')} "
        "WHERE TRUE) AS s "
        f"JOIN ({staff}) AS e ON e.person = s.person"
    )
