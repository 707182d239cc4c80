"""Whatever is imported and undone in whatever order, do the facts that count equal a plain model's?"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from apps.imports.channel import PARTNERS, brought_in, csv_file, sale, visible
from hanse.apps.accounts.actors import operator
from hanse.apps.imports import services

pytestmark = pytest.mark.usefixtures("database")

SALES = st.lists(st.integers(0, 4), min_size=1, max_size=6).map(lambda numbers: ("sales", tuple(numbers)))
# each partner once in a file, with the name that the file gives it
NAMES = st.dictionaries(st.integers(0, 2), st.integers(0, 2), min_size=1).map(
    lambda said: ("partners", tuple(said.items()))
)
STEPS = st.lists(st.one_of(SALES, NAMES, st.integers(0, 5).map(lambda n: ("undo", n))), min_size=1, max_size=7)


class Model:
    """Living files in the order in which they came; an event counts as often as the file that says it most often."""

    def __init__(self) -> None:
        self.living: list[tuple[int, str, tuple[object, ...]]] = []

    def events(self) -> list[str]:
        most: Counter[int] = Counter()
        for _, table, rows in self.living:
            if table == "sales":
                most |= Counter(rows)  # type: ignore[arg-type]
        return sorted(f"C-{n}" for n in most.elements())

    def names(self) -> dict[str, str]:
        """Of a thing, what the last living file says of it."""
        found: dict[str, str] = {}
        for _, table, rows in self.living:
            if table == "partners":
                found |= {f"P-{key}": f"Name {name}" for key, name in rows}  # type: ignore[misc]
        return found


def one(folder: Path, table: str, rows: tuple[object, ...]) -> Path:
    if table == "sales":
        return csv_file(folder, [sale("P-1", n) for n in rows])  # type: ignore[arg-type]
    return csv_file(folder, [(f"P-{k}", f"Name {n}", "DE") for k, n in rows], name="partners.csv", columns=PARTNERS)  # type: ignore[misc]


@given(STEPS)
def test_any_order_of_imports_and_undos(steps: list[tuple[str, object]]) -> None:
    model = Model()
    with transaction.atomic(), TemporaryDirectory() as folder:
        for what, said in steps:
            if what == "undo":
                if isinstance(said, int) and said < len(model.living):
                    number, _, _ = model.living.pop(said)
                    services.undo(actor=operator(), number=number, reason="a test")
            else:
                assert isinstance(said, tuple)
                outcome = brought_in(one(Path(folder), what, said))
                assert outcome.refused == 0
                if outcome.state == "done":
                    model.living.append((outcome.number or 0, what, said))
                else:
                    assert outcome.state == "repeated"
                    assert (what, said) in [(table, rows) for _, table, rows in model.living]
            assert sorted(visible()) == model.events()
            assert dict(zip(visible("partners", "partner"), [n for _, n in _named()], strict=True)) == model.names()
        transaction.set_rollback(True)


def _named() -> list[tuple[str, str]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT partner, name FROM facts.partners ORDER BY 1")
        return list(cursor.fetchall())
