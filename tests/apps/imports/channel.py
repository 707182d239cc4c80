"""A small channel as files, and what the tests look at in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.db import connection

from hanse.apps.accounts.actors import operator
from hanse.apps.imports import services
from hanse.apps.imports.mapping import Answers
from hanse.apps.imports.services import Outcome

SALES = ("partner", "on", "amount", "currency", "customer")
PARTNERS = ("partner", "name", "country")
# what a start and an end of an import or an undo may leave behind, and nothing else
TABLES = (
    "imports_import", "imports_refused", "imports_mapping", "evidence_batch", "evidence_withdrawal", "evidence_also_said",
    "evidence_superseded", "evidence_sales", "evidence_partners", "registry_partner", "registry_group", "audit_entry",
    "procrastinate_jobs",
)  # fmt: skip


def csv_file(
    folder: Path, rows: Iterable[Sequence[object]], *, name: str = "sales.csv", columns: Sequence[str] = SALES
) -> Path:
    path = folder / name
    lines = [columns, *rows]
    path.write_text(
        "\n".join(",".join("" if v is None else str(v) for v in line) for line in lines) + "\n", encoding="utf-8"
    )
    return path


def sale(partner: str, number: int = 1, *, day: str = "2017-03-01", currency: str = "EUR") -> tuple[object, ...]:
    return partner, day, f"{number}.50", currency, f"C-{number}"


def brought_in(path: Path, **asked: Any) -> Outcome:
    answers = asked.pop("answers", Answers())
    return services.import_file(actor=operator(), path=path, answers=answers, **asked)


def visible(table: str = "sales", column: str = "customer") -> list[Any]:
    """One column of what counts now, in order."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM facts."{table}" ORDER BY 1, fact')
        return [row[0] for row in cursor.fetchall()]


def content(cursor: Any) -> dict[str, list[str]]:
    """Every row of every table that imports and undos touch, as texts without numbers and moments, which no two runs share."""
    found = {}
    for table in TABLES:
        cursor.execute(f"SELECT (to_jsonb(t) - %s::text[])::text FROM {table} AS t", [list(_PASSING)])
        found[table] = sorted(row[0] for row in cursor.fetchall())
    return found


_PASSING = (
    "id", "fact", "batch_id", "created", "finished", "ended", "recorded", "at", "uuid", "hash", "previous", "number", "moment",
    "subject", "before", "after", "scheduled_at", "args", "of_id", "by_fact", "group_id",
)  # fmt: skip
