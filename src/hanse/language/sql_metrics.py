"""Metrics and tables that an edition writes in SQL: checked to be one harmless SELECT, then tied to the checked facts.

Allowed is what runs everywhere and reads nothing but declared tables: SELECT with joins, grouping, window functions
and the functions listed here. Refused are files, network, settings, several statements and unknown functions.
"""

from __future__ import annotations

import re
from decimal import Decimal

import pyarrow as pa
import sqlglot
from sqlglot import exp

from hanse.language.context import Context
from hanse.language.exact import INT, Term
from hanse.language.metrics import PARTNER, Instance, Made, SourceRelation
from hanse.language.money import rounded, scale
from hanse.language.plan import Tables, quoted
from hanse.language.problems import EditionError, Problem, nearest

_FUNCTIONS = (
    exp.Sum, exp.Count, exp.Min, exp.Max, exp.Avg, exp.Coalesce, exp.Nullif, exp.Least, exp.Greatest, exp.Abs, exp.Floor,
    exp.Ceil, exp.Round, exp.Cast, exp.TryCast, exp.Case, exp.If, exp.Lower, exp.Upper, exp.Trim, exp.Length,
    exp.Substring, exp.Concat, exp.Extract, exp.Year, exp.Month, exp.Day, exp.Quarter, exp.DateTrunc, exp.TimestampTrunc,
    exp.RowNumber, exp.Rank, exp.DenseRank, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.LogicalOr, exp.LogicalAnd,
    exp.And, exp.Or, exp.Xor, exp.LastDay, exp.TsOrDsToDate, exp.Sign, exp.Median, exp.DateAdd, exp.DateSub, exp.Exists,
)  # fmt: skip
_REMEDY = "write one SELECT over the declared tables, with the functions that docs/language.md allows"
PLACE_10 = "CAST(0.0000000001 AS DECIMAL(10, 10))"


def place(ctx: Context, key: str) -> str:
    """The file of a metric or table in SQL, as errors name it: beside the edition's other files."""
    return ctx.edition.source_of("programme").file.replace("programme.yaml", f"{key}.sql")


def checked(ctx: Context, key: str) -> exp.Query:
    """The SELECT of `metrics/NAME` or `tables/NAME`. Raises EditionError saying which line is not allowed and why."""
    if key in ctx.edition.remembered.checked_sql:
        known: exp.Query = ctx.edition.remembered.checked_sql[key]
        return known
    text = ctx.edition.sql[key]
    where = place(ctx, key)

    def fail(what: str, why: str, remedy: str = _REMEDY, line: int = 1) -> EditionError:
        return EditionError(Problem(f"{where}:{line}", what, why, remedy))

    try:
        statements = [s for s in sqlglot.parse(text, read="duckdb") if s is not None]
    except sqlglot.errors.SqlglotError as error:
        first = (getattr(error, "errors", None) or [{}])[0]
        raise fail("not valid SQL", str(first.get("description", error)), line=first.get("line", 1)) from error
    if len(statements) != 1:
        what = f"{len(statements)} statements" if statements else "the file is empty"
        raise fail(what, "a metric is exactly one SELECT", line=_second(text) if statements else 1)
    tree = statements[0]
    if not isinstance(tree, exp.Query):
        raise fail(f"a {tree.key.upper()} statement", "only a SELECT is allowed: a metric changes nothing")
    _only_allowed(ctx, tree, text, fail)
    if key.startswith("tables/") and key in _behind(ctx, key, frozenset()):
        raise fail("the table reads itself", "it would never end", "break the circle")
    ctx.edition.remembered.checked_sql[key] = tree
    return tree


def _second(text: str) -> int:
    """The line on which the second statement begins."""
    rest = text[text.find(";") + 1 :]
    return text.count("\n", 0, len(text) - len(rest.lstrip())) + 1


def _line(text: str, word: str) -> int:
    position = text.lower().find(word.lower().strip('"'))
    return text.count("\n", 0, position) + 1 if position >= 0 else 1


def _only_allowed(ctx: Context, tree: exp.Expr, text: str, fail: object) -> None:
    assert callable(fail)
    for node in tree.walk():
        if isinstance(node, exp.Func) and not isinstance(node, _FUNCTIONS):
            name = node.name if isinstance(node, exp.Anonymous) else node.sql_name()
            raise fail(
                f"the function {name.lower()!r}", "it is not among those an edition may use", line=_line(text, name)
            )
        if isinstance(node, exp.DDL | exp.DML | exp.Command | exp.Into | exp.Lateral) and node is not tree:
            raise fail(f"{node.key.upper()} inside the SELECT", "a metric only reads")
        if isinstance(node, exp.Placeholder | exp.Parameter):
            name = node.name
            if name not in ("as_of", "rules_as_of") and name not in ctx.edition.programme.parameters:
                raise fail(
                    f"the parameter :{name}", "programme.yaml does not declare it",
                    nearest(name, {"as_of", "rules_as_of", *ctx.edition.programme.parameters}), _line(text, f":{name}"),
                )  # fmt: skip
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        known = {*ctx.edition.tables, *_own(ctx), "competencies_held"}
        if table.db or table.catalog or (table.name not in known and table.name not in ctes):
            raise fail(
                f"the table {table.sql(dialect='duckdb')}", "it is not declared: files and other schemas cannot be read",
                nearest(table.name, known), _line(text, table.name),
            )  # fmt: skip


def _behind(ctx: Context, key: str, seen: frozenset[str]) -> set[str]:
    """The derived tables that one reads, through others too, whether they are allowed or not."""
    try:
        tree = sqlglot.parse_one(ctx.edition.sql[key], read="duckdb")
    except sqlglot.errors.SqlglotError:
        return set()
    own = {f"tables/{t.name}" for t in tree.find_all(exp.Table)} & {f"tables/{n}" for n in _own(ctx)}
    return own | {inner for k in own - seen for inner in _behind(ctx, k, seen | own)}


def _own(ctx: Context) -> set[str]:
    return {key.removeprefix("tables/") for key in ctx.edition.sql if key.startswith("tables/")}


def sql_files(ctx: Context, metric: str) -> set[str]:
    """The metrics/*.sql and tables/*.sql that a metric reads itself, through other tables too."""
    entry = ctx.edition.metrics[metric]
    first = f"metrics/{metric}" if entry.type == "sql" else f"tables/{getattr(entry, 'table', '')}"
    if first not in ctx.edition.sql:
        return set()
    return {first} | {f"tables/{t}" for t in tables_used(ctx, first) if t in _own(ctx)}


def tables_used(ctx: Context, key: str) -> set[str]:
    """The names of the tables that a metric in SQL reads, through other tables/*.sql too."""
    if key not in ctx.edition.remembered.tables_read:
        found = {table.name for table in checked(ctx, key).find_all(exp.Table)}
        for name in [n for n in found if n in _own(ctx) and f"tables/{n}" != key]:
            found |= tables_used(ctx, f"tables/{name}")
        ctx.edition.remembered.tables_read[key] = found
    return ctx.edition.remembered.tables_read[key]


def bound(ctx: Context, key: str) -> str:
    """The SELECT with its tables and parameters replaced by steps and literals."""
    tree = checked(ctx, key).copy()
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    columns = {column.name for column in tree.find_all(exp.Column)}
    every = bool(list(tree.find_all(exp.Star)))
    for table in list(tree.find_all(exp.Table)):
        if table.name in ctes:
            continue
        alias = table.alias or table.name
        step = _public(ctx, table.name, columns, every)
        new = exp.to_table(f"STEP__{step}")
        new.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
        table.replace(new)
    for node in list(tree.find_all(exp.Placeholder, exp.Parameter)):
        node.replace(sqlglot.parse_one(_parameter(ctx, node.name), read="duckdb"))
    return re.sub(r'"STEP__(\w+)"', r"$\1", tree.sql(dialect="duckdb", identify=True))


def _parameter(ctx: Context, name: str) -> str:
    day = ctx.day_name(name)
    if day is not None:
        return day.sql
    term = ctx.parameter(name)
    assert term is not None
    assert term.constant is not None
    value = term.constant
    digits = next((d for d in range(11) if (value * 10**d).denominator == 1), None)
    if digits is None:
        raise ctx.edition.source_of("programme").error(
            ("parameters", name), f"{value} has no end as a decimal", "SQL metrics take decimals",
            "give numerator and denominator as two parameters",
        )  # fmt: skip
    decimal = Decimal(int(value * 10**digits)).scaleb(-digits)
    return f"CAST({decimal:f} AS DECIMAL(28, {digits}))" if digits else str(value)


def own_table(ctx: Context, name: str) -> tuple[str, list[str]]:
    """A tables/*.sql as a relation with `pid`, and its column names."""
    key = f"tables/{name}"
    tree = checked(ctx, key)
    names = [str(n) for n in tree.named_selects]
    if "partner" not in names:
        raise EditionError(
            Problem(f"{place(ctx, key)}:1", "no column `partner`", "rows of a table belong to a partner", "select it")
        )
    if f"own_{name}" not in ctx.plan.steps:
        ctx.plan.add(
            f"own_{name}", f"SELECT p.pid, q.* FROM ({bound(ctx, key)}) AS q JOIN $all_partners AS p ON p.partner = q.partner",
            keep=True,
        )  # fmt: skip
    return f"$own_{name}", names


def _public(ctx: Context, name: str, columns: set[str], every: bool) -> str:
    """A fact table as SQL metrics see it: contract columns, `partner` as text, `amount_converted`."""
    if name == "competencies_held":
        ctx.plan.add(
            "pub_competencies_held",
            "SELECT p.partner, h.* FROM $competencies_held AS h JOIN $all_partners AS p ON p.pid = h.pid",
        )
        return "pub_competencies_held"
    if name in _own(ctx):
        own_table(ctx, name)
        return f"own_{name}"
    if name == "partners":
        return "all_partners"
    fact = ctx.edition.tables[name]
    use = ctx.staging.use(name)
    use.days_from(None)
    use.also_invalid = True
    wanted = [c.name for c in fact.columns if every or c.name in columns]
    use.columns |= set(wanted)
    if name == "ownership":
        return ctx.plan.add("pub_ownership", "SELECT * FROM $ownership")
    items = [f"t.{quoted(c)}" for c in wanted if c != "partner"]
    if "amount" in fact.by_name and ("amount_converted" in columns or every):
        currency = ctx.edition.programme.currency
        use.columns.add("amount")
        use.currencies.add(currency)
        whole = rounded(f"t.{quoted(f'amount_{currency}')}", scale(currency, ctx.facts.rates))
        items.append(f"CAST({whole} AS DECIMAL(28, 0)) * {PLACE_10} AS amount_converted")
    relation = f"${ctx.staging.good(name, ctx.days.as_of)}"
    if fact.owner == "none":
        sql = f"SELECT {', '.join(items) or '1 AS one'} FROM {relation} AS t"
    else:
        listed = ", ".join(["p.partner", *items])
        sql = f"SELECT {listed} FROM {relation} AS t JOIN $all_partners AS p ON p.pid = t.pid"
    step = f"pub_{name}_{'_'.join(wanted) if not every else 'all'}{'_converted' if len(items) > len(wanted) else ''}"
    return ctx.plan.add(step, sql)


def _once(ctx: Context, key: str, grain: str) -> str:
    """The step with the rows of a metric in SQL. Raises EditionError on running where a partner (and `per`) has two."""
    name = key.removeprefix("metrics/")
    rows = ctx.plan.add(f"sql_{name}", bound(ctx, key), keep=True)
    keys = ", ".join(["partner"] + ([quoted(grain)] if grain else []))
    several = ctx.plan.add(
        f"several_{name}", f"SELECT {keys} FROM ${rows} GROUP BY {keys} HAVING COUNT(*) > 1 ORDER BY {keys} LIMIT 1"
    )
    where = place(ctx, key)

    def call(tables: Tables) -> pa.Table:
        for found in tables.arrow(several).to_pylist():
            whose = " and ".join(str(v) for v in found.values())
            raise EditionError(
                Problem(f"{where}:1", f"{whose} stands there more than once", "a metric has one value",
                        f"add GROUP BY {keys}, or aggregate once more")
            )  # fmt: skip
        return pa.table({"none": pa.array([], pa.int64())})

    ctx.plan.add_call(f"once_{name}", call, (several,), f"once {key}")
    return ctx.plan.add(f"single_{name}", f"SELECT q.* FROM ${rows} AS q WHERE NOT EXISTS (SELECT 1 FROM $once_{name})")


def source(ctx: Context, instance: Instance) -> SourceRelation:
    """The relation of a metric in SQL: partner, the `per` column, value and perhaps over."""
    metric = ctx.edition.metrics[instance.name]
    key = f"metrics/{instance.name}"
    if key not in ctx.edition.sql:
        raise ctx.metric_error(
            instance.name, f"there is no metrics/{instance.name}.sql", "`type: sql` reads it", "write the file"
        )
    names = [str(n) for n in checked(ctx, key).named_selects]
    grain = metric.per or PARTNER
    missing = [n for n in ["partner", "value", *([grain] if grain else [])] if n not in names]
    if missing:
        raise EditionError(
            Problem(f"{place(ctx, key)}:1", f"no column {missing[0]!r}",
                    "a metric gives partner, its `per` column if it has one, and value", f"add `AS {missing[0]}`")
        )  # fmt: skip
    x, o = quoted(f"x_{instance.column}"), quoted(f"o_{instance.column}")
    items, join = ["p.pid"], ""
    if grain == "competency":
        items.append("k.competency")
        join = " JOIN $competencies AS k ON k.name = q.competency"
    elif grain:
        items.append(f"q.{quoted(grain)} AS {quoted(grain)}")
    made = Made(metric.kind)
    if metric.kind == "number":

        def whole(column: str) -> str:
            return f"CAST(CAST(q.{column} AS DECIMAL(28, 10)) * 10000000000 AS {INT})"

        items.append(f"{whole('value')} AS {x}")
        made = Made("number", 10**10)
        if "over" in names:
            items.append(f"NULLIF({whole(quoted('over'))}, 0) AS {o}")
            made = Made("number", 1, True)
    else:
        items.append(f"q.value AS {x}")
    fill: Term | None = None
    if metric.fill_nulls_with is not None:
        fill = ctx.single(metric.fill_nulls_with, "metrics", (instance.name, "fill_nulls_with"))
    sql = f"SELECT {', '.join(items)} FROM ${_once(ctx, key, grain)} AS q JOIN $all_partners AS p ON p.partner = q.partner{join}"
    return SourceRelation(sql, {instance: made}, {instance: fill})
