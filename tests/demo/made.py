"""Channels that the tests of the generator share."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from hanse.demo.catalogue import Catalogue, Competency
from hanse.demo.channel import Channel, generate

CATALOGUE = Catalogue(
    levels=("registered", "silver", "gold", "platinum"),
    competencies=tuple(
        Competency(
            name=f"competency_{n}",
            certificates=(f"C{n}-1", f"C{n}-2", f"M{n}-1"),
            solutions=(f"solution_{n}", f"solution_{n}_b"),
            old_certificates=((f"000-{n}", f"C{n}-1"),) if n % 3 else (),
        )
        for n in range(44)
    ),
    programme="partnerworld",
)
PARTNERS = 5_000

Ask = Callable[[str], list[tuple[Any, ...]]]


def made(folder: Path, **changes: Any) -> Channel:
    """A channel of the test's catalogue."""
    asked: dict[str, Any] = {"partners": 200, "seed": 7, "catalogue": CATALOGUE, **changes}
    return generate(folder, **asked)


def prints(folder: Path) -> dict[str, str]:
    """A fingerprint of each file."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def asker(folder: Path) -> Ask:
    """Answers SQL over the tables of a folder."""
    connection = duckdb.connect()
    for path in folder.glob("*.parquet"):
        connection.execute(f"CREATE VIEW \"{path.stem}\" AS SELECT * FROM read_parquet('{path}')")
    return lambda sql: connection.execute(sql).fetchall()
