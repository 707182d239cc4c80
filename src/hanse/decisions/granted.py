"""Which level is in force for a partner today, and which will be after the next review?

The achieved level moves the granted one only when the programme reviews it; between reviews, and wherever a rule
protects a level (grace, grandfathering, a match from an older programme, a sister company, an exception), the
higher one stays. Ranks count from 0, the lowest level; -1 is none. See docs/algorithms/granted-level.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from hanse.decisions.level import NONE
from hanse.language.context import Context
from hanse.language.enterprise import enterprises
from hanse.language.metrics import PARTNER, Instance, Made
from hanse.language.plan import literal, quoted
from hanse.language.tables import STANDINGS
from hanse.language.windows import add_months

_PERIODS = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}


@dataclass
class Floor:
    """A rule that keeps a partner from standing lower: rows (pid, rank, until), at most one per partner."""

    name: str
    sql: str


def decide(ctx: Context) -> None:
    """Adds `standings` (pid, ranks, level names, path, awaiting, granted_from, granted_until, status) and its columns."""
    floors = [*_rollup(ctx), *_grandfathered(ctx), *_matched(ctx), *_protected(ctx), *_retired(ctx)]
    names = [f.name for f in floors]
    joins = "".join(f" LEFT JOIN ({f.sql}) AS {f.name} ON {f.name}.pid = a.pid" for f in floors)
    columns = "".join(f", COALESCE({n}.rank, {NONE}) AS {n}_rank, {n}.until AS {n}_until" for n in names)
    held = _held(ctx)
    ctx.plan.add(
        "floors",
        f"SELECT a.*, h.held_rank, h.held_from, h.held_until, h.anniversary, h.last_until{columns} "
        f"FROM $achieved AS a LEFT JOIN ({held}) AS h ON h.pid = a.pid{joins}",
    )
    shared = [f"{n}_rank" for n in names if n.startswith("rollup")]
    reached = f"GREATEST({', '.join(['achieved_rank', *shared])})" if shared else "achieved_rank"
    ctx.plan.add("reached", f"SELECT f.*, {_without_waiting(ctx, reached)} AS reached_rank FROM $floors AS f")
    own = f"CASE WHEN held_rank IS NULL THEN reached_rank WHEN reached_rank > held_rank THEN {_going_up(ctx)} WHEN reached_rank < held_rank THEN {_going_down(ctx)} ELSE held_rank END"
    kept = [f"{n}_rank" for n in names]
    granted = f"GREATEST({', '.join(['own_rank', *kept])})" if kept else "own_rank"
    ctx.plan.add("ruled", f"SELECT r.*, {own} AS own_rank FROM $reached AS r")
    ctx.plan.add("granted", f"SELECT r.*, {granted} AS granted_rank FROM $ruled AS r")
    _standings(ctx, names)


def _standings(ctx: Context, floors: list[str]) -> None:
    untils = " ".join(
        f"WHEN granted_rank > {NONE} AND {n}_rank = granted_rank AND {n}_until IS NOT NULL AND (own_rank < granted_rank OR {literal(n)} = 'retired') THEN {n}_until"
        for n in floors
    )
    until = f"CASE {untils} WHEN granted_rank = held_rank THEN COALESCE(anniversary, held_until) END"
    expected = _ceiling(ctx, "reached_rank")
    ctx.plan.add(
        STANDINGS,
        f"SELECT pid, partner, country, achieved_rank AS level_rank, granted_rank, {expected} AS expected_rank, "
        f"{_named(ctx, 'achieved_rank')} AS level, {_named(ctx, 'granted_rank')} AS granted, {_named(ctx, expected)} AS expected, "
        f"path, awaiting, {_named(ctx, 'held_rank')} AS held, "
        f"CASE WHEN granted_rank > {NONE} AND granted_rank = held_rank THEN held_from WHEN granted_rank > {NONE} THEN {literal(ctx.days.as_of)} END AS granted_from, "
        f"{until} AS granted_until, {_status(ctx)} AS status FROM $granted",
        keep=True,
    )
    ctx.ready.add(STANDINGS)
    wide = ctx.wide(PARTNER)
    kinds = {"level": "text", "granted": "text", "expected": "text", "path": "text", "awaiting": "text",
             "level_rank": "number", "granted_rank": "number", "expected_rank": "number",
             "granted_from": "date", "granted_until": "date"}  # fmt: skip
    items = ", ".join(f"s.{quoted(c)} AS {quoted('x_' + c)}" for c in kinds)
    wide.step = ctx.plan.add(
        wide.next_name(), f"SELECT m.*, {items} FROM ${wide.step} AS m JOIN ${STANDINGS} AS s ON s.pid = m.pid"
    )
    for column, kind in kinds.items():
        wide.made[Instance(column)] = Made(kind)
        ctx.grains[Instance(column)] = PARTNER


def _named(ctx: Context, rank: str) -> str:
    whens = " ".join(f"WHEN {i} THEN {literal(n)}" for i, n in enumerate(ctx.edition.level_names))
    return f"CASE {rank} {whens} END" if whens else "CAST(NULL AS VARCHAR)"


def _rank(ctx: Context, level: str, file: str, path: tuple[str | int, ...]) -> int:
    if level not in ctx.edition.level_names:
        raise ctx.edition.source_of(file).error(
            path,
            f"{level!r} is not a level",
            "programme.yaml lists the levels",
            "use one of " + ", ".join(ctx.edition.level_names),
        )
    return ctx.edition.level_names.index(level)


def _has_history(ctx: Context) -> bool:
    return "levels_held" in ctx.facts.schema


def _use_history(ctx: Context) -> None:
    use = ctx.staging.use("levels_held")
    use.columns |= {"subject", "anniversary", "programme", "from", "until"}
    use.days_from(None)


def _held(ctx: Context) -> str:
    """The level of this programme that each partner holds on record: the latest granted, of several that day the highest."""
    if not _has_history(ctx):
        return (
            "SELECT pid, CAST(NULL AS BIGINT) AS held_rank, joined AS held_from, joined AS held_until, "
            "joined AS anniversary, joined AS last_until FROM $all_partners WHERE FALSE"
        )
    _use_history(ctx)
    ranks = " ".join(f"WHEN {literal(n)} THEN {i}" for i, n in enumerate(ctx.edition.level_names))
    listed = ", ".join(literal(n) for n in ctx.edition.level_names)
    day = literal(ctx.days.as_of)
    grace = _length(ctx.edition.programme.life.grace)
    last = f'CAST("until" + {grace} AS DATE)' if grace else '"until"'
    rows = (
        f'SELECT pid, CAST(CASE subject {ranks} END AS BIGINT) AS rank, "from" AS f, "until" AS u, {_last_day(ctx)} AS a, '
        f'{last} AS kept_until FROM $levels_held WHERE subject IN ({listed}) AND "from" <= {day} '
        f"AND (programme IS NULL OR programme = {literal(ctx.edition.programme.programme)})"
    )
    ordered = f"SELECT *, ROW_NUMBER() OVER (PARTITION BY pid ORDER BY f DESC, rank DESC) AS rn FROM ({rows}) AS r"
    return (
        f"SELECT pid, CASE WHEN kept_until IS NULL OR kept_until >= {day} THEN rank END AS held_rank, f AS held_from, "
        f"u AS held_until, a AS anniversary, u AS last_until FROM ({ordered}) AS o WHERE rn = 1"
    )


def _last_day(ctx: Context) -> str:
    """The anniversary; of a level that takes no new holders none lies after its last day."""
    whens = " ".join(
        f"WHEN subject = {literal(r.level)} THEN LEAST(COALESCE(anniversary, {literal(r.last_anniversary)}), {literal(r.last_anniversary)})"
        for r in ctx.edition.programme.life.retired
        if r.last_anniversary is not None and ctx.days.as_of >= r.no_new_from
    )
    return f"CASE {whens} ELSE anniversary END" if whens else "anniversary"


def _length(text: str | None) -> str | None:
    """`90 days` as an SQL interval."""
    if not text:
        return None
    match = re.fullmatch(r"(\d+) (day|month|year)s?", text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a length of time")
    count, unit = int(match[1]), match[2].upper()
    return f"INTERVAL '{count * 12 if unit == 'YEAR' else count}' {'MONTH' if unit == 'YEAR' else unit}"


def is_review(cadence: object, day: date, fiscal_start: tuple[int, int]) -> bool | None:
    """Is the day one on which this cadence reviews levels? None: that differs from partner to partner."""
    if cadence == "at_once":
        return True
    if cadence == "never":
        return False
    if cadence == "anniversary":
        return None
    if isinstance(cadence, dict):
        listed = cadence.get("at", [])
        return f"{day:%m-%d}" in [str(d) for d in (listed if isinstance(listed, list) else [listed])]
    months = _PERIODS.get(str(cadence))
    if months is None:
        raise ValueError(f"{cadence!r} is not a cadence")
    tomorrow = day + timedelta(days=1)
    return tomorrow.day == 1 and (tomorrow.month - fiscal_start[0]) % months == 0


def _review(ctx: Context, word: str) -> bool | None:
    cadence = getattr(ctx.edition.programme.life, word)
    try:
        return is_review(cadence, ctx.days.as_of, ctx.fiscal_start)
    except ValueError as error:
        raise ctx.edition.source_of("programme").error(
            ("life", word), str(error), "it says when levels are reviewed",
            "write at_once, never, monthly, quarterly, half_yearly, yearly, anniversary, or {at: [month-day, ...]}",
        ) from error  # fmt: skip


def _anniversary_passed(ctx: Context) -> str:
    """The partner's anniversary has come since the level was granted."""
    day = literal(ctx.days.as_of)
    year_later = "CAST(held_from + INTERVAL '12' MONTH AS DATE)"
    return f"{day} > COALESCE(anniversary, {year_later})"


def _going_up(ctx: Context) -> str:
    if ctx.edition.programme.life.effective != "at_once":
        return "held_rank"
    now = _review(ctx, "up")
    if now is None:
        return f"CASE WHEN {_anniversary_passed(ctx)} THEN reached_rank ELSE held_rank END"
    return "reached_rank" if now else "held_rank"


def _going_down(ctx: Context) -> str:
    life = ctx.edition.programme.life
    now = _review(ctx, "down")
    if now is None:
        passed, grace = _anniversary_passed(ctx), _length(life.grace)
        if grace:
            day = literal(ctx.days.as_of)
            passed = (
                f"{day} > CAST(COALESCE(anniversary, CAST(held_from + INTERVAL '12' MONTH AS DATE)) + {grace} AS DATE)"
            )
        falls = passed
    else:
        falls = "TRUE" if now else "FALSE"
    if life.first_year == "keep":
        falls = (
            f"({falls} AND NOT COALESCE(CAST(joined + INTERVAL '12' MONTH AS DATE) > {literal(ctx.days.as_of)}, FALSE))"
        )
    return f"CASE WHEN {falls} THEN reached_rank ELSE held_rank END"


def _without_waiting(ctx: Context, reached: str) -> str:
    """A level lost less than so long ago cannot be reached again yet."""
    waiting = ctx.edition.programme.life.waiting
    length = _length(waiting.after_loss) if waiting else None
    if length is None or not _has_history(ctx):
        return reached
    _use_history(ctx)
    day = literal(ctx.days.as_of)
    whens = []
    for i, name in reversed(list(enumerate(ctx.edition.level_names))):
        lost = (
            f'pid IN (SELECT pid FROM $levels_held WHERE subject = {literal(name)} AND "until" < {day} '
            f'AND CAST("until" + {length} AS DATE) >= {day})'
        )
        whens.append(
            f"WHEN {reached} = {i} AND COALESCE(held_rank, {NONE}) < {i} AND {lost} THEN COALESCE(held_rank, {i - 1})"
        )
    return f"CASE {' '.join(whens)} ELSE {reached} END"


def _ceiling(ctx: Context, rank: str) -> str:
    """Too much for a level: what the next renewal asks for."""
    whens = []
    for index, rule in enumerate(ctx.edition.programme.life.ceiling):
        path = ("life", "ceiling", index)
        low, then = _rank(ctx, rule.level, "programme", path), _rank(ctx, rule.then, "programme", path)
        instance = Instance(rule.metric)
        from hanse.language import exact

        most = ctx.single(rule.at_most, "programme", (*path, "at_most"))
        over = exact.compare(ctx.how(instance).term(instance, "j"), ">", most).sql
        whens.append(
            f"WHEN granted_rank = {low} AND pid IN (SELECT j.pid FROM $matrix_levels AS j WHERE {over}) THEN {then}"
        )
    leave = ctx.edition.programme.life.leave_after
    if leave and _has_history(ctx):
        low = _rank(ctx, leave.level, "programme", ("life", "leave_after"))
        since = literal(add_months(ctx.days.as_of, -12 * leave.years))
        whens.append(f"WHEN {rank} <= {low} AND held_rank <= {low} AND held_from <= {since} THEN {NONE}")
    return f"CASE {' '.join(whens)} ELSE {rank} END" if whens else rank


def _status(ctx: Context) -> str:
    """active; or, where a level ran out: lapsed, then unpublished."""
    lapse = ctx.edition.programme.life.lapse
    day = literal(ctx.days.as_of)
    if lapse is None:
        return f"CASE WHEN granted_rank > {NONE} THEN 'active' WHEN last_until < {day} THEN 'lapsed' END"
    hidden = f"CAST(last_until + {_length(lapse.unpublished_after)} AS DATE) < {day}"
    return (
        f"CASE WHEN granted_rank > {NONE} AND (held_rank IS NULL OR achieved_rank >= granted_rank) THEN 'active' "
        f"WHEN last_until < {day} AND {hidden} THEN 'unpublished' WHEN last_until < {day} THEN 'lapsed' "
        f"WHEN granted_rank > {NONE} THEN 'active' END"
    )


def _rollup(ctx: Context) -> list[Floor]:
    """Levels handed to sisters: shared, the best of a region, or for being at a level in several countries."""
    rule = ctx.edition.rollup
    if rule is None:
        return []
    source = f"$achieved AS a JOIN ${enterprises(ctx)} AS e ON e.pid = a.pid"
    floors = []
    for index, share in enumerate(rule.share):
        rank = _rank(ctx, share.level, "levels", ("rollup", "share", index))
        agg = "MAX" if share.when == "any" else "MIN"
        units = f"SELECT e.enterprise FROM {source} GROUP BY e.enterprise HAVING {agg}(a.achieved_rank) >= {rank}"
        floors.append(
            f"SELECT e.pid, {rank} AS rank FROM ${enterprises(ctx)} AS e JOIN ({units}) AS u ON u.enterprise = e.enterprise"
        )
    if rule.best_of:
        column = f"p.{quoted(rule.best_of)}"
        best = f"SELECT e.enterprise, {column} AS place, MAX(a.achieved_rank) AS rank FROM {source} JOIN $all_partners AS p ON p.pid = a.pid GROUP BY e.enterprise, {column}"
        floors.append(
            f"SELECT e.pid, b.rank FROM ${enterprises(ctx)} AS e JOIN $all_partners AS p ON p.pid = e.pid "
            f"JOIN ({best}) AS b ON b.enterprise = e.enterprise AND b.place = {column}"
        )
    for index, several in enumerate(rule.n_of):
        rank = _rank(ctx, several.level, "levels", ("rollup", "n_of", index))
        at = _rank(ctx, several.at, "levels", ("rollup", "n_of", index))
        counted = "COUNT(DISTINCT a.country)" if several.countries else "COUNT(*)"
        units = f"SELECT e.enterprise FROM {source} WHERE a.achieved_rank >= {at} GROUP BY e.enterprise HAVING {counted} >= {several.n}"
        floors.append(
            f"SELECT e.pid, {rank} AS rank FROM ${enterprises(ctx)} AS e JOIN ({units}) AS u ON u.enterprise = e.enterprise"
        )
    return [Floor(f"rollup_{i}", f"SELECT pid, MAX(rank) AS rank, CAST(NULL AS DATE) AS until FROM ({sql}) AS s GROUP BY pid")
            for i, sql in enumerate(floors)]  # fmt: skip


def _grandfathered(ctx: Context) -> list[Floor]:
    found = []
    for index, rule in enumerate(ctx.edition.programme.life.grandfather):
        if not _has_history(ctx) or ctx.days.as_of > rule.until or ctx.days.as_of < rule.held_before:
            continue
        _use_history(ctx)
        rank = _rank(ctx, rule.level, "programme", ("life", "grandfather", index))
        countries = ""
        if rule.countries:
            countries = f" AND pid IN (SELECT pid FROM $all_partners WHERE country IN ({', '.join(literal(c) for c in rule.countries)}))"
        found.append(Floor(
            f"grandfathered_{index}",
            f"SELECT DISTINCT pid, {rank} AS rank, {literal(rule.until)} AS until FROM $levels_held WHERE subject = "
            f'{literal(rule.level)} AND "from" < {literal(rule.held_before)} AND ("until" IS NULL OR "until" >= {literal(rule.held_before)}){countries}',
        ))  # fmt: skip
    return found


def _matched(ctx: Context) -> list[Floor]:
    """Levels of an older programme, each worth one here for the time of the transition; of several the best."""
    transition = ctx.edition.transition
    as_of = ctx.days.as_of
    if (
        not transition.levels
        or (transition.until and as_of > transition.until)
        or (transition.from_ and as_of < transition.from_)
    ):
        return []
    until = literal(transition.until) if transition.until else "CAST(NULL AS DATE)"
    day = literal(as_of)
    selects = []
    for index, rule in enumerate(transition.levels):
        path = ("levels", index)
        if rule.else_:
            selects.append(
                f"SELECT pid, {_rank(ctx, rule.else_, 'transition', path)} AS rank FROM $all_partners WHERE active"
            )
            continue
        if not _has_history(ctx) or rule.gives is None:
            continue
        _use_history(ctx)
        names = rule.level if isinstance(rule.level, list) else [rule.level]
        programme = f" AND programme = {literal(rule.programme)}" if rule.programme else ""
        listed = ", ".join(literal(n) for n in names)
        selects.append(
            f"SELECT pid, {_rank(ctx, rule.gives, 'transition', path)} AS rank FROM $levels_held WHERE subject IN ({listed})"
            f'{programme} AND "from" <= {day}'
        )
    if not selects:
        return []
    return [
        Floor(
            "matched",
            f"SELECT pid, MAX(rank) AS rank, {until} AS until FROM ({' UNION ALL '.join(selects)}) AS s GROUP BY pid",
        )
    ]


def _protected(ctx: Context) -> list[Floor]:
    """Exceptions whose subject is `level:NAME`."""
    if "exceptions" not in ctx.facts.schema:
        return []
    use = ctx.staging.use("exceptions")
    use.columns |= {"subject", "reason", "by"}
    use.days_from(None)
    day = literal(ctx.days.as_of)
    ranks = " ".join(f"WHEN {literal('level:' + n)} THEN {i}" for i, n in enumerate(ctx.edition.level_names))
    if not ranks:
        return []
    rows = f'SELECT pid, CASE subject {ranks} END AS rank, "until" AS u FROM $exceptions WHERE "from" <= {day} AND "until" >= {day}'
    best = f"SELECT *, ROW_NUMBER() OVER (PARTITION BY pid ORDER BY rank DESC, u DESC) AS rn FROM ({rows}) AS r WHERE rank IS NOT NULL"
    return [Floor("protected", f"SELECT pid, rank, u AS until FROM ({best}) AS b WHERE rn = 1")]


def _retired(ctx: Context) -> list[Floor]:
    """The last day of a level that takes no new holders, for those who have it."""
    found = []
    for rule in ctx.edition.programme.life.retired:
        if not _has_history(ctx) or ctx.days.as_of < rule.no_new_from or rule.last_anniversary is None:
            continue
        _use_history(ctx)
        rank = _rank(ctx, rule.level, "programme", ("life", "retired"))
        last = literal(rule.last_anniversary)
        found.append(
            f"SELECT pid, {rank} AS rank, MAX(LEAST(COALESCE(anniversary, {last}), {last})) AS until FROM $levels_held "
            f'WHERE subject = {literal(rule.level)} AND "from" < {literal(rule.no_new_from)} '
            f"GROUP BY pid HAVING MAX(LEAST(COALESCE(anniversary, {last}), {last})) >= {literal(ctx.days.as_of)}"
        )
    if not found:
        return []
    return [
        Floor(
            "retired",
            f"SELECT pid, MAX(rank) AS rank, MAX(until) AS until FROM ({' UNION ALL '.join(found)}) AS s GROUP BY pid",
        )
    ]


__all__ = ["decide", "is_review"]
