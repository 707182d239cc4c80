"""Does an old run come out again as it did? With its edition, its days and what was known then."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction

from hanse.apps.accounts.policy import require
from hanse.apps.audit.services import record
from hanse.apps.evaluation import alone, batch, facts
from hanse.apps.evidence.selectors import erasures_since
from hanse.apps.programmes.selectors import loaded, version_of_hash
from hanse.apps.standings.selectors import digests_of, run_of
from hanse.language.context import Days
from hanse.language.plan import literal
from hanse.language.problems import CallError, Problem

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor


@dataclass(frozen=True)
class Repeat:
    """A run beside its repetition: by output the two digests, and how many rows stand on one side only.

    The digest before is that of the latest erasure which rewrote the output. `erased` persons were erased since the run: where
    a run of a few partners named one, and its rows had been replaced by then, it cannot come out as it was.
    """

    run: int
    digests: dict[str, tuple[str, str]]
    rows: dict[str, tuple[int, int]] = field(default_factory=dict)
    versions: dict[str, tuple[str, str]] = field(default_factory=dict)
    erased: int = 0

    @property
    def differs(self) -> list[str]:
        """The outputs that are not the same, byte for byte."""
        return [name for name, (before, after) in self.digests.items() if before != after]


def repeat(*, actor: Actor, run: int, progress: facts.Progress | None = None) -> Repeat:
    """Evaluates again what a run evaluated, beside it, and compares. Nothing that counts is touched.

    Raises Refused, NotThere, and CallError for a run that did not come to an end.
    """
    require(actor, "evaluation.repeat")
    old = run_of(actor, run)
    if old.state != "done" or old.known_at is None:
        raise CallError(Problem(f"run {run}", f"the run is {old.state}", "only what came to an end can be compared",
                                "hanse runs list names those that did"))  # fmt: skip
    edition = loaded(version_of_hash(old.edition, old.edition_hash).id)
    days = Days(old.as_of, old.rules_as_of)
    with tempfile.TemporaryDirectory(prefix="hanse-") as name:
        folder = Path(name) / "again"
        partners = None if old.partners is None else facts.tied(list(old.partners), old.known_at, around=True)
        _, again = batch.write(edition, days, folder, known_at=old.known_at, partners=partners, progress=progress)
        digests = dict(again.digests) if old.partners is None else alone.digests_of(_own(folder, list(old.partners)))
        found = Repeat(
            old.pk,
            {name: (was, digests.get(name, "")) for name, was in digests_of(old).items()},
            _compared(old.place, folder) if old.folder else {},
            {k: (str(v), str(again.described["versions"].get(k))) for k, v in (old.versions or {}).items()
             if str(again.described["versions"].get(k)) != str(v)},
            erasures_since(old.known_at),
        )  # fmt: skip
        shutil.rmtree(folder, ignore_errors=True)
    with transaction.atomic():
        record(actor=actor.name, action="evaluation.repeat", subject=f"run {run}", after={"differs": found.differs})
    return found


def _own(folder: Path, partners: list[str]) -> dict[str, list[dict[str, Any]]]:
    """The rows of some partners in a folder, by output."""
    import duckdb

    keys = ", ".join(literal(p) for p in partners)
    with duckdb.connect() as db:
        return {
            path.stem: db.sql(f"SELECT * FROM read_parquet({literal(str(path))}) WHERE partner IN ({keys})")
            .to_arrow_table()
            .to_pylist()
            for path in sorted(folder.glob("*.parquet"))
        }


def _compared(before: Path, after: Path) -> dict[str, tuple[int, int]]:
    """How many rows of each output stand in the one folder only, and in the other only; where both are there."""
    import duckdb

    found: dict[str, tuple[int, int]] = {}
    with duckdb.connect(config={"memory_limit": "1GB"}) as db:
        for path in sorted(after.glob("*.parquet")):
            old = before / path.name
            if not old.is_file() or batch.digest_of(old) == batch.digest_of(path):
                continue
            one, other = (f"SELECT * FROM read_parquet({literal(str(p))})" for p in (old, path))
            only = [
                db.sql(f"SELECT COUNT(*) FROM ({a} EXCEPT ALL {b})").fetchall()[0][0]
                for a, b in ((one, other), (other, one))
            ]
            found[path.stem] = (int(only[0]), int(only[1]))
    return found
