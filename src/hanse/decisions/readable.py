"""How does a whole programme read, for whoever has to live by it?

One edition on one day, in one language, as plain tables and sentences for a page: what levels ask, what competencies are
and ask, what is given, what counts, how a level lives. Made from the edition alone, so that what is shown is what judges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from hanse.decisions import asks, counting, giving, life_told
from hanse.decisions.asks import EVERYBODY, Ask, anchor
from hanse.decisions.difference import Difference, difference
from hanse.decisions.life_told import Rule
from hanse.decisions.naming import Names, names_of, plain
from hanse.language import values
from hanse.language.edition import Edition
from hanse.language.words import Words


@dataclass(frozen=True)
class Column:
    """A column of a table of requirements: a level or a depth."""

    name: str
    label: str


@dataclass(frozen=True)
class Cell:
    """What one level asks of one thing: empty where it asks nothing."""

    text: str
    clause: str = ""
    note: str = ""


@dataclass(frozen=True)
class Line:
    """A line of such a table. `kind` is head (only words), ask, or class (an ask for one class of countries).

    `anchor` is its place in the page, `counts` that of what counts for it; `own` says that the class is the reader's.
    `clause` is said once where all levels ask under the same; else each cell says its own.
    """

    kind: str
    depth: int
    label: str
    anchor: str = ""
    counts: str = ""
    cells: tuple[Cell, ...] = ()
    own: bool = False
    clause: str = ""


@dataclass(frozen=True)
class Table:
    """Requirements by level, or by depth of a competency."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    by_class: bool


@dataclass(frozen=True)
class CompetencyTold:
    """A competency: what counts for it (by kind of fact), and its own requirements where it has them."""

    name: str
    label: str
    area: str
    anchor: str
    counts: tuple[tuple[str, tuple[str, ...]], ...]
    table: Table | None
    days: str
    retired: bool
    coming: bool


@dataclass(frozen=True)
class BenefitLine:
    """A benefit with its quantity by level; where it is the same for all or by another class, `everybody` says so."""

    label: str
    unit: str
    cells: tuple[str, ...]
    everybody: str
    terms: str
    clause: str
    anchor: str


@dataclass(frozen=True)
class MetricTold:
    """A number and what counts for it; `parts` are the anchors and labels of the numbers it is made of."""

    label: str
    anchor: str
    sentences: tuple[str, ...]
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ClassTold:
    """A class of countries: its name, its countries (none: all others), and whether the reader's is one of them."""

    label: str
    countries: tuple[str, ...]
    own: bool


@dataclass(frozen=True)
class Clause:
    """A clause of the guide, and what stands under it: anchors and labels."""

    text: str
    anchor: str
    under: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Readable:
    """The whole programme. Every tuple may be empty: then the programme has nothing of the kind."""

    name: str
    title: str
    on: date
    levels: tuple[Column, ...]
    asks: Table | None
    competency_word: str
    competencies: tuple[CompetencyTold, ...]
    competency_asks: Table | None
    benefits: tuple[BenefitLine, ...]
    life: tuple[Rule, ...]
    firms: tuple[Rule, ...]
    transition: tuple[Rule, ...]
    waivers: tuple[Rule, ...]
    credits: tuple[tuple[str, str, str, str], ...]
    asked_metrics: tuple[MetricTold, ...]
    other_metrics: tuple[MetricTold, ...]
    classes: tuple[tuple[str, str, tuple[ClassTold, ...]], ...]
    clauses: tuple[Clause, ...]
    facts: tuple[tuple[str, str], ...]
    later: tuple[tuple[date, Difference], ...]


def read(edition: Edition, day: date, words: Words, *, country: str = "") -> Readable:
    """An edition as it reads on a day; `country` (ISO 3166-1) is the reader's, and is pointed out. Raises EditionError."""
    names = names_of(edition, day, words)
    own = {c: table.get(country, table.get(values.ELSE, "")) for c, table in edition.classes.items()} if country else {}
    levels = tuple(Column(name, names.level(name)) for name in edition.level_names)
    of_levels = asks.of_levels(names)
    asking = tuple(column for column in levels if of_levels[column.name])
    of_competencies = asks.of_competencies(names)
    depths = _depths(names, of_competencies)
    shared = {depth: of_competencies.get(("", depth), []) for depth in depths}
    table = _table(asking, [of_levels[c.name] for c in asking], names, own, "ask") if asking else None
    common = (
        _table(_columns(depths, names), list(shared.values()), names, own, "need") if any(shared.values()) else None
    )
    compared = _compared([*of_levels.values(), *of_competencies.values()])
    asked, others = _metrics(compared, names)
    return Readable(
        name=edition.name, title=names.title(), on=day, levels=levels, asks=table,
        competency_word=names.competencies(), competencies=_competencies(names, of_competencies, own),
        competency_asks=common, benefits=_benefits(levels, names),
        life=tuple(life_told.of_life(names)), firms=tuple(life_told.of_firms(names)),
        transition=tuple(life_told.of_transition(names)), waivers=tuple(life_told.waivers(names)),
        credits=tuple(life_told.credits_told(names)), asked_metrics=asked, other_metrics=others,
        classes=_classes(names, own, country), clauses=_clauses(names, of_levels, of_competencies),
        facts=_facts(names), later=_later(edition, day, words),
    )  # fmt: skip


def _depths(names: Names, asked: Mapping[tuple[str, str], list[Ask]]) -> list[str]:
    return names.edition.depths if any(depth for _, depth in asked) else [""]


def _columns(depths: Sequence[str], names: Names) -> tuple[Column, ...]:
    return tuple(Column(d, names.depth(d) if d else names.words.say("needed")) for d in depths)


def _table(
    columns: tuple[Column, ...], listed: Sequence[list[Ask]], names: Names, own: Mapping[str, str], at: str
) -> Table:
    """Requirements of several levels side by side, in an order that all of them keep."""
    order = _merged([[one.place for one in asked] for asked in listed])
    by_place = [{one.place: one for one in asked} for asked in listed]
    lines: list[Line] = []
    above: tuple[str, ...] = ()
    for place in order:
        row = [asked.get(place) for asked in by_place]
        shown = next(one for one in row if one is not None)
        keys = tuple(one.key for one in shown.under)
        for n, group in enumerate(shown.under):
            if keys[: n + 1] != above[: n + 1]:
                lines.append(Line("head", n, group.says))
        above = keys
        lines += _lines(shown, row, names, own, at)
    return Table(columns, tuple(lines), any(line.kind == "class" for line in lines))


def _lines(shown: Ask, row: Sequence[Ask | None], names: Names, own: Mapping[str, str], at: str) -> list[Line]:
    """A requirement with a cell for each level; one whose number differs by class has a line for each class."""
    where = anchor(at, " ".join(shown.place)) if at else ""
    counts = anchor("counts", shown.metric) if shown.metric else ""
    depth = len(shown.under)
    classes = list(dict.fromkeys(key for one in row if one for key in one.numbers if key != EVERYBODY))
    named = {one.clause for one in row if one}
    clause = named.pop() if len(named) == 1 else ""
    if not classes:
        cells = tuple(_cell(one, EVERYBODY, clause, names) for one in row)
        return [Line("ask", depth, shown.label, where, counts, cells, clause=clause)]
    above = tuple(Cell("", "" if clause else one.clause, one.note) if one else Cell("") for one in row)
    classification = next(one.classification for one in row if one and one.classification)
    found = [Line("ask", depth, shown.label, where, counts, above, clause=clause)]
    for key in classes:
        cells = tuple(Cell(_cell(one, key, clause, names).text) for one in row)
        label = names.one_of(classification, key)
        found.append(Line("class", depth + 1, label, cells=cells, own=own.get(classification) == key))
    return found


def _cell(ask: Ask | None, key: str, clause: str, names: Names) -> Cell:
    if ask is None:
        return Cell("")
    tests = ask.numbers.get(key, ask.numbers.get(values.ELSE, ask.numbers.get(EVERYBODY)))
    return Cell(asks.text_of(ask, tests, names), "" if clause else ask.clause, ask.note)


def _merged(listed: Sequence[Sequence[tuple[str, ...]]]) -> list[tuple[str, ...]]:
    """One order for several lists: each keeps its own, and what stands under one head stays together."""
    order: list[tuple[str, ...]] = []
    for places in listed:
        at = next((order.index(place) for place in places if place in order), len(order))
        for place in places:
            if place in order:
                at = order.index(place) + 1
                continue
            alike = [n for n, known in enumerate(order) if known[:-1] == place[:-1] and len(place) > 1]
            at = alike[-1] + 1 if alike and not (alike[0] < at <= alike[-1] + 1) else at
            order.insert(at, place)
            at += 1
    return order


def _competencies(
    names: Names, asked: Mapping[tuple[str, str], list[Ask]], own: Mapping[str, str]
) -> tuple[CompetencyTold, ...]:  # fmt: skip
    listed, found = names.edition.competencies, []
    day = names.ctx.days.rules_as_of
    for name, one in (listed.competencies if listed else {}).items():
        depths = [depth for competency, depth in asked if competency == name]
        table = _table(_columns(depths, names), [asked[name, d] for d in depths], names, own, "") if depths else None
        counts = tuple((names.column(c), tuple(map(life_told.code, given))) for c, given in one.counts.items())
        found.append(CompetencyTold(
            name, names.competency(name), plain(one.area) if one.area else "", anchor("competency", name), counts, table,
            names.days(one.from_, one.until), retired=bool(one.until and one.until < day), coming=bool(one.from_ and one.from_ > day),
        ))  # fmt: skip
    return tuple(found)


def _benefits(levels: tuple[Column, ...], names: Names) -> tuple[BenefitLine, ...]:
    found = []
    for one in giving.of_benefits(names):
        by_level = one.classification == "level"
        cells = tuple(giving.quantity(one, one.numbers.get(c.name), names) for c in levels) if by_level else ()
        everybody = one.counted or giving.quantity(one, one.numbers.get(EVERYBODY), names)
        if one.classification and not by_level:
            everybody = "; ".join(
                f"{names.one_of(one.classification, c)}: {giving.quantity(one, n, names)}"
                for c, n in one.numbers.items()
            )
        terms = "; ".join(filter(None, (one.period, *one.terms)))
        found.append(
            BenefitLine(
                one.label,
                giving.unit_told(one, names),
                cells,
                everybody,
                terms,
                one.clause,
                anchor("benefit", one.name),
            )
        )
    return tuple(found)


def _compared(listed: Sequence[list[Ask]]) -> list[str]:
    return list(dict.fromkeys(ask.metric for asked in listed for ask in asked if ask.metric))


def _metrics(compared: Sequence[str], names: Names) -> tuple[tuple[MetricTold, ...], tuple[MetricTold, ...]]:
    """The numbers that requirements compare, then those that these are made of and that benefits and results show."""
    edition = names.edition
    roots = [*compared]
    for benefit in edition.benefits.values():
        if isinstance(benefit.quantity, dict) and set(benefit.quantity) == {"metric"}:
            roots.append(str(benefit.quantity["metric"]))
    roots += [one.metric for one in edition.results.values()]
    reached = dict.fromkeys(name for name in roots if name in names.metrics)
    waiting = list(reached)
    while waiting:
        for part in counting.built_from(waiting.pop(0), names):
            if part not in reached:
                reached[part] = None
                waiting.append(part)
    told = {name: _metric(name, names) for name in reached}
    first = [told[name] for name in compared if name in told]
    return tuple(first), tuple(one for name, one in told.items() if name not in compared)


def _metric(name: str, names: Names) -> MetricTold:
    parts = tuple((anchor("counts", part), names.metric(part)) for part in counting.built_from(name, names))
    return MetricTold(names.metric(name), anchor("counts", name), counting.told(name, names), parts)


def _classes(names: Names, own: Mapping[str, str], country: str) -> tuple[tuple[str, str, tuple[ClassTold, ...]], ...]:
    found = []
    for name, table in names.edition.classes.items():
        by_class: dict[str, list[str]] = {}
        for code, of in table.items():
            by_class.setdefault(of, []).extend([] if code == values.ELSE else [code])
        told = tuple(
            ClassTold(
                plain(c),
                tuple(sorted(names.words.country(code) for code in codes)),
                bool(country) and own.get(name) == c,
            )
            for c, codes in by_class.items()
        )
        found.append((plain(name), anchor("class", name), told))
    return tuple(found)


def _clauses(
    names: Names, of_levels: Mapping[str, list[Ask]], of_competencies: Mapping[tuple[str, str], list[Ask]]
) -> tuple[Clause, ...]:  # fmt: skip
    """The clauses that requirements and benefits name, by their text."""
    found: dict[str, dict[tuple[str, str], None]] = {}
    listed = [("ask", "", asked) for asked in of_levels.values()]
    listed += [("need", competency, asked) for (competency, _), asked in of_competencies.items()]
    for at, competency, asked in listed:
        for ask in asked:
            if ask.clause:
                place = anchor("competency", competency) if competency else anchor(at, " ".join(ask.place))
                found.setdefault(ask.clause, {})[place, ask.label] = None
    for name, benefit in names.edition.benefits.items():
        if benefit.clause:
            found.setdefault(benefit.clause, {})[anchor("benefit", name), names.benefit(name)] = None
    return tuple(Clause(text, anchor("clause", text), tuple(under)) for text, under in sorted(found.items()))


def _facts(names: Names) -> tuple[tuple[str, str], ...]:
    """The dates of the programme, and what else a head says."""
    programme, say, day = names.edition.programme, names.words.say, names.words.day
    found = [
        (say("announced"), day(programme.announced) if programme.announced else ""),
        (say("in force from"), day(programme.in_force) if programme.in_force else ""),
        (say("ends"), day(programme.until) if programme.until else ""),
        (say("currency"), names.words.locale.currencies.get(programme.currency, programme.currency)),
    ]
    if programme.fiscal_year_starts != "01-01":
        found.append((say("fiscal year from"), life_told.month_day(programme.fiscal_year_starts, names)))
    return tuple((what, said) for what, said in found if said)


def _later(edition: Edition, day: date, words: Words) -> tuple[tuple[date, Difference], ...]:
    """What the edition itself says will be otherwise from a later day on."""
    found, before = [], names_of(edition, day, words)
    for on in sorted(one for one in changing_days(edition) if one > day):
        after = names_of(edition, on, words)
        changed = difference(before, after)
        if changed.parts:
            found.append((on, changed))
        before = after
    return tuple(found)


def changing_days(edition: Edition) -> set[date]:
    """The days from which something in the rules is otherwise than the day before, by the edition's own dates."""
    found: set[date] = set()

    def visit(raw: Any) -> None:
        if isinstance(raw, dict):
            for key, part in raw.items():
                if key == "from" and isinstance(part, date):
                    found.add(part)
                elif key == "until" and isinstance(part, date):
                    found.add(date.fromordinal(part.toordinal() + 1))
                else:
                    visit(part)
        elif isinstance(raw, list):
            for part in raw:
                visit(part)

    for file in ("levels", "competencies", "benefits", "metrics"):
        visit(edition.source_of(file).data)
    visit((edition.source_of("programme").data or {}).get("parameters"))
    return found
