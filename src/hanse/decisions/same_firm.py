"""Which records are the same firm?

Records of one or several lists, with as much as each says of name, address, telephone, web site and registration, become
firms: groups of records with a confidence, and the likely pairs with what spoke for and against each. Nothing has to be
labelled; what people decided is honoured and taught from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from hanse.decisions import same_firm_clusters as linkage
from hanse.decisions.same_firm_evidence import DIFFERENT, RARELY, evidence_of
from hanse.decisions.same_firm_once import said_once
from hanse.decisions.same_firm_records import comparable
from hanse.decisions.same_firm_settling import settle
from hanse.decisions.same_firm_teaching import LEAST, teach
from hanse.decisions.same_firm_weights import Model, shares_filled, sided, weigh
from hanse.language.plan import literal
from hanse.language.problems import CallError, Problem

# bits for each field that speaks, and at most: fields are never quite independent, and together too sure of themselves
_CUT, _MOST_CUT = 0.5, 2.0
_ALONE = 1.5  # bits less where no place and no telephone speak: of two firms by one name nobody could say more
# sites of a name: the places it stands in, or the telephones where no place is said
_SPREAD = (
    "CASE WHEN core IS NULL THEN 0 ELSE count(DISTINCT coalesce(city, postcode, phone)) OVER (PARTITION BY core) END"
)
# a registration that stands beside so many names was written for want of another, and proves nothing
_BORROWED = "count(DISTINCT core) OVER (PARTITION BY registration) >= 4"
_ROOF, _SPEAKS = (
    ("street", "phone", "domain"),
    0.05,
)  # what sisters share besides a name; the share of records from which on it speaks
_RESEMBLED = 30  # records like one other, beyond which it is not asked which of them are sisters
KEPT = -6.0  # bits: pairs at least this likely are given back, for people to look at


@dataclass(frozen=True)
class Decided:
    """What a person said of two records."""

    one: str
    other: str
    same: bool


@dataclass(frozen=True)
class Firms:
    """`clusters`: id, cluster (its smallest id), confidence. `pairs`: id1 < id2, weight in bits, because."""

    clusters: pa.Table
    pairs: pa.Table
    model: Model | None = None
    filled: dict[str, float] = field(default_factory=dict)
    prior: float = 0.0  # bits
    cut: float = 0.0  # bits from which on records are taken for one firm


def same_firm(records: pa.Table, db: Any, decided: Sequence[Decided] = ()) -> Firms:
    """Groups the records. `db` is an open DuckDB connection of whose tables those called same_firm_* are written.

    The order of the records does not matter. Raises CallError if an id is missing or stands twice, or if what was decided
    contradicts itself.
    """
    table = _by_id(records)
    ids = table["id"].to_pylist()
    position = {one: number for number, one in enumerate(ids)}
    together = [
        (position[d.one], position[d.other]) for d in decided if d.same and d.one in position and d.other in position
    ]
    apart = [
        (position[d.one], position[d.other])
        for d in decided
        if not d.same and d.one in position and d.other in position
    ]
    _check(together, apart, ids)
    if len(ids) < 2:
        return Firms(_clusters(ids, np.arange(len(ids)), np.ones(len(ids))), _no_pairs())
    db.register("same_firm_given", table)
    db.register("same_firm_read", comparable(table, db).append_column("rid", pa.array(range(len(ids)), pa.int64())))
    db.execute(
        "CREATE OR REPLACE TABLE same_firm_records AS "
        f"SELECT * REPLACE (valid AND NOT ({_BORROWED}) AS valid), {_SPREAD} AS spread FROM same_firm_read"
    )
    db.unregister("same_firm_read")
    once = said_once(db, "same_firm_records")
    filled = dict(shares_filled(db, "same_firm_records"))
    evidence = evidence_of(filled, float(np.log2(len(ids) + 1000)), once)
    model, pairs = weigh(db, "same_firm_records", evidence, len(ids))
    if not pairs:
        label = linkage.clusters(len(ids), *(np.array([], dtype=np.int64),) * 2, np.array([]), together, apart)
        return Firms(_clusters(ids, label, np.ones(len(ids))), _no_pairs(), model, filled)
    settled = settle(db, pairs, model, model.taught, len(ids))
    if len(decided) >= LEAST:
        settled = teach(db, pairs, model, settled, [(d.one, d.other, d.same) for d in decided])
    prior, shift = settled.prior, settled.shift
    left, right, weight = _columns(db, pairs, shift)
    roof = max(filled[column] for column in _ROOF) >= _SPEAKS
    sisters = _sisters(db, pairs, model, shift) if roof else (left[:0], right[:0])
    cut = _cut(filled, once)
    label = _grouped(db, (left, right, weight), sisters, (together, apart), cut)
    sure = _confidence(label, left, right, weight)
    return Firms(_clusters(ids, label, sure), _pairs(db, pairs, model, prior, shift), model, filled, prior, cut)


def _grouped(db: Any, listed: tuple[Any, Any, Any], sisters: tuple[Any, Any], said: tuple[Any, Any], cut: float) -> Any:
    """The firm of each record, by its pairs and by which of the records that resemble a third one are sisters."""
    rows = db.execute("SELECT count(*) FROM same_firm_records").fetchall()[0][0]
    left, right, weight = listed
    known = np.full(len(sisters[0]), linkage.APART)
    return linkage.clusters(
        rows, np.r_[left, sisters[0]], np.r_[right, sisters[1]], np.r_[weight, known], *said, cut=cut
    )


def _sisters(db: Any, pairs: str, model: Model, shift: float) -> tuple[Any, Any]:
    """Pairs of sisters, where sisters are told by their trades, both of which resemble some third record."""
    nothing = np.array([], np.int64)
    number = next((n for n, one in enumerate(model.evidence) if one.name == "name"), None)
    level = (
        next((n for n, one in enumerate(model.evidence[number].levels) if one.unless_free), None)
        if number is not None
        else None
    )
    if number is None or level is None or np.log2(model.m[number][level] / model.u[number][level]) > linkage.VETO:
        return nothing, nothing
    before = " ".join(f"WHEN {sided(one.condition)} THEN FALSE" for one in model.evidence[number].levels[:level])
    sisters = sided(model.evidence[number].levels[level].condition)
    got = db.execute(
        f"""
        WITH strong AS (SELECT unique_id_l AS x, unique_id_r AS y FROM {pairs} WHERE match_weight + {shift} >= 0),
        either AS (SELECT x, y FROM strong UNION ALL SELECT y, x FROM strong),
        few AS (SELECT x, y FROM either QUALIFY count(*) OVER (PARTITION BY x) BETWEEN 2 AND {_RESEMBLED}),
        thirds AS (SELECT DISTINCT a.y AS one, b.y AS other FROM few AS a JOIN few AS b ON a.x = b.x AND a.y < b.y)
        SELECT l.rid AS l, r.rid AS r FROM thirds JOIN same_firm_records AS l ON l.unique_id = one JOIN same_firm_records AS r ON r.unique_id = other
        WHERE CASE {before} WHEN {sisters} THEN TRUE ELSE FALSE END ORDER BY l.rid, r.rid
        """
    ).fetchnumpy()
    return np.asarray(got["l"], np.int64), np.asarray(got["r"], np.int64)


def _cut(filled: Mapping[str, float], once: Mapping[str, float]) -> float:
    """The bits from which on a group is one firm: the more, the more fields besides the name there are; less than none for names alone,
    unless a list that says each firm once tells namesakes apart."""
    fields = sum(filled[column] >= _SPEAKS for column in ("street", "phone", "domain", "registration"))
    told = 0.0 if once else 1 - max(filled[column] for column in ("street", "phone", "postcode", "city", "country"))
    return round(min(_CUT * fields, _MOST_CUT) - _ALONE * told, 2)


def _by_id(records: pa.Table) -> pa.Table:
    ids = records["id"].cast(pa.string())
    table = records.set_column(records.column_names.index("id"), "id", ids).sort_by("id")
    listed = table["id"].to_pylist()
    for before, one in zip([None, *listed], listed, strict=False):
        if one is None or one == before:
            what = "a record has no id" if one is None else f"two records have the id {one!r}"
            raise CallError(
                Problem("records", what, "records are told apart by their ids", "give every record an id of its own")
            )
    return table


def _check(together: Sequence[tuple[int, int]], apart: Sequence[tuple[int, int]], ids: Sequence[str]) -> None:
    group = linkage.tied(len(ids), together)
    for a, b in apart:
        if group[a] == group[b]:
            raise CallError(Problem("decided", f"{ids[a]!r} and {ids[b]!r} are said to be the same firm, and not to be",
                                    "what was decided ties them together, directly or over others, and keeps them apart",
                                    "take one of these decisions back"))  # fmt: skip


def _columns(db: Any, pairs: str, shift: float) -> tuple[Any, Any, Any]:
    got = db.execute(
        f"SELECT a.rid AS l, b.rid AS r, round(p.match_weight + {shift}, 4) AS w FROM {pairs} AS p JOIN same_firm_records AS a ON a.unique_id = p.unique_id_l "
        "JOIN same_firm_records AS b ON b.unique_id = p.unique_id_r ORDER BY l, r"
    ).fetchnumpy()
    return np.asarray(got["l"], np.int64), np.asarray(got["r"], np.int64), np.asarray(got["w"], np.float64)


def _confidence(label: Any, left: Any, right: Any, weight: Any) -> Any:
    """For a record with others: the mean probability of its pairs with them. For one alone: that it is no one else."""
    probability = 1 / (1 + np.exp2(-np.clip(weight, -60, 60)))
    within = label[left] == label[right]
    total, count, against = np.zeros(len(label)), np.zeros(len(label)), np.zeros(len(label))
    for side in (left, right):
        np.add.at(total, side[within], probability[within])
        np.add.at(count, side[within], 1)
        np.maximum.at(against, side[~within], probability[~within])
    return np.where(count > 0, total / np.maximum(count, 1), 1 - against)


def _clusters(ids: Sequence[str], label: Any, sure: Any) -> pa.Table:
    names = [ids[int(one)] for one in label]
    return pa.table(
        {"id": pa.array(ids, pa.string()), "cluster": pa.array(names, pa.string()), "confidence": np.round(sure, 4)}
    )


_BECAUSE = pa.list_(
    pa.struct(
        [
            ("what", pa.string()),
            ("bits", pa.float64()),
            ("how", pa.string()),
            ("one", pa.string()),
            ("other", pa.string()),
        ]
    )
)


def _no_pairs() -> pa.Table:
    fields = [("id1", pa.string()), ("id2", pa.string()), ("weight", pa.float64()), ("because", _BECAUSE)]
    return pa.schema(fields).empty_table()


def _pairs(db: Any, pairs: str, model: Model, prior: float, shift: float) -> pa.Table:
    """The likely pairs, each with its waterfall: the prior, then what each comparison adds, most telling first."""
    given = {row[0] for row in db.execute("DESCRIBE same_firm_given").fetchall()}
    shown = {"address": "address", "postcode": "postcode", "phone": "phone", "core": "name"}
    columns = {row[0]: row[1] for row in db.execute(f"DESCRIBE {pairs}").fetchall()}
    steps = [
        f"{{'what': 'prior', 'bits': {prior}::DOUBLE, 'how': {literal(RARELY)}, 'one': NULL::VARCHAR, 'other': NULL::VARCHAR}}"
    ]
    for one, m, u in zip(model.evidence, model.m, model.u, strict=True):
        name = one.name.replace(" ", "_")
        bits = f"p.mw_{name}" + (f" + p.mw_tf_adj_{name}" if f"mw_tf_adj_{name}" in columns else "")
        said = [*(level.says for level in one.levels), DIFFERENT]
        how = " ".join(
            f"WHEN abs(p.mw_{name} - {float(np.log2(a / b))!r}) < 1e-7 THEN {literal(says)}"
            for says, a, b in zip(said, m, u, strict=True)
        )
        column = shown.get(one.shown, one.shown)
        sides = [f"{side}.{column}" if column in given else f"{reading}.{one.shown}" if one.shown != "address" else "NULL"
                 for side, reading in (("g", "a"), ("h", "b"))]  # fmt: skip
        steps.append(
            f"CASE WHEN p.mw_{name} <> 0 THEN {{'what': '{one.name}', 'bits': round({bits}, 2), 'how': CASE {how} END, "
            f"'one': {sides[0]}::VARCHAR, 'other': {sides[1]}::VARCHAR}} END"
        )
    found: pa.Table = db.sql(
        f"""
        SELECT p.unique_id_l AS id1, p.unique_id_r AS id2, round(p.match_weight + {shift}, 2) AS weight,
            list_filter([{", ".join(steps)}], lambda s: s IS NOT NULL) AS because
        FROM {pairs} AS p JOIN same_firm_records AS a ON a.unique_id = p.unique_id_l JOIN same_firm_records AS b ON b.unique_id = p.unique_id_r
            JOIN same_firm_given AS g ON g.id = p.unique_id_l JOIN same_firm_given AS h ON h.id = p.unique_id_r
        WHERE p.match_weight + {shift} >= {KEPT} ORDER BY id1, id2
        """
    ).to_arrow_table()
    return found
