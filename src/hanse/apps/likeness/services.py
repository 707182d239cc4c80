"""Keeping every record ready to be compared with a new one.

A few partners are brought up at once, in the transaction of what changed them; many by a job. A comparison of all records leaves what it has learned,
and every record as it was compared.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from psycopg import sql

from hanse.apps.likeness import learned
from hanse.apps.likeness.models import Known, Record, TooCommon, Word
from hanse.apps.likeness.tasks import defer_renewal
from hanse.apps.registry.selectors import records_of_firms
from hanse.language.plan import literal

if TYPE_CHECKING:
    import pyarrow as pa

    from hanse.decisions.same_firm import Firms

BULK = 1_000  # partners from which on a job brings them up
_PIECE = 2_000


@transaction.atomic
def refresh(partners: Sequence[str] | None) -> None:
    """Brings some partners up to the registry; None means everybody. Of many, a job does it."""
    if partners is None or len(partners) > BULK:
        defer_renewal()
    elif partners:
        _bring(sorted(set(partners)), records_of_firms(partners))


def renew() -> int:
    """Brings up whatever is behind, a piece at a time; returns how many records that were."""
    found, after = 0, ""
    while rows := records_of_firms(after=after, limit=_PIECE):
        last = str(rows[-1]["id"])
        there = Record.objects.filter(partner__gt=after, partner__lte=last).values_list("partner", flat=True)
        with transaction.atomic():
            found += _bring(sorted({*there, *(str(row["id"]) for row in rows)}), rows)
        after = last
    return found + Record.objects.filter(partner__gt=after).delete()[0]


def rebuild(records: pa.Table, firms: Firms, db: Any) -> None:
    """Keeps what a comparison of all has learned, and every record as it was compared; `db` still has its tables.

    `records` are those compared, as texts, with an id.
    """
    if firms.model is None:
        return
    import pyarrow as pa

    from hanse.decisions import same_firm_one as one_by_one

    kept = one_by_one.learned(firms, db)
    with tempfile.TemporaryDirectory(prefix="hanse-") as folder, transaction.atomic():
        Known.objects.filter(pk__lt=learned.latest_number()).delete()  # somebody may be reading the last one
        number = Known.objects.create(says=kept.as_json()).pk
        said = (_digest(row, number) for piece in records.to_batches(_PIECE) for row in piece.to_pylist())
        digests = pa.array(said, pa.string(), size=len(records))
        db.register("likeness_digests", pa.table({"id": records["id"], "digest": digests}))
        compared = (
            "SELECT r.id AS partner, '{' || array_to_string(r.keys, ',') || '}' AS keys, r.said, d.digest "
            f"FROM ({one_by_one.records_in_sql(db)}) AS r JOIN likeness_digests AS d USING (id) ORDER BY r.id"
        )
        for model, query in (
            (Word, "SELECT word, code, common, times FROM same_firm_vocabulary ORDER BY word"),
            (TooCommon, f"{one_by_one.too_common_in_sql()} ORDER BY key"),
            (Record, compared),
        ):
            model.objects.all().delete()
            _copy(db, query, model, Path(folder) / "rows.csv")
        db.unregister("likeness_digests")
    with transaction.atomic():
        defer_renewal()  # for what changed meanwhile


def _copy(db: Any, query: str, model: Any, file: Path) -> None:
    """The rows of a query of the engine, into a table of the database."""
    db.execute(f"COPY ({query}) TO {literal(str(file))} (FORMAT csv, HEADER false)")
    columns = sql.SQL(", ").join(sql.Identifier(field.column) for field in model._meta.fields)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(sql.Identifier(model._meta.db_table), columns)
    with connection.cursor() as cursor, file.open("rb") as given, cursor.cursor.copy(statement) as copy:
        while piece := given.read(1 << 20):
            copy.write(piece)


def _bring(partners: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> int:
    """Writes what these partners say now, where it is another thing than before; how many that were."""
    number = learned.latest_number()
    digests = {str(row["id"]): _digest(row, number) for row in rows}
    before = dict(Record.objects.filter(partner__in=partners).values_list("partner", "digest"))
    gone = [key for key in before if key not in digests]
    if gone:
        Record.objects.filter(partner__in=gone).delete()
    changed = [row for row in rows if before.get(str(row["id"])) != digests[str(row["id"])]]
    if not changed:
        return len(gone)
    from hanse.decisions import same_firm_one as one_by_one

    table = learned.table_of(changed)
    read = one_by_one.read(table, learned.latest()[1], learned.vocabulary(table))
    made = [
        Record(partner=key, keys=row["keys"], said=json.dumps(one_by_one.kept_record(row)), digest=digests[key])
        for key, row in zip(table["id"].to_pylist(), read, strict=True)
    ]
    Record.objects.bulk_create(
        made, batch_size=500, update_conflicts=True, unique_fields=["partner"], update_fields=["keys", "said", "digest"]
    )
    return len(gone) + len(changed)


def _digest(row: Mapping[str, Any], number: int) -> str:
    said = json.dumps([number, *(row[name] for name in sorted(row))], ensure_ascii=False)
    return hashlib.md5(said.encode(), usedforsecurity=False).hexdigest()
