"""How is one partner judged at once? A connection is kept open, and the edition's statement prepared on it.

What a click needs is made once per edition and day; a worker that lives on judges a partner within milliseconds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
import pyarrow as pa
from django.conf import settings
from psycopg import sql

from hanse.apps.evaluation.facts import select_of
from hanse.apps.evidence.moments import RECORDING
from hanse.decisions import trouble
from hanse.decisions.evaluate import OUTPUTS
from hanse.decisions.outline import outline
from hanse.engines.one_partner import OnePartner
from hanse.language.plan import quoted

if TYPE_CHECKING:
    from hanse.language.context import Days
    from hanse.language.edition import Edition

_KEPT = 6  # editions and days that stay prepared
_busy = Lock()
Row = dict[str, Any]
Kind = TypeVar("Kind", bound="Kept")
Found = TypeVar("Found")


@dataclass(frozen=True)
class Judged:
    """The rows of every output for some partners, and the moment up to which facts were known."""

    known_at: datetime
    rows: dict[str, list[Row]]
    outline: dict[str, Any]


class Kept:
    """One edition on one day, on a connection of its own."""

    def __init__(self, edition: Edition, days: Days) -> None:
        self.edition, self.days = edition, days
        self.database = connected()
        self.address = address()
        self.schema = _views(self.database, edition)


class _Judging(Kept):
    """Everything that an evaluation gives."""

    def __init__(self, edition: Edition, days: Days) -> None:
        super().__init__(edition, days)
        self.one = OnePartner(self.database, edition, days, schema=self.schema, outputs=(*OUTPUTS, "problems"))
        self.database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        self.outline = outline(edition, days, self.one.info)

    def judged(self, partners: Sequence[str]) -> Judged:
        """The rows of partners, all of one snapshot."""
        run = self.database.execute
        run(sql.SQL("SELECT pg_advisory_lock_shared({})").format(RECORDING))
        locked = True
        rows: dict[str, list[Row]] = {name: [] for name in (*OUTPUTS, "problems")}
        try:
            with self.database.transaction():
                moment = run("SELECT clock_timestamp()").fetchone()
                run(sql.SQL("SELECT pg_advisory_unlock_shared({})").format(RECORDING))
                locked = False
                for partner in partners:
                    for name, found in self.one.rows(partner).items():
                        rows[name] += found
        finally:
            if locked and not self.database.closed:
                run(sql.SQL("SELECT pg_advisory_unlock_shared({})").format(RECORDING))
        assert moment is not None
        rows["problems"] = _problems(rows["problems"])
        return Judged(moment[0], rows, self.outline)


_warm: OrderedDict[tuple[type[Kept], str, Days], Kept] = OrderedDict()


def judged(edition: Edition, days: Days, partners: Sequence[str]) -> Judged:
    """The rows of some partners as the batch would write them. Raises CallError for an edition that ranks partners."""
    return asked(_Judging, edition, days, lambda kept: kept.judged(partners))


def asked(kind: type[Kind], edition: Edition, days: Days, question: Callable[[Kind], Found]) -> Found:
    """What is kept for an edition and a day answers a question; it is made where it is not there yet."""
    with _busy:
        try:
            return question(_kept(kind, edition, days))
        except psycopg.OperationalError:  # the server was started anew: once more, on a fresh connection
            close()
            return question(_kept(kind, edition, days))


@cache
def versions() -> dict[str, str]:
    """What the statements were run by."""
    from importlib.metadata import version

    return {name: version(name) for name in ("hanse", "sqlglot", "psycopg")}


def close() -> None:
    """Gives all connections back."""
    while _warm:
        _, kept = _warm.popitem()
        with suppress(psycopg.Error):
            kept.database.close()


def _kept(kind: type[Kind], edition: Edition, days: Days) -> Kind:
    key = (kind, edition.content_hash, days)
    found = _warm.get(key)
    if found is not None and (found.database.closed or found.address != address()):
        found.database.close()
        found = _warm.pop(key) and None
    if found is None:
        found = _warm[key] = kind(edition, days)
        while len(_warm) > _KEPT:
            _warm.popitem(last=False)[1].database.close()
    _warm.move_to_end(key)
    assert isinstance(found, kind)
    return found


def address() -> dict[str, Any]:
    """Where the application's database is, and as whom it connects."""
    from django.db import connections

    given = connections["default"].settings_dict
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {k: given[v] for k, v in names.items() if given.get(v)} | dict(given.get("OPTIONS") or {})


def connected(name: str = "hanse one partner") -> psycopg.Connection[Any]:
    """A connection beside Django's, in autocommit, to be kept open."""
    assert settings.configured
    where = {k: v for k, v in address().items() if k not in ("pool", "server_side_binding", "isolation_level")}
    return psycopg.connect(**where, autocommit=True, application_name=name)


def _views(database: psycopg.Connection[Any], edition: Edition) -> str:
    """Views of what counts, of this session alone, with what the edition declares; returns their schema."""
    has_rates = database.execute("SELECT EXISTS (SELECT FROM facts.rates)").fetchone()
    for name, table in edition.tables.items():
        if name != "rates" or (has_rates and has_rates[0]):
            database.execute(sql.SQL(f"CREATE TEMP VIEW {quoted(name)} AS {select_of(table)}"))
    found = database.execute("SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema()").fetchone()
    assert found is not None
    return str(found[0])


def _problems(marked: list[Row]) -> list[Row]:
    """Bad rows in sentences, as the batch writes them."""
    if not marked:
        return []
    schema = pa.schema([("table_name", pa.string()), ("_bad", pa.string()), ("partner", pa.string())])
    rows: list[Row] = trouble.problems(pa.Table.from_pylist(marked, schema)).to_pylist()
    return rows
