"""How many different persons qualify for each competency of a partner?

A person with five certificates for a competency counts once. Instead of making (partner, competency, person) distinct, a
person's competencies are bits: one row per person holds them all, is counted for the partner as it is, and for the
competencies that are asked about by looking at their bits.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from hanse.language.context import Context
from hanse.language.plan import quoted
from hanse.language.simple import Reading, competency_of, counting_columns

WORD = 62  # bits used of an integer of 64
PERSON = "t.eid"


def counted_by_bits(ctx: Context, reading: Reading, x: str) -> Callable[[str], str] | None:
    """The SELECT (pid, competency, count) for the keys of a relation given by name; None where rows must be told apart.

    Only keys with at least one person are in it.
    """
    if not _plain(reading) or reading.metric.per != "competency" or reading.metric.min_count:
        return None
    columns = counting_columns(ctx, reading.table)
    source = f"{reading.table.relation} AS t"
    if len(columns) != 1 or reading.source != source + competency_of(ctx, reading.table)[0]:
        return None
    words = _bits(ctx, columns[0])
    known = (reading.table.relation, reading.condition)
    step = ctx.persons.get(known)
    if step is None:
        held = ", ".join(f"BIT_OR(COALESCE(k.m_{w}, 0)) AS m_{w}" for w in range(words))
        step = ctx.persons[known] = ctx.plan.add(
            f"persons_{reading.instance.column}",
            f"SELECT t.pid, {PERSON}, {held} FROM {source} LEFT JOIN $masks_{columns[0]} AS k "
            f"ON k.item = t.{quoted(columns[0])} WHERE {reading.condition} AND {PERSON} IS NOT NULL GROUP BY t.pid, {PERSON}",
            keep=True,
        )
    test = " OR ".join(f"(g.m_{w} & k.b_{w}) <> 0" for w in range(words))

    def among(keys: str) -> str:
        return (
            f"SELECT c.pid, c.competency, COUNT(*) AS {x} FROM {keys} AS c JOIN $competency_bits AS k "
            f"ON k.competency = c.competency JOIN ${step} AS g ON g.pid = c.pid WHERE {test} GROUP BY c.pid, c.competency"
        )

    return among


def counted_already(ctx: Context, reading: Reading) -> str | None:
    """The relation with one row per person and partner of a metric per partner, where the same rows were read before."""
    if not _plain(reading) or reading.key or reading.source != f"{reading.table.relation} AS t":
        return None
    step = ctx.persons.get((reading.table.relation, reading.condition))
    return None if step is None else f"${step}"


def _plain(reading: Reading) -> bool:
    metric, measure = reading.metric, reading.measure
    counted = metric.agg == "count_distinct" and measure is not None and measure.num == PERSON and measure.den == 1
    return counted and not metric.newest and not metric.each and reading.pid == "t.pid"


def _bits(ctx: Context, column: str) -> int:
    """Adds which competencies a value of the column counts for (item, m_0 ...), and each competency's bit; how many words."""
    listed = ctx.edition.competencies.competencies if ctx.edition.competencies else {}
    words = max(1, -(-len(listed) // WORD))
    masks: dict[str, int] = {}
    for number, entry in enumerate(listed.values()):
        for item in entry.counts.get(column, ()):
            masks[item] = masks.get(item, 0) | 1 << number
    ctx.plan.add_rows(
        f"masks_{column}",
        pa.table({"item": pa.array(list(masks), pa.string()), **_words("m", list(masks.values()), words)}),
    )
    every = [1 << number for number in range(len(listed))]
    numbers = pa.array(range(len(listed)), pa.int32())
    ctx.plan.add_rows("competency_bits", pa.table({"competency": numbers, **_words("b", every, words)}))
    return words


def _words(name: str, masks: list[int], words: int) -> dict[str, pa.Array]:
    low = (1 << WORD) - 1
    return {f"{name}_{w}": pa.array([mask >> WORD * w & low for mask in masks], pa.int64()) for w in range(words)}
