"""How is one partner judged over facts that nobody recorded? They are laid over those on record, for one statement.

A connection of its own has views of what counts, and each view also reads what one setting of the transaction says:
rows that are there besides, and facts that are not. So the statement is the one that judges a partner after a new fact,
prepared in the same way; nothing is written, and neither recording nor a run is waited for or kept waiting.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from hanse.apps.evaluation import warm
from hanse.apps.evaluation.facts import select_of
from hanse.apps.evidence.visible import sql_type
from hanse.decisions.outline import outline
from hanse.engines.one_partner import OnePartner
from hanse.language.facts import FactTable
from hanse.language.plan import literal, quoted

if TYPE_CHECKING:
    from hanse.language.context import Days
    from hanse.language.edition import Edition

SETTING = "hanse.supposed"
# who is who and who belongs together stays as it is; what became of firms is supposed for two that ask together (together.py)
FIXED = frozenset({"partners", "ownership", "customers", "locations", "rates"})
_KEPT = 4  # editions and days that stay prepared
_AT_ONCE = 4  # connections of one process; whoever comes next waits
_AFTER = 1 << 53  # numbers of supposed facts: after those of all that are recorded
Row = dict[str, Any]


@dataclass(frozen=True)
class Supposed:
    """What is laid over the facts: rows as they would be recorded, typed, and the numbers of facts taken away, by table.

    As when it is recorded, a row takes the place of the fact of its key.
    """

    added: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    hidden: Mapping[str, Sequence[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """The rows of every output for one partner, and how the edition read on that day.

    Problems of facts are not among them: supposed facts are read before they are laid over, and those on record are told elsewhere.
    """

    rows: dict[str, list[Row]]
    outline: dict[str, Any]


class _Session:
    """One edition on one day, prepared on a connection of its own."""

    def __init__(self, edition: Edition, days: Days) -> None:
        self.database = warm.connected("hanse what if")
        self.address = warm.address()
        self.rates = _rates_now(self.database)
        self.key = (edition.content_hash, days)
        self.tables = edition.tables
        with ExitStack() as undo:  # what cannot be prepared leaves no connection behind
            undo.callback(self.database.close)
            schema = _views(self.database, edition)
            self.one = OnePartner(self.database, edition, days, schema=schema)
            self.database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            self.outline = outline(edition, days, self.one.info)
            undo.pop_all()

    @property
    def usable(self) -> bool:
        """Does the connection live, and is what was prepared from facts of everybody as it was? Those are rates."""
        if self.database.closed or self.address != warm.address():
            return False
        try:
            return self.rates == _rates_now(self.database)
        except psycopg.OperationalError:
            return False

    def judged(self, partner: str, supposed: Supposed) -> Judged:
        """The rows of the partner, all of one snapshot."""
        with self.database.transaction():
            said = json.dumps(self._said(supposed), default=_plain)
            self.database.execute("SELECT set_config(%s, %s, true)", [SETTING, said])
            rows = self.one.rows(partner)
        return Judged(rows, self.outline)

    def _said(self, supposed: Supposed) -> dict[str, dict[str, Any]]:
        added = {
            name: [row | {"fact": _AFTER + n} for n, row in enumerate(_last_of_key(self.tables[name], rows))]
            for name, rows in supposed.added.items()
        }
        hidden = {name: list(facts) for name, facts in supposed.hidden.items()}
        for name, rows in added.items():
            if self.tables[name].key:
                hidden.setdefault(name, []).extend(self._replaced(name, rows))
        return {"added": added, "hidden": hidden}

    def _replaced(self, name: str, rows: Sequence[Row]) -> list[int]:
        """The facts in whose place the rows come."""
        table = self.tables[name]
        same = " AND ".join(_same(table, column) for column in table.key)
        text = sql.SQL(f"SELECT v.fact FROM ({select_of(table)}) AS v WHERE {same}")
        found: list[int] = []
        for row in rows:
            found += [int(r[0]) for r in self.database.execute(text, [row.get(c) for c in table.key]).fetchall()]
        return found


_idle: list[_Session] = []  # prepared, the one used last at the end
_lock = Lock()
_seats = BoundedSemaphore(_AT_ONCE)


def judged(edition: Edition, days: Days, partner: str, supposed: Supposed) -> Judged:
    """The rows of a partner as an evaluation would write them, were the supposed facts on record.

    Raises CallError for an edition that ranks partners, EditionError where it says nothing for these days.
    """
    with _seats:
        session = _taken(edition, days) or _Session(edition, days)
        try:
            return session.judged(partner, supposed)
        except psycopg.OperationalError:  # the server was started anew: once more, on a fresh connection
            close()
            session = _Session(edition, days)
            return session.judged(partner, supposed)
        finally:
            _give_back(session)


def close() -> None:
    """Gives all connections back."""
    with _lock:
        kept = _idle[:]
        _idle.clear()
    for session in kept:
        _closed(session)


def _taken(edition: Edition, days: Days) -> _Session | None:
    with _lock:
        for session in [s for s in _idle if s.key == (edition.content_hash, days)]:
            _idle.remove(session)
            if session.usable:
                return session
            _closed(session)
    return None


def _give_back(session: _Session) -> None:
    with _lock:
        if not session.database.broken:
            _idle.append(session)
        late = _idle[:-_KEPT]
        del _idle[:-_KEPT]
    for one in late:
        _closed(one)


def _closed(session: _Session) -> None:
    with suppress(psycopg.Error):
        session.database.close()


def _rates_now(database: psycopg.Connection[Any]) -> tuple[Any, ...] | None:
    """What changes whenever rates that count do: the newest, how many are hidden, how many batches were taken back."""
    return database.execute(
        "SELECT (SELECT max(fact) FROM evidence_rates), (SELECT count(*) FROM evidence_superseded WHERE tbl = 'rates'), "
        "(SELECT count(*) FROM evidence_withdrawal)"
    ).fetchone()


# -- the views --------------------------------------------------------------------------------------------------------


def _views(database: psycopg.Connection[Any], edition: Edition) -> str:
    """Views of what counts, and of what is supposed, of this session alone; returns their schema."""
    has_rates = database.execute("SELECT EXISTS (SELECT FROM facts.rates)").fetchone()
    for name, table in edition.tables.items():
        if name != "rates" or (has_rates and has_rates[0]):
            text = select_of(table) if name in FIXED else _laid_over(table)
            database.execute(sql.SQL(f"CREATE TEMP VIEW {quoted(name)} AS {text}"))
    found = database.execute("SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema()").fetchone()
    assert found is not None
    return str(found[0])


def _laid_over(table: FactTable) -> str:
    """The SELECT of what counts without what is hidden, and of the rows that are supposed."""
    said = f"NULLIF(current_setting('{SETTING}', true), '')::jsonb"
    hidden = f"SELECT h::bigint FROM jsonb_array_elements_text({said} -> 'hidden' -> {literal(table.name)}) AS h"
    typed = ", ".join(f"{quoted(c.name)} {_kind(c.type)}" for c in table.columns)
    named = ", ".join(f"a.{quoted(c.name)}" for c in table.columns)
    return (
        f"SELECT v.* FROM ({select_of(table)}) AS v WHERE v.fact <> ALL (ARRAY({hidden})) UNION ALL SELECT a.fact, {named} "
        f"FROM jsonb_to_recordset({said} -> 'added' -> {literal(table.name)}) AS a(fact bigint, {typed})"
    )


def _kind(kind: str) -> str:
    return "timestamp" if kind == "moment" else sql_type(kind)


def _same(table: FactTable, column: str) -> str:
    """Optional columns of a key count as empty where they are missing, as they do in `evidence`."""
    read = f"v.{quoted(column)}"
    return f"{read} = %s" if table.by_name[column].required else f"COALESCE({read}, '') = COALESCE(%s::text, '')"


def _last_of_key(table: FactTable, rows: Sequence[Row]) -> list[Row]:
    """The rows as they would count: of several with one key the last."""
    if not table.key:
        return [dict(row) for row in rows]
    kept = {tuple(row.get(c) or "" for c in table.key): dict(row) for row in rows}
    return list(kept.values())


def _plain(value: object) -> str:
    assert isinstance(value, date | Decimal), value
    return str(value)
