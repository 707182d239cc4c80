"""What the last comparison of all records has learned, as this process keeps it.

What reads and weighs records is loaded when the first is: most processes record facts that rename nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import connection

from hanse.apps.likeness.models import Known

if TYPE_CHECKING:
    import pyarrow as pa

    from hanse.decisions import same_firm_one as one_by_one

NONE = 0  # nothing was compared yet
_FEW = 400  # unknown words that are looked for misspelt


def latest_number() -> int:
    """The number of the last comparison of all."""
    return Known.objects.order_by("-pk").values_list("pk", flat=True).first() or NONE


def latest() -> tuple[int, one_by_one.Known]:
    """The number of the last comparison, and what it has learned: of none, what is usual. One statement once it was read."""
    number = latest_number()
    return number, _known(number)


def scales(number: int) -> one_by_one.Scales:
    """Scales for what that comparison has learned."""
    return _scales(number)


@lru_cache(maxsize=2)
def _known(number: int) -> one_by_one.Known:
    from hanse.decisions import same_firm_one as one_by_one

    return one_by_one.known_of(Known.objects.get(pk=number).says) if number else one_by_one.usual()


@lru_cache(maxsize=2)
def _scales(number: int) -> one_by_one.Scales:
    from hanse.decisions import same_firm_one as one_by_one

    return one_by_one.Scales(_known(number))


def table_of(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows as texts, a column for each name that any of them has."""
    import pyarrow as pa

    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table(
        {
            name: pa.array([None if row.get(name) is None else str(row[name]) for row in rows], pa.string())
            for name in names
        }
    )


def vocabulary(table: pa.Table) -> dict[str, one_by_one.Word]:
    """The words of these records that are known, or a typing error away from one that is. Two statements at most.

    Of many unknown words none is taken for misspelt: each has some five hundred that are near it.
    """
    from hanse.decisions import same_firm_one as one_by_one
    from hanse.decisions.same_firm_records import words_of

    found = _words(words_of(table))
    unknown = one_by_one.unknown_words(table, found)
    near = {word: one_by_one.misspelt(word) for word in unknown} if len(unknown) <= _FEW else {}
    others = _words(set().union(*near.values())) if near else {}
    for word, texts in near.items():
        meant = one_by_one.meant_by({text: others[text] for text in texts & others.keys()})
        if meant is not None:
            found[word] = meant
    return found


def _words(texts: set[str]) -> dict[str, one_by_one.Word]:
    from hanse.decisions import same_firm_one as one_by_one

    with connection.cursor() as cursor:
        cursor.execute("SELECT word, code, common, times FROM likeness_word WHERE word = ANY(%s)", [list(texts)])
        return {word: one_by_one.Word(code, common, times) for word, code, common, times in cursor.fetchall()}
