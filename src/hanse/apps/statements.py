"""What does a statement find? For the reads that the ORM does not write: facts, outputs of runs, counts over several tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

Values = Sequence[Any] | Mapping[str, Any]


def rows(statement: str, values: Values | None = None) -> list[tuple[Any, ...]]:
    """The rows that a statement finds."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def dicts(statement: str, values: Values | None = None) -> list[dict[str, Any]]:
    """The same, each by the names of its columns."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
