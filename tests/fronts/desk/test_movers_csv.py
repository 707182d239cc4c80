"""The movers as a file: all that are wanted, of the partners that the reader sees."""

from __future__ import annotations

import csv
import io

import pytest

from fronts.desk.changed import sent
from fronts.desk.channel import answers, seen_by

pytestmark = pytest.mark.usefixtures("desk")


def test_movers_leave_as_csv() -> None:
    path = sent() + "movers.csv"

    def rows(name: str, query: str = "") -> list[dict[str, str]]:
        text = b"".join(seen_by(name).get(path + query).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        return list(csv.DictReader(io.StringIO(text)))

    (row,) = rows("chief")
    assert (row["partner"], row["level_before"], row["level_after"], row["because"]) == (
        "P-1",
        "silver",
        "member",
        "revenue",
    )
    assert (row["actual_after"], row["needed_before"], row["needed_after"]) == ("70000.0", "20000.0", "75000.0")
    assert rows("chief", "?country=FR") == rows("manager") == []
    assert answers(path)["member"] == 404
