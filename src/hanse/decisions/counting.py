"""What counts for a number of a programme, over which window, in which currency?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from hanse.decisions.naming import Names, plain
from hanse.decisions.phrasing import phrase
from hanse.language import model, values, windows
from hanse.language.expressions import names as mentioned
from hanse.language.problems import HanseError
from hanse.language.words import mark, mark_many

_AGGREGATES = {
    "sum": mark("The sum of {what} of {rows}"), "count": mark("The number of {rows}"),
    "count_distinct": mark("The number of different values of {what} among {rows}"),
    "average": mark("The mean of {what} of {rows}"), "median": mark("The median of {what} of {rows}"),
    "percentile": mark("A percentile of {what} of {rows}"), "min": mark("The smallest {what} of {rows}"),
    "max": mark("The largest {what} of {rows}"), "latest": mark("The latest {what} of {rows}"),
    "first": mark("The first {what} of {rows}"), "any": mark("Whether there is any of {rows}"),
}  # fmt: skip
_AMONG = {  # where what is looked at is more than a column
    "sum": mark("The sum over {rows} of: {what}"), "min": mark("The smallest among {rows} of: {what}"),
    "max": mark("The largest among {rows} of: {what}"), "latest": mark("The latest among {rows} of: {what}"),
    "average": mark("The mean over {rows} of: {what}"),
}  # fmt: skip
_DISTINCT = {
    "person": mark("The number of people with {rows}"), "customer": mark("The number of customers with {rows}"),
    "certificate": mark("The number of different certificates"),
    "competency": mark("The number of different competencies"),
}  # fmt: skip
_PERIODS = {
    "month": mark("the month in which the day judged lies, up to that day"),
    "quarter": mark("the quarter in which the day judged lies, up to that day"),
    "half year": mark("the half-year in which the day judged lies, up to that day"),
    "calendar year": mark("the calendar year in which the day judged lies, up to that day"),
    "fiscal year": mark("the fiscal year in which the day judged lies, up to that day"),
    "previous month": mark("the whole month before"), "previous quarter": mark("the whole quarter before"),
    "previous calendar year": mark("the whole calendar year before"),
    "previous fiscal year": mark("the whole fiscal year before"),
    "same month last year": mark("the same month of the year before"),
    "same quarter last year": mark("the same quarter of the year before"),
}  # fmt: skip
_CLOSED = {
    1: mark_many("the last whole month before the day judged", "the last {n} whole months before the day judged"),
    3: mark_many("the last whole quarter before the day judged", "the last {n} whole quarters before the day judged"),
    12: mark_many("the last whole year before the day judged", "the last {n} whole years before the day judged"),
}
_TRAILING = {
    "months": mark_many("the month up to the day judged", "the {n} months up to the day judged"),
    "days": mark_many("the day judged alone", "the {n} days up to the day judged"),
}
_OVER = {
    "group": mark("the facts of all firms of the group count"),
    "enterprise": mark("the facts of all firms of the enterprise count"),
}
_SHIFTED = mark_many("as it was {n} month earlier", "as it was {n} months earlier")
_EARLIER = mark_many("{window}, {n} month earlier", "{window}, {n} months earlier")
_LATER = mark_many("{window}, {n} month later", "{window}, {n} months later")


def told(name: str, names: Names) -> tuple[str, ...]:
    """A metric in sentences, the definition first, then window, currency and what else holds."""
    metric = names.edition.metrics[name]
    found = _TELLERS[type(metric)](metric, name, names)
    return tuple(_sentence(part) for part in found if part)


def window_told(raw: object, names: Names) -> str:
    """A window of the language in words; empty where there is none."""
    window = windows.parse(raw)
    if window is None:
        return "" if raw is None else plain(str(raw))
    say, many = names.words.say, names.words.many
    months, days = window.back
    if window.kind == "personal":
        found = say("the year since the firm's last anniversary")
    elif window.kind == "fixed":
        found = names.days(window.first, window.last)
    elif window.kind == "closed":
        found = many(*_CLOSED.get(window.months, _CLOSED[12]), window.count)
    elif window.kind == "trailing":
        found = many(*_TRAILING[window.unit], window.count)
        if window.whole:
            found = many(
                "the current month and the whole month before", "the current month and the {n} whole months before",
                window.count,
            )  # fmt: skip
    else:
        text = raw["trailing"] if isinstance(raw, dict) else str(raw)
        text = {"year": "calendar year", "fiscal_year": "fiscal year", "programme year": "fiscal year"}.get(text, text)
        found = say(_PERIODS[text]) if text in _PERIODS else plain(str(text))
    if months:
        found = many(*(_EARLIER if months > 0 else _LATER), abs(months), window=found)
    return say("{window}, {n} days earlier", window=found, n=days) if days else found


def built_from(name: str, names: Names) -> list[str]:
    """The metrics that a metric is made of, as it names them."""
    metric = names.edition.metrics[name]
    found: list[str] = [
        str(value) for key in ("numerator", "denominator", "of", "table") if isinstance(value := getattr(metric, key, None), str)
    ]  # fmt: skip
    of = getattr(metric, "of", None)
    found += list(of) if isinstance(of, dict) else []
    for key in ("expr", "filter", "measure", "when"):
        text = getattr(metric, key, None)
        if text:
            found += sorted(mentioned(str(text)), key=str(text).find)
    return [one for one in dict.fromkeys(found) if one in names.metrics and one != name]


def number(raw: object, path: tuple[str | int, ...], names: Names, unit: str | None = None) -> str:
    """A number of the edition, in force on the day; one by class is said class by class."""
    try:
        found = names.ctx.value(raw, str(path[0]), path[1:], unit)
    except HanseError:
        return plain(str(raw))
    if isinstance(found, values.ByClass):
        rows = [*found.numbers, *([(values.ELSE, found.otherwise)] if found.otherwise else [])]
        return "; ".join(
            f"{names.one_of(found.classification, c)}: {names.quantity(n, unit)}" for c, n in rows if n is not None
        )
    return names.quantity(found, unit)


def _simple(metric: model.Simple, name: str, names: Names) -> list[str]:
    say = names.words.say
    rows = names.table(metric.table)
    what = phrase(metric.measure, names) if metric.measure else names.words.say("value")
    says = _DISTINCT.get(metric.measure or "") if metric.agg == "count_distinct" else None
    if metric.filter:
        rows = say("{what}, where {condition}", what=rows, condition=phrase(metric.filter, names))
    column = metric.measure is None or metric.measure.replace("_", "a").isalnum()
    says = says or (None if column else _AMONG.get(metric.agg)) or _AGGREGATES[metric.agg]
    first = say(says, what=what, rows=rows)
    found = [first, *_split(metric.per, metric.over, names)]
    window = window_told(metric.window or metric.grain_to_date, names)
    if window:
        day = f" ({names.column(metric.day)})" if metric.day else ""
        found.append(say("Window: {window}", window=window) + day)
    if metric.currency == "original":
        found.append(say("Amounts stay in their own currency"))
    elif _is_money(metric):
        currency = metric.currency or names.edition.programme.currency
        found.append(say("In {currency}: each amount is converted at the rate of its own day",
                         currency=names.words.locale.currencies.get(currency, currency)))  # fmt: skip
    if metric.min_count:
        found.append(names.words.many("At least {n} is needed for there to be a number",
                                      "At least {n} of them are needed for there to be a number", metric.min_count))  # fmt: skip
    return [*found, *_details(metric, name, names)]


def _details(metric: model.Simple, name: str, names: Names) -> list[str]:
    """What a few metrics say besides."""
    say, found = names.words.say, []
    if metric.weight:
        column = next(c for c in metric.weight if c != values.ELSE)
        rates = ", ".join(
            f"{names.said(str(k))} × {number(v, ('metrics', name, 'weight', column, k), names)}"
            for k, v in metric.weight[column].items()
        )
        found.append(say("Weighted by {column}: {rates}", column=names.column(column), rates=rates))
        if metric.weight.get(values.ELSE) is not None:
            found[-1] += (
                f", {say('all others')} × {number(metric.weight[values.ELSE], ('metrics', name, 'weight', values.ELSE), names)}"
            )
    if metric.each:
        most = number(metric.each.at_most, ("metrics", name, "each", "at_most"), names, unit_in(metric))
        found.append(say("For each {one} at most {most} counts", one=names.column(metric.each.per), most=most))
    if metric.newest:
        alike = ", ".join(map(names.column, metric.newest.per))
        found.append(say("Of several with the same {alike} only the newest counts", alike=alike))
    if metric.valid == "any":
        found.append(say("What has expired counts too"))
    if metric.at:
        found.append(names.words.many(*_SHIFTED, metric.at.months) if metric.at.months else "")
    if metric.fill_nulls_with is not None:
        filled = number(metric.fill_nulls_with, ("metrics", name, "fill_nulls_with"), names)
        found.append(say("Where there is nothing: {value}", value=filled))
    if metric.percentile is not None:
        found.append(say("The percentile is {n}", n=number(metric.percentile, ("metrics", name, "percentile"), names)))
    return found


def _split(per: str | None, over: Any, names: Names) -> list[str]:
    say, found = names.words.say, []
    if per:
        found.append(
            say("For each {one} by itself", one=names.competencies() if per == "competency" else names.column(per))
        )
    if isinstance(over, dict):
        zone = plain(str(next(iter(over.values()))))
        found.append(say("The facts of all firms of the enterprise in the same {zone} count", zone=zone))
    elif over:
        found.append(
            say(_OVER[over])
            if over in _OVER
            else say("The facts of all firms of the same {zone} count", zone=plain(over))
        )
    return found


def unit_in(metric: model.MetricBase) -> str | None:
    """The unit that numbers of a metric are written in, where it is money or a share."""
    unit = metric.unit or getattr(metric, "currency", None)
    return None if unit == "original" else unit


def _is_money(metric: model.Simple) -> bool:
    if metric.agg in ("count", "count_distinct", "any"):
        return False
    measured = mentioned(metric.measure) if metric.measure else frozenset()
    return bool(metric.currency or measured & {"amount", "monthly", "amount_converted"})


def _ratio(metric: model.Ratio, name: str, names: Names) -> list[str]:  # noqa: ARG001 (all tellers are called alike)
    return [names.words.say("{a} divided by {b}", a=names.metric(metric.numerator), b=names.metric(metric.denominator))]


def _derived(metric: model.Derived, name: str, names: Names) -> list[str]:  # noqa: ARG001
    return [phrase(metric.expr, names)]


def _growth(metric: model.Growth, name: str, names: Names) -> list[str]:
    says = mark("The growth of {metric} in percent") if metric.as_ == "percent" else mark("The growth of {metric}")
    found = [names.words.say(says, metric=names.metric(metric.of))]
    found.append(names.words.many("Compared with {n} month earlier", "Compared with {n} months earlier", metric.before.months)
                 if metric.before.months
                 else names.words.many("Compared with {n} day earlier", "Compared with {n} days earlier", metric.before.days))  # fmt: skip
    if metric.floor is not None:
        floor = number(metric.floor, ("metrics", name, "floor"), names, names.unit(metric.of))
        found.append(names.words.say("From a base of {value} on", value=floor))
    return found


def _rank(metric: model.Rank, name: str, names: Names) -> list[str]:  # noqa: ARG001
    say = names.words.say
    among = (
        say("among the firms of the same {column}", column=names.column(metric.within))
        if metric.within
        else say("among all firms")
    )
    best = mark("the highest is first") if metric.order == "descending" else mark("the lowest is first")
    says = (
        mark("The rank by {metric}, {among}; {best}")
        if metric.as_ == "rank"
        else mark("The share in percent of other firms not better by {metric}, {among}; {best}")
    )
    return [say(says, metric=names.metric(metric.of), among=among, best=say(best))]


def _points(metric: model.Points, name: str, names: Names) -> list[str]:
    say, of = names.words.say, names.metric(metric.of)

    def n(key: str) -> str:
        return number(getattr(metric, key), ("metrics", name, key), names)

    found = []
    if metric.bands:
        for at, band in enumerate(metric.bands):
            start = number(band.from_, ("metrics", name, "bands", at, "from"), names, names.unit(metric.of))
            given = number(band.is_, ("metrics", name, "bands", at, "is"), names)
            found.append(say("From {start}: {points}", start=start, points=given))
        found = [say("Points by {metric}. {bands}", metric=of, bands="; ".join(found))]
    elif metric.each is not None:
        found.append(say("{points} for each of {metric}", points=n("each"), metric=of))
    elif metric.full is not None and metric.at is not None:
        found.append(say("{points} × {metric} ÷ {at}", points=n("full"), metric=of, at=n("at")))
    else:
        found.append(say("Points by {metric}. {bands}", metric=of, bands=""))
    if metric.at_most is not None:
        found.append(say("At most {most}", most=n("at_most")))
    if metric.when:
        found.append(say("Only if {test}; otherwise 0", test=phrase(metric.when, names)))
    return found


def _weighted(metric: model.WeightedMean, name: str, names: Names) -> list[str]:
    parts = ", ".join(
        f"{names.metric(m)} × {number(w, ('metrics', name, 'of', m), names)}" for m, w in metric.of.items()
    )
    return [names.words.say("The weighted mean of {parts}", parts=parts)]


def _conversion(metric: model.Conversion, name: str, names: Names) -> list[str]:  # noqa: ARG001
    say = names.words.say

    def step(one: model.Step) -> str:
        rows = names.table(one.table)
        return say("{what}, where {condition}", what=rows, condition=phrase(one.filter, names)) if one.filter else rows

    says = (
        mark("The share of {base} that the same {entity} followed with {conversion} within {within}")
        if metric.as_ == "percent"
        else mark("The number of {base} that the same {entity} followed with {conversion} within {within}")
    )
    found = [
        say(
            says,
            base=step(metric.base),
            entity=names.column(metric.entity),
            conversion=step(metric.conversion),
            within=within(metric.within, names),
        )
    ]
    window = window_told(metric.window, names)
    return [*found, say("Window: {window}", window=window) if window else ""]


def within(text: str, names: Names) -> str:
    """A length of time as editions write it: `90 days`, `12 months`."""
    count, _, unit = text.strip().partition(" ")
    for start, pair in _LENGTHS.items():
        if unit.startswith(start) and count.isdigit():
            return names.words.many(*pair, int(count))
    return plain(text)


_LENGTHS = {
    "day": mark_many("{n} day", "{n} days"), "month": mark_many("{n} month", "{n} months"),
    "year": mark_many("{n} year", "{n} years"), "week": mark_many("{n} week", "{n} weeks"),
}  # fmt: skip


def _replay(metric: model.Replay, name: str, names: Names) -> list[str]:  # noqa: ARG001
    says = (
        mark("Whether it was so on any day of the window: {metric}")
        if metric.how == "any"
        else mark("Whether it was so on every day of the window: {metric}")
    )
    window = window_told(metric.window, names)
    return [names.words.say(says, metric=names.metric(metric.of)), names.words.say("Window: {window}", window=window)]


def _window_day(metric: model.WindowDay, name: str, names: Names) -> list[str]:  # noqa: ARG001
    says = (
        mark("The first day of the window: {window}")
        if metric.day == "first"
        else mark("The last day of the window: {window}")
    )
    return [names.words.say(says, window=window_told(metric.window, names))]


def _held_for(metric: model.HeldFor, name: str, names: Names) -> list[str]:  # noqa: ARG001
    says = {"days": mark("For how many days {subject} has been held without a break"),
            "months": mark("For how many months {subject} has been held without a break"),
            "years": mark("For how many years {subject} has been held without a break")}[metric.unit]  # fmt: skip
    levels = names.edition.programme.levels
    return [
        names.words.say(
            says, subject=names.level(metric.subject) if metric.subject in levels else plain(metric.subject)
        )
    ]


def _assignment(metric: model.Assignment, name: str, names: Names) -> list[str]:
    say = names.words.say
    found = [
        say(
            "How many places are filled by the people put forward ({rows}), nobody counted twice",
            rows=names.table(metric.table),
        )
    ]
    found += _split(metric.per, None, names)
    if metric.filter:
        found.append(say("Only where {condition}", condition=phrase(metric.filter, names)))
    if metric.need is not None:
        found.append(say("Places: {n}", n=number(metric.need, ("metrics", name, "need"), names)))
    for key, says in (("roles", mark("Places by role: {roles}")), ("up_to", mark("One person fills at most: {roles}"))):
        given = getattr(metric, key)
        if isinstance(given, dict):
            each = ", ".join(
                f"{plain(str(role))}: {number(n, ('metrics', name, key, role), names)}" for role, n in given.items()
            )
            found.append(say(says, roles=each))
        elif given is not None:
            found.append(say(says, roles=number(given, ("metrics", name, key), names)))
    if metric.one_role_per_person:
        found.append(say("A person has one kind of role"))
    if metric.exempt:
        found.append(
            say("Outside these limits: {names}", names=names.words.listed(map(names.competency, metric.exempt), 20))
        )
    if metric.when:
        found.append(say("Only if {test}", test=phrase(metric.when, names)))
    return found


def _sql(metric: model.SqlMetric, name: str, names: Names) -> list[str]:
    remark = getattr(metric, "note", None)
    return [
        str(remark) if remark else names.words.say("Counted by a rule of its own: {name}", name=names.metric(name)),
        *_split(metric.per, None, names),
    ]


def _sentence(text: str) -> str:
    shown = text[:1].upper() + text[1:]
    return shown if shown.endswith((".", "…", "!", "?")) else shown + "."


_TELLERS: dict[type, Callable[[Any, str, Names], list[str]]] = {
    model.Simple: _simple, model.Ratio: _ratio, model.Derived: _derived, model.Growth: _growth, model.Rank: _rank,
    model.Points: _points, model.WeightedMean: _weighted, model.Conversion: _conversion, model.Replay: _replay,
    model.WindowDay: _window_day, model.HeldFor: _held_for, model.Assignment: _assignment, model.SqlMetric: _sql,
}  # fmt: skip


def day_of(text: date, names: Names) -> str:
    """A day, its month in letters."""
    return names.words.day(text)
