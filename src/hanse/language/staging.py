"""From raw facts to facts that count: typed, tied to a partner, converted; what is wrong is set aside with its place.

For every fact table that an edition uses, three steps: `raw_T` (the engine's), `staged_T` (typed rows, bad ones marked
with a code in `_bad`) and `T` (the good ones). A row that no metric could count on the day is left out early. Bad
rows are never dropped: `problems.py` of decisions turns their codes into sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from hanse.language.facts import FROM_EMPLOYMENT, SQL_TYPES, Column, FactTable
from hanse.language.plan import Plan, literal, quoted

UNITS = 10_000  # amounts and numbers are integers in units of 1/10000
_TEXT_TYPES = {"VARCHAR", "TEXT", "STRING", "CHARACTER VARYING"}
_WRONG = {"day": "not_a_day", "moment": "not_a_moment"}


@dataclass
class Use:
    """What the metrics want of one table: columns, target currencies, and the days that can matter."""

    columns: set[str] = field(default_factory=set)
    currencies: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    first: date | None = None
    unbounded: bool = False

    def days_from(self, first: date | None) -> None:
        """Widens the horizon; None means from the beginning."""
        if first is None:
            self.unbounded = True
        elif self.first is None or first < self.first:
            self.first = first


@dataclass
class Staging:
    """Collects what is used, then writes the steps. `schema` is raw table -> column -> SQL type as the source has it."""

    plan: Plan
    tables: Mapping[str, FactTable]
    schema: Mapping[str, Mapping[str, str]]
    as_of: date
    known_at: datetime | None
    classes: tuple[str, ...]
    leaving_lag: tuple[int, int, int | None]  # months, days, day of the month
    credits: bool = False
    uses: dict[str, Use] = field(default_factory=dict)
    judged: set[date] = field(default_factory=set)

    def use(self, table: str) -> Use:
        return self.uses.setdefault(table, Use())

    def good(self, table: str, judged: date) -> str:
        """The relation of the rows that count; facts of persons are tied to the firm of the day judged."""
        if self.tables[table].owner == "person" and judged != self.as_of:
            self.judged.add(judged)
            return f"{table}_{judged:%Y%m%d}"
        return table

    def write(self) -> None:
        """Adds all steps. Partners come first, then people, then whatever else is used."""
        self._partners()
        wanted = set(self.uses) - {"partners", "rates"}
        if any(self.tables[t].owner == "person" for t in wanted):
            self.use("people")
            wanted.add("people")
        for name in sorted(wanted):
            table = self.tables[name]
            if name == "ownership":
                self._ownership()
            elif table.owner == "person":
                self._person_facts(table)
            else:
                self._facts(table)

    # -- one table ---------------------------------------------------------------------------------------------

    def _has(self, table: str, column: str) -> bool:
        return column in self.schema.get(table, {})

    def _typed(self, table: FactTable, column: Column) -> str:
        """The column as its declared type; null where the source lacks it or it cannot be read."""
        raw_type = self.schema.get(table.name, {}).get(column.name)
        wanted = SQL_TYPES[column.type]
        if raw_type is None:
            return f"CAST(NULL AS {wanted})"
        name = f"r.{quoted(column.name)}"
        if raw_type.upper() == wanted or (wanted == "VARCHAR" and raw_type.upper() in _TEXT_TYPES):
            return name
        safe = raw_type.upper() in _TEXT_TYPES
        return f"{'TRY_CAST' if safe else 'CAST'}({name} AS {wanted})"

    def _is_text(self, table: FactTable, column: Column) -> bool:
        return self.schema.get(table.name, {}).get(column.name, "").upper() in _TEXT_TYPES

    def _checks(self, table: FactTable) -> list[str]:
        """`WHEN condition THEN code` for everything a row can be refused for, but for its owner and its rates."""
        whens = []
        for column in table.columns:
            if not self._has(table.name, column.name):
                continue
            raw, typed = f"r.{quoted(column.name)}", self._typed(table, column)
            if column.required:
                whens.append(f"WHEN {raw} IS NULL THEN 'missing:{column.name}'")
            if not self._is_text(table, column) or SQL_TYPES[column.type] == "VARCHAR":
                continue
            code = _WRONG.get(column.type, "not_a_number")
            whens.append(f"WHEN {raw} IS NOT NULL AND {typed} IS NULL THEN '{code}:{column.name}:' || {raw}")
            if column.type in ("amount", "number"):
                fine = f"TRY_CAST({raw} AS DECIMAL(38, 10))"
                whens.append(f"WHEN {fine} <> {typed} THEN 'too_precise:{column.name}:' || {raw}")
        if table.lasts and self._has(table.name, table.lasts[1]) and self._has(table.name, table.lasts[0]):
            first, last = (self._typed(table, table.by_name[c]) for c in table.lasts)
            whens.append(f"WHEN {last} < {first} THEN 'ends_before_start:{table.lasts[1]}:' || CAST({last} AS VARCHAR)")
        return whens

    def _known(self, table: FactTable) -> str:
        """A condition: the row had been learned by the moment asked for."""
        if self.known_at is None or not self._has(table.name, "known"):
            return "TRUE"
        typed = self._typed(table, table.by_name["known"])
        return f"({typed} IS NULL OR {typed} <= {literal(self.known_at)})"

    def _partners(self) -> None:
        table = self.tables["partners"]
        columns = ", ".join(f"{self._typed(table, c)} AS {quoted(c.name)}" for c in table.columns)
        classes = "".join(f", k.{quoted(c)} AS {quoted(c)}" for c in self.classes)
        checks = [
            *self._checks(table),
            "WHEN k.country IS NULL THEN 'unknown_country:country:' || r.country",
            "WHEN LAG(r.partner) OVER (ORDER BY r.partner, r._file, r._line) = r.partner THEN 'twice:partner:' || r.partner",
        ]
        self.plan.add(
            "staged_partners",
            f"SELECT ROW_NUMBER() OVER (ORDER BY r.partner, r._file, r._line) AS pid, {columns}{classes}, "
            f"r._file AS _file, r._line AS _line, {_first_of(checks)} AS _bad "
            f"FROM $raw_partners AS r LEFT JOIN $countries AS k ON k.country = r.country WHERE {self._known(table)}",
            keep=True,
        )
        self.plan.add(
            "all_partners",
            f'SELECT *, (joined IS NULL OR joined <= {literal(self.as_of)}) AND ("left" IS NULL OR "left" > '
            f"{literal(self.as_of)}) AS active FROM $staged_partners WHERE _bad IS NULL",
        )

    def _columns_used(self, table: FactTable) -> list[Column]:
        """The columns to carry: those in use, and those that say when a row counts."""
        used = self.uses[table.name].columns | ({table.day} if table.day else set()) | set(table.lasts or ())
        return [c for c in table.columns if c.name in used and c.name != "partner"]

    def _select(self, table: FactTable) -> list[str]:
        """The typed columns in use, amounts also converted, countries also classed."""
        items = [f"{self._typed(table, c)} AS {quoted(c.name)}" for c in self._columns_used(table)]
        for column in table.columns:
            if column.type == "amount" or (column.type == "number" and self._converts(table, column.name)):
                for currency in sorted(self.uses[table.name].currencies):
                    if column.name in self.uses[table.name].columns:
                        items.append(
                            f"CAST({self._typed(table, column)} * {UNITS} AS BIGINT) * fx_{currency}.factor "
                            f"AS {quoted(f'{column.name}_{currency}')}"
                        )
        items += [f"kc.{quoted(c)} AS {quoted('row_' + c)}" for c in sorted(self.uses[table.name].classes)]
        return items

    def _converts(self, table: FactTable, column: str) -> bool:
        return table.name == "series" and column == "value" and self._has("series", "currency")

    def _joins(self, table: FactTable) -> tuple[str, list[str]]:
        """Joins to rates and to the classes of the row's own country, with the checks they bring."""
        joins, whens = "", []
        if self._has(table.name, "currency"):
            day = self._typed(table, table.by_name[table.day or "on"])
            currency = f"r.{quoted('currency')}"
            for target in sorted(self.uses[table.name].currencies):
                alias = f"fx_{target}"
                joins += f' LEFT JOIN $fx_{target} AS {alias} ON {alias}.currency = {currency} AND {alias}."on" = {day}'
                amount = " OR ".join(
                    f"r.{quoted(c.name)} IS NOT NULL" for c in table.columns
                    if c.type == "amount" and self._has(table.name, c.name)
                )  # fmt: skip
                given = f" AND ({amount})" if amount and not table.by_name["currency"].required else ""
                whens.append(
                    f"WHEN {alias}.factor IS NULL AND {currency} IS NOT NULL{given} AND {self._horizon(table, day)} "
                    f"THEN 'no_rate:currency:' || {currency} || ':' || CAST({day} AS VARCHAR)"
                )
        if self.uses[table.name].classes and self._has(table.name, "country"):
            joins += ' LEFT JOIN $countries AS kc ON kc.country = r."country"'
            whens.append(
                'WHEN r."country" IS NOT NULL AND kc.country IS NULL THEN \'unknown_country:country:\' || r."country"'
            )
        elif self.uses[table.name].classes:
            joins += " LEFT JOIN (SELECT * FROM $countries WHERE FALSE) AS kc ON TRUE"
        return joins, whens

    def _horizon(self, table: FactTable, day: str | None = None) -> str:
        """A condition on staged rows: some metric could count the row on the day judged."""
        if not table.day:
            return "TRUE"
        day, use = day or quoted(table.day), self.uses[table.name]
        until = f"({day} <= {literal(self.as_of)})"
        if use.unbounded or use.first is None:
            return until
        return f"({day} >= {literal(use.first)} AND {day} <= {literal(self.as_of)})"

    def _facts(self, table: FactTable) -> None:
        """Facts of a partner, or of nobody."""
        joins, whens = self._joins(table)
        items = self._select(table)
        checks = self._checks(table)
        if table.owner == "partner":
            items.insert(0, "p.pid AS pid")
            joins = " LEFT JOIN $all_partners AS p ON p.partner = r.partner" + joins
            checks.append("WHEN p.pid IS NULL THEN 'unknown_partner:partner:' || r.partner")
            if table.after_joining:
                day = self._typed(table, table.by_name[table.day or "on"])
                checks.append(f"WHEN {day} < p.joined THEN 'before_joining:{table.day}:' || CAST({day} AS VARCHAR)")
        if table.name == "people":
            items += self._employment_columns()
        bad = _first_of(checks + whens)
        keep = "TRUE" if table.name == "people" else self._horizon(table)
        self.plan.add(
            f"staged_{table.name}",
            f"SELECT * FROM (SELECT {', '.join(items)}, {bad} AS _bad, r._file AS _file, r._line AS _line "
            f"FROM $raw_{table.name} AS r{joins} WHERE {self._known(table)}) AS s WHERE _bad IS NOT NULL OR {keep}",
            keep=True,
        )
        self.plan.add(table.name, f"SELECT * FROM $staged_{table.name} WHERE _bad IS NULL")

    def _employment_columns(self) -> list[str]:
        """The last day on which a person's certificates count for the firm: `until`, or later where the edition says."""
        table = self.tables["people"]
        until = self._typed(table, table.by_name["until"])
        months, days, day = self.leaving_lag
        last = until
        if months and day:
            last = f"CAST(DATE_TRUNC('month', {until}) + INTERVAL '{months}' MONTH + INTERVAL '{day - 1}' DAY AS DATE)"
        elif months:
            last = f"CAST({until} + INTERVAL '{months}' MONTH AS DATE)"
        if days:
            last = f"CAST({last} + INTERVAL '{days}' DAY AS DATE)"
        carried = {c.name for c in self._columns_used(table)}
        wanted = {"person": "person", **{c.name: c.name for c in FROM_EMPLOYMENT}}
        extra = [
            f"{self._typed(table, table.by_name[c])} AS {quoted(c)}" for c in wanted if c not in carried
        ]
        return [*extra, f"{last} AS counts_until"]

    def _employed(self, judged: date) -> str:
        """Who works where on the day judged: person, pid, role, country, and a number per row."""
        name = "employed" if judged == self.as_of else f"employed_{judged:%Y%m%d}"
        return self.plan.add(
            name,
            f"SELECT ROW_NUMBER() OVER () AS eid, person, pid, role, country FROM $people "
            f"WHERE since <= {literal(judged)} AND (counts_until IS NULL OR counts_until >= {literal(judged)})",
            keep=True,
        )

    def _person_facts(self, table: FactTable) -> None:
        """Facts of a person, tied to the firm of the day judged; one row per firm."""
        items = [f"{self._typed(table, c)} AS {quoted(c.name)}" for c in self._columns_used(table) if c.name != "person"]
        own = {c.name for c in table.columns}
        used = self.uses[table.name].columns
        extra = [f"e.{c.name} AS {quoted(c.name)}" for c in FROM_EMPLOYMENT if c.name not in own and c.name in used]
        bad = _first_of(self._checks(table))
        for judged in sorted({self.as_of, *self.judged}):
            suffix = "" if judged == self.as_of else f"_{judged:%Y%m%d}"
            day = quoted(table.day or "earned")
            self.plan.add(
                f"staged_{table.name}{suffix}",
                f"SELECT * FROM (SELECT e.pid AS pid, e.eid AS eid, r.person AS person, "
                f"{', '.join([*items, *extra])}, {bad} AS _bad, r._file AS _file, r._line AS _line "
                f"FROM $raw_{table.name} AS r LEFT JOIN ${self._employed(judged)} AS e ON e.person = r.person "
                f"WHERE {self._known(table)}) AS s WHERE _bad IS NOT NULL OR pid IS NULL OR {day} <= {literal(judged)}",
                keep=True,
            )
            good = f"SELECT * FROM $staged_{table.name}{suffix} WHERE _bad IS NULL AND pid IS NOT NULL"
            if self.credits and table.name == "certifications":
                names = [c.name for c in self._columns_used(table) if c.name not in ("person", "certificate")]
                names += [c.name for c in FROM_EMPLOYMENT if c.name not in own and c.name in used]
                listed = "".join(f", s.{quoted(c)}" for c in names)
                good = (
                    f"SELECT s.pid, s.eid, s.person, s.certificate{listed} FROM ({good}) AS s UNION ALL "
                    f"SELECT s.pid, s.eid, s.person, c.counts_as AS certificate{listed} FROM ({good}) AS s "
                    f"JOIN $credits AS c ON c.certificate = s.certificate "
                    f"WHERE c.first <= {literal(judged)} AND c.last >= {literal(judged)}"
                )
            self.plan.add(f"{table.name}{suffix}", good, keep=self.credits)

    def _ownership(self) -> None:
        table = self.tables["ownership"]
        items = [f"{self._typed(table, c)} AS {quoted(c.name)}" for c in table.columns]
        percent = self._typed(table, table.by_name["percent"])
        checks = [
            *self._checks(table),
            f"WHEN {percent} < 0 OR {percent} > 100 THEN 'not_a_share:percent:' || CAST({percent} AS VARCHAR)",
            "WHEN a.pid IS NULL THEN 'unknown_partner:owner:' || r.owner",
            "WHEN b.pid IS NULL THEN 'unknown_partner:owned:' || r.owned",
        ]
        self.plan.add(
            "staged_ownership",
            f"SELECT a.pid AS owner_pid, b.pid AS owned_pid, {', '.join(items)}, {_first_of(checks)} AS _bad, "
            f"r._file AS _file, r._line AS _line FROM $raw_ownership AS r "
            f"LEFT JOIN $all_partners AS a ON a.partner = r.owner "
            f"LEFT JOIN $all_partners AS b ON b.partner = r.owned WHERE {self._known(table)}",
            keep=True,
        )
        self.plan.add("ownership", "SELECT * FROM $staged_ownership WHERE _bad IS NULL")


def _first_of(whens: list[str]) -> str:
    """The code of the first check that a row fails; null for a good row."""
    return f"CASE {' '.join(whens)} END" if whens else "CAST(NULL AS VARCHAR)"
