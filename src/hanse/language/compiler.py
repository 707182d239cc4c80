"""From an edition and a day to a plan: which metrics are computed when, so that each finds what it needs.

Metrics are taken in rounds: every round reads all sources whose needs are met, then adds all expressions over what
is there, layer by layer, until nothing is left. What stays behind needs itself, and that is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import pyarrow as pa

from hanse.language import aggregates, assignment, kinds, metrics, model, rows, sql_metrics
from hanse.language.context import Context, Days, FactsInfo
from hanse.language.edition import ELSE, Edition
from hanse.language.exact import Term
from hanse.language.kinds import grain_of
from hanse.language.metrics import PARTNER, Instance, Made, SourceRelation, Wide
from hanse.language.money import factor_table
from hanse.language.plan import Plan, quoted
from hanse.language.problems import EditionError, Problem, nearest
from hanse.language.rates import Rates
from hanse.language.soundness import all_countries
from hanse.language.staging import Staging
from hanse.language.values import in_force

_FIRST_RATE = date(1999, 1, 4)
_BASE = ("country", "region", "type", "city", "joined", "group", "employees")


def context(edition: Edition, days: Days, facts: FactsInfo) -> Context:
    """A fresh compilation with the edition's own tables in place."""
    plan = Plan()
    lag = edition.programme.people.counted_after_leaving
    staging = Staging(
        plan=plan,
        tables=edition.tables,
        schema=facts.schema,
        as_of=days.as_of,
        known_at=days.known_at,
        classes=tuple(edition.classes),
        leaving_lag=(lag.months, lag.days, lag.day) if lag else (0, 0, None),
        words=edition.words,
        every_partner_column=any(re.search(r"\bpartners\b", text) for text in edition.sql.values()),
    )
    ctx = Context(edition, days, facts, plan, staging)
    _countries(ctx)
    _competencies(ctx)
    _credits(ctx)
    return ctx


def metric_plan(
    edition: Edition, names: Iterable[str], days: Days, facts: FactsInfo, *, whole_years: bool = False
) -> Plan:
    """A plan whose outputs `metric_NAME` give metrics for every partner, and nothing else; see `show`.

    `whole_years`: exchange rates are taken for whole years, so that plans for the days of a year share them.
    """
    ctx = context(edition, days, facts)
    ctx.whole_years = whole_years
    listed = list(names)
    compute(ctx, [Instance(name) for name in listed])
    for name in listed:
        show(ctx, name)
    finish(ctx)
    return ctx.plan


def show(ctx: Context, name: str) -> None:
    """Adds the output `metric_NAME`: partner, key (null for a metric per partner), value, den and over.

    A number is value / (den * over), the two integers as text; other kinds stand in `value` as they are.
    """
    instance = Instance(name)
    grain = ctx.grains[instance]
    term = ctx.how(instance).term(instance, "w")
    value, over = term.sql, "CAST(NULL AS VARCHAR)"
    if term.kind == "number":
        value = f"CAST({term.num} AS VARCHAR)"
        over = f"CAST({term.over} AS VARCHAR)" if term.over else "'1'"
    key, join = "CAST(NULL AS VARCHAR)", ""
    if grain == "competency":
        key, join = "k.name", " JOIN $competencies AS k ON k.competency = w.competency"
    elif grain != PARTNER:
        key = f"CAST(w.{quoted(grain)} AS VARCHAR)"
    ctx.plan.outputs[f"metric_{name}"] = ctx.plan.add(
        f"metric_{name}",
        f"SELECT p.partner, {key} AS key, {value} AS value, {term.den} AS den, {over} AS over "
        f"FROM ${ctx.first_steps.get(instance, ctx.wides[grain].step)} AS w JOIN $all_partners AS p ON p.pid = w.pid{join}",
    )


def finish(ctx: Context) -> None:
    """Writes what the metrics turned out to use: the staged facts and the exchange rates."""
    ctx.staging.write()
    _exchange(ctx)


def needed(ctx: Context, wanted: Iterable[Instance]) -> list[Instance]:
    """The wanted metrics and all that they are made of. Raises EditionError for names that are not there."""
    found: dict[Instance, None] = {}

    def visit(instance: Instance, by: str) -> None:
        if instance in found:
            return
        if instance.name not in ctx.edition.metrics:
            raise ctx.metric_error(
                by, f"{instance.name!r} is not a metric", "it is used but not declared in metrics.yaml",
                nearest(instance.name, ctx.edition.metrics),
            )  # fmt: skip
        grain_of(ctx, instance.name)
        found[instance] = None
        for inner in kinds.needs(ctx, instance)[0]:
            visit(inner, instance.name)

    for instance in wanted:
        visit(instance, instance.name)
    return list(found)


def made_tables(ctx: Context, name: str) -> set[str]:
    """The tables made on the way (competencies held, standings) that a metric reads, directly or not."""
    found: set[str] = set()
    for instance in needed(ctx, [Instance(name)]):
        found |= kinds.needs(ctx, instance)[1]
    return found


def depends_on_outcome(edition: Edition, name: str, days: Days, facts: FactsInfo) -> bool:
    """Does a metric read what is being decided (competencies held, standings)?"""
    return bool(made_tables(context(edition, days, facts), name))


def compute(ctx: Context, wanted: Iterable[Instance]) -> None:
    """Adds the wanted metrics, and what they need, to the wide tables of their grains."""
    partner_base(ctx)
    pending = [i for i in needed(ctx, wanted) if i not in ctx.grains]
    while pending:
        before = len(pending)
        ready = [i for i in pending if not kinds.is_expression(ctx.edition.metrics[i.name]) and _is_ready(ctx, i)]
        ready = _first(ctx, ready)
        quick = [i for i in ready if not isinstance(ctx.edition.metrics[i.name], model.Replay)]
        if quick:
            _read(ctx, quick)
        pending = _express(ctx, [i for i in pending if i not in ctx.grains])
        if len(pending) == before and ready:
            _read(ctx, ready)  # replays are dear: nothing else waits behind them
            pending = [i for i in pending if i not in ctx.grains]
        if len(pending) == before:
            raise _stuck(ctx, pending)


def _first(ctx: Context, ready: list[Instance]) -> list[Instance]:
    """What only facts decide is read before what depends on other decisions: a rehearsal then keeps it as it is."""
    of_facts = [i for i in ready if not kinds.needs(ctx, i)[1]]
    return of_facts or ready


def _is_ready(ctx: Context, instance: Instance) -> bool:
    metrics_needed, tables_needed = kinds.needs(ctx, instance)
    return metrics_needed <= ctx.made and tables_needed <= ctx.ready


def _stuck(ctx: Context, pending: list[Instance]) -> EditionError:
    name = pending[0].name
    tables = kinds.needs(ctx, pending[0])[1] - ctx.ready
    if tables:
        return ctx.metric_error(
            name, f"it reads {' and '.join(sorted(tables))}, which is not there yet",
            "it is used where that is still being decided", "use a metric that does not depend on the outcome",
        )  # fmt: skip
    return ctx.metric_error(
        name, "the metric cannot be computed", "what it is made of never becomes ready", "look for a circle"
    )


def partner_base(ctx: Context) -> None:
    """The partner's wide table begins with what the partner is."""
    wide = ctx.wide(PARTNER)
    if not wide.step:
        columns = ", ".join(f"p.{quoted(c)}" for c in (*(c for c in _BASE if _mentioned(ctx, c)), *ctx.edition.classes))
        wide.step = ctx.plan.add(
            "wide_partner_0", f"SELECT p.pid, p.partner, {columns} FROM $all_partners AS p WHERE p.active"
        )


def _mentioned(ctx: Context, column: str) -> bool:
    """Might an expression ask for this column of the partner? The country and the day of joining are always there."""
    return column in ("country", "joined") or not {column, f"partner_{column}"}.isdisjoint(ctx.edition.words)


def _read(ctx: Context, ready: list[Instance]) -> None:
    by_grain: dict[str, list[Instance]] = {}
    for instance in ready:
        by_grain.setdefault(grain_of(ctx, instance.name), []).append(instance)
    relations = {grain: _relations(ctx, listed) for grain, listed in by_grain.items()}
    for grain, sources in relations.items():
        wide = ctx.wide(grain)
        if grain == PARTNER:
            _put(ctx, wide, *metrics.joined(sources, f"${wide.step}"))
            continue
        minor = [s for s in sources if s.among is not None]
        major = [s for s in sources if s.among is None]
        if not major:
            minor, major = [], minor
        _put(ctx, wide, *metrics.united(wide, major, f"${wide.step}" if wide.step else None))
        if minor:
            _put(ctx, wide, *metrics.beside(f"${wide.step}", wide.key, minor))
            for source in minor:
                wide.fills.update(source.fills)


def _put(ctx: Context, wide: Wide, sql: str, made: dict[Instance, Made]) -> None:
    """The next state of a grain's wide table, with metrics that were not there before."""
    wide.step = ctx.plan.add(wide.next_name(), sql, keep=True)
    wide.made.update(made)
    for instance in made:
        ctx.grains[instance] = wide.grain
        ctx.first_steps[instance] = wide.step


def _relations(ctx: Context, ready: list[Instance]) -> list[SourceRelation]:
    of_kind = {i: ctx.edition.metrics[i.name] for i in ready}
    found = aggregates.sources(ctx, [i for i, m in of_kind.items() if isinstance(m, model.Simple)])
    readers = {
        model.SqlMetric: sql_metrics.source,
        model.Rank: rows.rank,
        model.HeldFor: rows.held_for,
        model.Conversion: rows.conversion,
        model.Replay: rows.replay,
        model.Assignment: assignment.source,
    }
    for instance, metric in of_kind.items():
        if not isinstance(metric, model.Simple):
            found.append(readers[type(metric)](ctx, instance))  # type: ignore[index]
    return found


def _express(ctx: Context, pending: list[Instance]) -> list[Instance]:
    """Adds expressions layer by layer; returns what is still waiting."""
    while True:
        ready = [i for i in pending if kinds.is_expression(ctx.edition.metrics[i.name]) and _is_ready(ctx, i)]
        if not ready:
            return pending
        by_grain: dict[str, list[Instance]] = {}
        for instance in ready:
            by_grain.setdefault(grain_of(ctx, instance.name), []).append(instance)
        for grain, listed in by_grain.items():
            _layer(ctx, grain, listed)
        pending = [i for i in pending if i not in ctx.grains]


def _layer(ctx: Context, grain: str, listed: list[Instance]) -> None:
    wide = ctx.wide(grain)
    alias = "m" if grain == PARTNER else "p"
    items = ["m.*"]
    made = {}
    for instance in listed:
        term = kinds.expression(ctx, instance, term_reader(ctx, grain), alias)
        columns, how = metrics.columns_of(term, instance)
        items += columns
        made[instance] = how
    join = "" if grain == PARTNER else f" JOIN ${ctx.wides[PARTNER].step} AS p ON p.pid = m.pid"
    wide.step = ctx.plan.add(wide.next_name(), f"SELECT {', '.join(items)} FROM ${wide.step} AS m{join}")
    wide.made.update(made)
    for instance in made:
        ctx.grains[instance] = grain
        ctx.first_steps[instance] = wide.step


def term_reader(ctx: Context, grain: str) -> kinds.Terms:
    """How metrics read in a row of a grain: its own as m, those of the partner as p (m where the grain is the partner)."""

    def term_of(instance: Instance) -> Term:
        own = ctx.grains[instance]
        return ctx.how(instance).term(instance, "m" if own == grain else "p")

    return term_of


# -- the edition's own tables ------------------------------------------------------------------------------------


def _countries(ctx: Context) -> None:
    countries = all_countries()
    columns = {"country": pa.array(countries, pa.string())}
    for classification, table in ctx.edition.classes.items():
        columns[classification] = pa.array([table.get(c, table.get(ELSE)) for c in countries], pa.string())
    ctx.plan.add_rows("countries", pa.table(columns))


def competencies_in_force(ctx: Context) -> list[tuple[int, str, model.Competency]]:
    """The competencies that exist on the day whose rules apply: number, name, entry."""
    listed = ctx.edition.competencies
    if listed is None:
        return []
    found = []
    for number, (name, entry) in enumerate(listed.competencies.items()):
        if in_force({"from": entry.from_, "until": entry.until}, ctx.days.rules_as_of):
            found.append((number, name, entry))
    return found


def _competencies(ctx: Context) -> None:
    listed = competencies_in_force(ctx)
    ctx.plan.add_rows(
        "competencies",
        pa.table({
            "competency": pa.array([n for n, _, _ in listed], pa.int32()),
            "name": pa.array([name for _, name, _ in listed], pa.string()),
            "area": pa.array([entry.area for _, _, entry in listed], pa.string()),
        }),
    )  # fmt: skip
    # what belongs to a competency does not depend on whether it is in force: a retired one is judged no more, that is all
    every = list(enumerate(ctx.edition.competencies.competencies.items())) if ctx.edition.competencies else []
    counts = [(c, i, n) for n, (_, entry) in every for c, items in entry.counts.items() for i in dict.fromkeys(items)]
    counts += [("competency", name, n) for n, (name, _) in every]
    ctx.plan.add_rows(
        "counts",
        pa.table({
            "column": pa.array([c for c, _, _ in counts], pa.string()),
            "item": pa.array([i for _, i, _ in counts], pa.string()),
            "competency": pa.array([n for _, _, n in counts], pa.int32()),
        }),
    )  # fmt: skip


def _credits(ctx: Context) -> None:
    def many(raw: str | list[str]) -> list[str]:
        return raw if isinstance(raw, list) else [raw]

    transition = ctx.edition.transition
    found = []
    for credit in transition.credits:
        first = credit.from_ or transition.from_ or date.min
        last = credit.until or transition.until or date.max
        for old in many(credit.certificate):
            found += [(old, new, first, last) for new in many(credit.counts_as)]
    ctx.staging.credits = bool(found)
    ctx.plan.add_rows(
        "credits",
        pa.table({
            "certificate": pa.array([f[0] for f in found], pa.string()),
            "counts_as": pa.array([f[1] for f in found], pa.string()),
            "first": pa.array([f[2] for f in found], pa.date32()),
            "last": pa.array([f[3] for f in found], pa.date32()),
        }),
    )  # fmt: skip


def _exchange(ctx: Context) -> None:
    """One table of factors per target currency, over the days that the metrics can see."""
    uses = [(t, u) for t, u in ctx.staging.uses.items() if u.currencies]
    if not uses:
        return
    firsts = [u.first for _, u in uses if not u.unbounded and u.first]
    first = min(firsts) if len(firsts) == len(uses) else _FIRST_RATE
    first, last = max(first, _FIRST_RATE), ctx.days.as_of
    if ctx.whole_years and first <= last:
        first, last = max(first.replace(month=1, day=1), _FIRST_RATE), last.replace(month=12, day=31)
    rates, key = ctx.facts.rates, ctx.facts.rates_key
    for target in sorted({c for _, u in uses for c in u.currencies}):
        if last < first:
            raise EditionError(
                Problem(
                    "--as-of",
                    f"there are no exchange rates before {_FIRST_RATE}",
                    f"{last} is earlier",
                    "choose a later day",
                )
            )
        ctx.plan.add(
            f"fx_{target}", f'SELECT currency, "on", CAST(factor AS INT128) AS factor FROM $factors_{target}', keep=True
        )
        ctx.plan.add_call(
            f"factors_{target}",
            lambda _, t=target: _factors(t, rates, first, last),  # type: ignore[misc]
            (),
            f"factors {key} {target} {first} {last}",
        )


@lru_cache(maxsize=4)
def _factors(target: str, rates: Rates, first: date, last: date) -> pa.Table:
    """Kept, for who judges firms one by one asks for the same days again and again."""
    return factor_table(target, rates=rates, first=first, last=last)
