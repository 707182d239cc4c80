"""What does a vendor's channel look like? A folder of fact tables, made from a seed.

`generate` writes the tables of the contract, in the order of partners, a piece of partners at a time: memory
does not grow with the channel but for about 150 bytes a partner. The same arguments give the same bytes (with
the same version of pyarrow, which writes the files), whatever the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pyarrow as pa

from hanse.demo.bad_rows import bad_rows as bad_rows_of
from hanse.demo.catalogue import Catalogue
from hanse.demo.chance import Ints
from hanse.demo.evidence import (
    attestations_table,
    benefit_uses_table,
    exceptions_table,
    levels_held_table,
    references_table,
    surveys_table,
)
from hanse.demo.firms import CURRENCIES, World, ownership_table, partners_table, world
from hanse.demo.output import TableFile, open_table
from hanse.demo.people import certifications_table, people_table
from hanse.demo.profile import PROFILES
from hanse.demo.sales import PER_DOLLAR, customers_table, deals_table, sales_table
from hanse.language.problems import CallError, Problem

AS_OF = date(2017, 6, 30)
PIECE = 20_000  # partners at a time
MOST_PARTNERS = 5_000_000

Make = Callable[[World, Ints], dict[str, pa.Array]]
TABLES: MappingProxyType[str, Make] = MappingProxyType({
    "partners": partners_table,
    "people": people_table,
    "certifications": certifications_table,
    "surveys": surveys_table,
    "references": references_table,
    "sales": sales_table,
    "customers": customers_table,
    "deals": deals_table,
    "levels_held": levels_held_table,
    "attestations": attestations_table,
    "ownership": ownership_table,
    "benefit_uses": benefit_uses_table,
    "exceptions": exceptions_table,
})  # fmt: skip
BENCH_TABLES = ("partners", "people", "certifications", "surveys", "references", "sales")


@dataclass(frozen=True)
class Channel:
    """What was written: all rows by table, and the bad ones among them by table and kind."""

    folder: Path
    rows: dict[str, int] = field(default_factory=dict)
    bad: dict[tuple[str, str], int] = field(default_factory=dict)


def generate(
    out: Path,
    *,
    partners: int,
    seed: int,
    catalogue: Catalogue,
    as_of: date = AS_OF,
    format: str = "parquet",
    bad_rows: bool | None = None,
    currencies: Sequence[str] = CURRENCIES,
    profile: str = "demo",
    on_progress: Callable[[int, int], None] | None = None,
) -> Channel:
    """Write a channel of so many partners into the folder `out`, one file per table.

    `format` is parquet or csv. `bad_rows`: by default the demo profile has them and the bench profile has
    none. Countries whose currency is not among `currencies` are billed in the first of them. `on_progress` is
    called with the partners written and all partners. Older files of the same tables are replaced. Raises
    CallError.
    """
    _check(partners=partners, format=format, profile=profile, currencies=currencies)
    bad_rows = profile == "demo" if bad_rows is None else bad_rows
    out.mkdir(parents=True, exist_ok=True)
    whole = world(
        partners=partners,
        seed=seed,
        profile=PROFILES[profile],
        catalogue=catalogue,
        as_of=as_of,
        currencies=currencies,
    )
    files: dict[str, TableFile] = {}
    columns: dict[str, list[str]] = {}
    for first in range(0, partners, PIECE):
        firms = np.arange(first, min(first + PIECE, partners), dtype=np.int64)
        for name in TABLES if PROFILES[profile].details else BENCH_TABLES:
            piece = pa.table(TABLES[name](whole, firms))
            if name not in files:
                files[name] = open_table(out, name, piece.schema, format=format)
                columns[name] = piece.schema.names
            files[name].write(piece)
        if on_progress:
            on_progress(int(firms[-1]) + 1, partners)
    channel = Channel(out)
    for name, file in files.items():
        if bad_rows:
            for kind, rows in bad_rows_of(whole, name, columns[name], typed=format == "parquet").items():
                file.write_texts(rows)
                channel.bad[name, kind] = len(rows)
        file.close()
        channel.rows[name] = file.rows
    return channel


def _check(*, partners: int, format: str, profile: str, currencies: Sequence[str]) -> None:
    """Refuse a call that cannot be meant."""
    wrong = []
    if not 1 <= partners <= MOST_PARTNERS:
        wrong.append(("partners", f"{partners} is not possible", f"name a number from 1 to {MOST_PARTNERS}"))
    if format not in {"parquet", "csv"}:
        wrong.append(("format", f"{format!r} is no format", "use parquet or csv"))
    if profile not in PROFILES:
        wrong.append(("profile", f"{profile!r} is no profile", f"use {' or '.join(PROFILES)}"))
    if unknown := sorted(set(currencies) - set(PER_DOLLAR)):
        wrong.append(("currencies", f"{', '.join(unknown)} has no price level", f"use some of {', '.join(PER_DOLLAR)}"))
    if not currencies:
        wrong.append(("currencies", "there are none", "name at least one: sales need a currency"))
    if wrong:
        why = "a channel cannot be made from it"
        raise CallError(Problem(place, what, why, remedy) for place, what, remedy in wrong)
