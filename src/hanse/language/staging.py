"""From raw facts to facts that count: typed, tied to a partner, converted; what is wrong is set aside with its place.

For every fact table that an edition uses: `raw_T` (the engine's), `staged_T` (typed good rows, as far as any metric could
count them on the day) and `T` (those of partners). For every table that is there: `marked_T` (the bad rows, with a code in
`_bad`). Bad rows are never dropped in silence: `trouble.py` of decisions turns their codes into sentences.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from hanse.language import marking, structure
from hanse.language.facts import FROM_EMPLOYMENT, SQL_TYPES, Column, FactTable
from hanse.language.marking import Check, Checks, fine
from hanse.language.plan import Plan, literal, quoted

UNITS = 10_000  # amounts and numbers are integers in units of 1/10000
_NARROW = re.compile(r"DECIMAL\((?:[1-9]|1[0-8]), ?([0-2])\)")
_DIGITS = re.compile(r"DECIMAL\(([0-9]+), ?([0-9]+)\)")
_MOST_DIGITS = 14  # before the point: an amount is a DECIMAL(18, 4)
_KEPT = f"BETWEEN -{'9' * _MOST_DIGITS} AND {'9' * _MOST_DIGITS}"
_SMALL = {"TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER"}
_TEXT_TYPES = {"VARCHAR", "TEXT", "STRING", "CHARACTER VARYING"}
_ONLY_VALID = {"certifications", "references", "assignments", "attestations", "associations", "contracts"}
_WRONG = {"day": "not_a_day", "moment": "not_a_moment"}
_OF_PARTNERS = {"partner", "name", "country", "group", "joined", "left"}
STRANGER = Check("e.eid IS NULL", "'unknown_person:person:' || r.person")


@dataclass
class Use:
    """What the metrics want of one table: columns, target currencies, and the days that can matter."""

    columns: set[str] = field(default_factory=set)
    currencies: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    first: date | None = None
    unbounded: bool = False
    also_invalid: bool = False  # rows that are not valid on the day judged matter too

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
    words: frozenset[str] = frozenset()  # of the edition: a column of partners that it never mentions is not carried
    every_partner_column: bool = True
    credits: bool = False
    every_row: bool = False  # explanations also see rows of later days, and those not yet known
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
        """Adds all steps. Partners come first, then people, then whatever else is used, then what is there and not used."""
        self._partners()
        wanted = set(self.uses) - {"partners", "rates"}
        unread = set(self.schema) & set(self.tables) - wanted - {"partners", "rates"}
        if any(self.tables[t].owner == "person" for t in wanted | unread):
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
        for name in sorted(unread - wanted):
            self._unread(self.tables[name])

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
        if self._may_be_too_large(table, column):
            return f"CASE WHEN {name} {_KEPT} THEN CAST({name} AS {wanted}) END"
        safe = raw_type.upper() in _TEXT_TYPES
        return f"{'TRY_CAST' if safe else 'CAST'}({name} AS {wanted})"

    def _may_be_too_large(self, table: FactTable, column: Column) -> bool:
        """Is it a column of numbers that can hold more than an amount may be?"""
        raw_type = self.schema.get(table.name, {}).get(column.name, "VARCHAR").upper()
        digits = _DIGITS.fullmatch(raw_type)
        if column.type not in ("amount", "number") or raw_type in _TEXT_TYPES or raw_type in _SMALL:
            return False
        return digits is None or int(digits[1]) - int(digits[2]) > _MOST_DIGITS

    def _is_text(self, table: FactTable, column: Column) -> bool:
        return self.schema.get(table.name, {}).get(column.name, "").upper() in _TEXT_TYPES

    def _checks(self, table: FactTable) -> list[Check]:
        """Everything a row can be refused for, but for its owner and its rates."""
        found = []
        for column in table.columns:
            if not self._has(table.name, column.name):
                continue
            raw, typed = f"r.{quoted(column.name)}", self._typed(table, column)
            if column.required:
                found.append(Check(f"{raw} IS NULL", f"'missing:{column.name}'"))
            if self._may_be_too_large(table, column):
                found.append(Check(f"NOT ({raw} {_KEPT})", f"'too_large:{column.name}:' || CAST({raw} AS VARCHAR)"))
            if not self._is_text(table, column) or SQL_TYPES[column.type] == "VARCHAR":
                continue
            code, fine = f"'{_WRONG.get(column.type, 'not_a_number')}", f"TRY_CAST({raw} AS DECIMAL(38, 10))"
            if column.type in ("amount", "number"):
                code = f"CASE WHEN {fine} IS NULL THEN 'not_a_number' ELSE 'too_large' END || '"
            found.append(Check(f"{raw} IS NOT NULL AND {typed} IS NULL", f"{code}:{column.name}:' || {raw}"))
            if column.type in ("amount", "number"):
                found.append(Check(f"{fine} <> {typed}", f"'too_precise:{column.name}:' || {raw}"))
        if table.lasts and self._has(table.name, table.lasts[1]) and self._has(table.name, table.lasts[0]):
            first, last = (self._typed(table, table.by_name[c]) for c in table.lasts)
            code = f"'ends_before_start:{table.lasts[1]}:' || CAST({last} AS VARCHAR)"
            found.append(Check(f"{last} < {first}", code))
        return found

    def _known(self, table: FactTable) -> str:
        """A condition: the row had been learned by the moment asked for."""
        if self.known_at is None or not self._has(table.name, "known") or self._is_shown(table):
            return "TRUE"
        typed = self._typed(table, table.by_name["known"])
        return f"({typed} IS NULL OR {typed} <= {literal(self.known_at)})"

    def _is_shown(self, table: FactTable) -> bool:
        """Every row is there to be explained; who is whose stays as it was known."""
        return self.every_row and table.name not in ("partners", "people", "ownership", structure.EVENTS)

    def _partners(self) -> None:
        table = self.tables["partners"]
        kept = [c for c in table.columns if self._is_carried(c.name)]
        columns = ", ".join(f"{self._typed(table, c)} AS {quoted(c.name)}" for c in kept)
        classes = "".join(f", k.{quoted(c)} AS {quoted(c)}" for c in self.classes)
        own = self._checks(table)
        unknown = Check("k.country IS NULL", "'unknown_country:country:' || r.country")
        twice = Check("r._before = r.partner", "'twice:partner:' || r.partner")
        checks = [*own, unknown, twice]
        if self._has("partners", "left") and self._has("partners", "joined"):
            left, joined = (self._typed(table, table.by_name[c]) for c in ("left", "joined"))
            checks.append(Check(f"{left} < {joined}", f"'ends_before_start:left:' || CAST({left} AS VARCHAR)"))
        order = "OVER (ORDER BY r.partner, r._file, r._line)"
        tested = " ".join(c.refused for c in checks)
        raw = [
            c.name
            for c in table.columns
            if self._has("partners", c.name) and (c in kept or f"r.{quoted(c.name)}" in tested)
        ]
        self.plan.add(
            "staged_partners",
            f"SELECT r._pid AS pid, {columns}{classes}, {marking.marked_while_staged(checks)} AS _bad FROM "
            f"(SELECT {', '.join(f'r.{quoted(c)}' for c in raw)}, r._file, r._line, CAST(ROW_NUMBER() {order} AS INTEGER) "
            f"AS _pid, LAG(r.partner) {order} AS _before FROM $raw_partners AS r WHERE {self._known(table)}) AS r "
            "LEFT JOIN $countries AS k ON k.country = r.country",
            keep=True,
        )
        events, told = self.tables[structure.EVENTS], structure.is_told(self.schema)
        day, name = (self._typed(events, events.by_name[c]) if told else None for c in ("on", "name"))
        structure.partners(self.plan, self.as_of, day, self._known(events), name)

    @property
    def _firms(self) -> str:
        """The relation of all keys that facts may name, each with the number of the partner that it counts for."""
        return "$firms" if structure.is_told(self.schema) else "$all_partners"

    def _is_carried(self, column: str) -> bool:
        """Partners are sorted and carried along everywhere, so only with the columns that somebody may ask for."""
        asked = not {column, f"partner_{column}"}.isdisjoint(self.words)
        return self.every_partner_column or asked or column in _OF_PARTNERS

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
                            f"{self._units(table, column)} * fx_{currency}.factor "
                            f"AS {quoted(f'{column.name}_{currency}')}"
                        )
        items += [f"kc.{quoted(c)} AS {quoted('row_' + c)}" for c in sorted(self.uses[table.name].classes)]
        return items

    def _units(self, table: FactTable, column: Column) -> str:
        """The column as a BIGINT in units of 1/10000. Amounts below 1e14 do not overflow on the way.

        A narrow decimal with up to two places stays narrow: 128-bit decimals are several times slower.
        """
        narrow = _NARROW.fullmatch(self.schema.get(table.name, {}).get(column.name, "").upper())
        if narrow:
            places = int(narrow[1])
            return f"CAST(r.{quoted(column.name)} * {10**places} AS BIGINT) * {UNITS // 10**places}"
        return f"CAST(CAST({self._typed(table, column)} AS DECIMAL(22, 4)) * {UNITS} AS BIGINT)"

    def _converts(self, table: FactTable, column: str) -> bool:
        return table.name == "series" and column == "value" and self._has("series", "currency")

    def _rates(self, table: FactTable) -> tuple[str, list[Check]]:
        """Joins to the rates of the row's day, and the check that there is one."""
        targets = sorted(self.uses[table.name].currencies) if self._has(table.name, "currency") else []
        joins, checks = "", []
        day = self._typed(table, table.by_name[table.day or "on"])
        currency = f"r.{quoted('currency')}"
        amount = " OR ".join(
            f"r.{quoted(c.name)} IS NOT NULL" for c in table.columns
            if c.type == "amount" and self._has(table.name, c.name)
        )  # fmt: skip
        given = f" AND ({amount})" if amount and targets and not table.by_name["currency"].required else ""
        for target in targets:
            alias = f"fx_{target}"
            joins += f' LEFT JOIN $fx_{target} AS {alias} ON {alias}.currency = {currency} AND {alias}."on" = {day}'
            code = f"'no_rate:currency:' || {currency} || ':' || CAST({day} AS VARCHAR)"
            checks.append(Check(f"{alias}.factor IS NULL AND {currency} IS NOT NULL{given}", code))
        return joins, checks

    def _own_country(self, table: FactTable, classes: bool) -> tuple[str, list[Check]]:
        """The join to the classes of the row's own country, and the check that there is such a country."""
        if self._has(table.name, "country"):
            unknown = 'r."country" IS NOT NULL AND kc.country IS NULL'
            code = "'unknown_country:country:' || r.\"country\""
            return ' LEFT JOIN $countries AS kc ON kc.country = r."country"', [Check(unknown, code)]
        return (" LEFT JOIN (SELECT * FROM $countries WHERE FALSE) AS kc ON TRUE" if classes else ""), []

    def _horizon(self, table: FactTable) -> str:
        """A condition on raw rows: some metric could count the row on the day judged."""
        if not table.day or self.every_row:
            return "TRUE"
        use, day = self.uses[table.name], self._typed(table, table.by_name[table.day])
        until = f"{day} <= {literal(self.as_of)}{self._still_valid(table, self.as_of)}"
        if use.unbounded or use.first is None:
            return f"({until})"
        return f"({day} >= {literal(use.first)} AND {until})"

    def _still_valid(self, table: FactTable, judged: date) -> str:
        """A condition, where nothing asks for rows whose last day has passed."""
        if not table.lasts or table.name not in _ONLY_VALID or self.uses[table.name].also_invalid:
            return ""
        last = self._typed(table, table.by_name[table.lasts[1]])
        return f" AND ({last} IS NULL OR {last} >= {literal(judged)})"

    def _places(self) -> list[str]:
        """File and line of every row, where every row is to be shown."""
        return ["r._file AS _file", "r._line AS _line"] if self.every_row else []

    def _asked(self, table: FactTable, *, read: bool = True) -> Checks:
        """The checks of a partner's or nobody's table; those of rates only where a metric reads it."""
        joins, tied, pid = "", [], marking.NOBODY
        if table.owner == "partner":
            pid, joins = "p.pid", f" LEFT JOIN {self._firms} AS p ON p.partner = r.partner"
            tied.append(Check("p.pid IS NULL", "'unknown_partner:partner:' || r.partner"))
            if table.after_joining:
                day = self._typed(table, table.by_name[table.day or "on"])
                code = f"'before_joining:{table.day}:' || CAST({day} AS VARCHAR)"
                tied.append(Check(f"{day} < p.joined", code))
        if table.name == structure.EVENTS and structure.is_told(self.schema):
            further, more = structure.checks()
            tied, joins = [*tied, *further], joins + more
        country, known = self._own_country(table, read and bool(self.uses[table.name].classes))
        rates, rated = self._rates(table) if read else ("", [])
        return Checks(self._checks(table), [*tied, *known], joins + country, pid, rated, rates)

    def _facts(self, table: FactTable) -> None:
        """Facts of a partner, or of nobody."""
        asked = self._asked(table)
        items = [*self._select(table), *self._places()]
        if table.owner == "partner":
            items.insert(0, "p.pid AS pid")
        if table.name == "people":
            items += self._employment_columns()
        if asked.rated:
            items.append(f"{marking.marked_while_staged(asked.rated)} AS _bad")
        horizon = "TRUE" if table.name == "people" else self._horizon(table)
        self.plan.add(
            f"staged_{table.name}",
            f"SELECT {', '.join(items)} FROM $raw_{table.name} AS r{asked.joins}{asked.rates} "
            f"WHERE {self._known(table)} AND {horizon}{fine([*asked.own, *asked.tied])}",
            keep=table.name != "people" or self.uses["people"].unbounded,
        )
        counted = " WHERE _bad IS NULL" if asked.rated else ""
        self.plan.add(table.name, f"SELECT * FROM $staged_{table.name}{counted}")
        self._mark(table, asked)

    def _mark(self, table: FactTable, asked: Checks) -> None:
        listed = [marking.of_partners(f"$raw_{table.name}", self._known(table), asked)]
        if asked.rated:
            listed.append(f"SELECT pid, _bad FROM $staged_{table.name} WHERE _bad IS NOT NULL")
        self.plan.add(f"marked_{table.name}", " UNION ALL ".join(listed))

    def _mark_persons(self, table: FactTable, *, staged: bool) -> None:
        raw, known, own = f"$raw_{table.name}", self._known(table), self._checks(table)
        employed = f"${self._employed(self.as_of)}"
        listed = None
        if staged:
            persons = f"SELECT DISTINCT stranger FROM $staged_{table.name} WHERE stranger IS NOT NULL"
            listed = f"${self.plan.add(f'strangers_{table.name}', persons, keep=True)}"
        self.plan.add(
            f"marked_{table.name}",
            f"{marking.of_persons(raw, known, own, employed)} UNION ALL "
            f"{marking.of_strangers(raw, known, own, STRANGER, employed, listed)}",
        )

    def _unread(self, table: FactTable) -> None:
        """A table that no metric reads: its bad rows are told all the same."""
        if table.name == "ownership":
            self._mark(table, self._asked_of_ownership())
        elif table.owner == "person":
            self._mark_persons(table, staged=False)
        else:
            self._mark(table, self._asked(table, read=False))

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
        extra = [f"{self._typed(table, table.by_name[c])} AS {quoted(c)}" for c in wanted if c not in carried]
        return [*extra, f"{last} AS counts_until"]

    def _employed(self, judged: date) -> str:
        """Who works where on the day judged: a number per employment, person, pid (null unless it lasts), role, country."""
        name = "employed" if judged == self.as_of else f"employed_{judged:%Y%m%d}"
        lasts = f"since <= {literal(judged)} AND (counts_until IS NULL OR counts_until >= {literal(judged)})"
        used = {c for t, use in self.uses.items() if self.tables[t].owner == "person" for c in use.columns}
        extra = "".join(f", {c.name}" for c in FROM_EMPLOYMENT if c.name in used)
        return self.plan.add(
            name,
            f"SELECT CAST(ROW_NUMBER() OVER () AS INTEGER) AS eid, person, CASE WHEN {lasts} THEN pid END AS pid{extra} "
            "FROM $people",
            keep=True,
        )

    def _person_facts(self, table: FactTable) -> None:
        """Facts of a person, tied to the firm of the day judged; one row per firm."""
        if self.credits and table.name == "certifications":
            self.use(table.name).columns.add("certificate")
        items = [
            f"{self._typed(table, c)} AS {quoted(c.name)}" for c in self._columns_used(table) if c.name != "person"
        ]
        own = {c.name for c in table.columns}
        used = self.uses[table.name].columns
        extra = [f"e.{c.name} AS {quoted(c.name)}" for c in FROM_EMPLOYMENT if c.name not in own and c.name in used]
        named = ["r.person AS person"] if self.credits or self.every_row or "person" in used else []
        listed = ", ".join(["e.pid AS pid", "e.eid AS eid", *named, *items, *extra, *self._places()])
        for judged in sorted({self.as_of, *self.judged}):
            suffix = "" if judged == self.as_of else f"_{judged:%Y%m%d}"
            day = self._typed(table, table.by_name[table.day or "earned"])
            counts = f"e.pid IS NOT NULL AND {day} <= {literal(judged)}{self._still_valid(table, judged)}"
            counts = "e.eid IS NOT NULL" if self.every_row else counts
            mark = ""
            if judged == self.as_of:
                counts = f"(({counts}) OR {STRANGER.refused})"
                mark = f", CASE WHEN {STRANGER.refused} THEN r.person END AS stranger"
            self.plan.add(
                f"staged_{table.name}{suffix}",
                f"SELECT {listed}{mark} FROM $raw_{table.name} AS r "
                f"LEFT JOIN ${self._employed(judged)} AS e ON e.person = r.person "
                f"WHERE {self._known(table)} AND {counts}{fine(self._checks(table))}",
                keep=True,
            )
            good = f"SELECT * FROM $staged_{table.name}{suffix} WHERE pid IS NOT NULL"
            if judged == self.as_of:
                self._mark_persons(table, staged=True)
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

    def _asked_of_ownership(self) -> Checks:
        table = self.tables["ownership"]
        percent = self._typed(table, table.by_name["percent"])
        own = [
            *self._checks(table),
            Check(f"{percent} < 0 OR {percent} > 100", f"'not_a_share:percent:' || CAST({percent} AS VARCHAR)"),
        ]
        tied = [
            Check("a.pid IS NULL", "'unknown_partner:owner:' || r.owner"),
            Check("b.pid IS NULL", "'unknown_partner:owned:' || r.owned"),
        ]
        joins = (
            f" LEFT JOIN {self._firms} AS a ON a.partner = r.owner LEFT JOIN {self._firms} AS b ON b.partner = r.owned"
        )
        return Checks(own, tied, joins, "a.pid")

    def _ownership(self) -> None:
        table, asked = self.tables["ownership"], self._asked_of_ownership()
        items = [f"{self._typed(table, c)} AS {quoted(c.name)}" for c in table.columns]
        self.plan.add(
            "ownership",
            f"SELECT a.pid AS owner_pid, b.pid AS owned_pid, {', '.join([*items, *self._places()])} "
            f"FROM $raw_ownership AS r{asked.joins} WHERE {self._known(table)}{fine(asked.all)}",
            keep=True,
        )
        self._mark(table, asked)
