"""What does each likeness weigh in this list, and which pairs of records does it speak for?

Splink blocks, compares and weighs (Fellegi and Sunter). How often a likeness is chance is counted over pairs of a sample; how often
records of one firm show it is learned by expectation maximisation inside groups that share a telephone, an address, a
domain or a name, and rests on what is usual where a list has few of those.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from hanse.decisions.same_firm_evidence import Evidence, comparison_of
from hanse.decisions.same_firm_keys import with_keys

Floats = npt.NDArray[np.float64]

SAMPLE = 1100  # records of which every pair is looked at to learn what chance does
_TRAINED_BY = {"k_phone": "phone", "k_street": "address", "k_core": "name", "k_domain": "domain"}
_LEAST_TRAINING_PAIRS = 300
FREQUENCIES = {"core": "same_firm_names"} | {
    c: f"same_firm_of_{c}" for c in ("postcode", "city", "phone", "domain", "registration")
}
BESIDES = 150  # records that a list is thought to hold besides its own
_CHANCE_STRENGTH, _CHANCE = (
    1000,
    0.0005,
)  # pairs that count beside those of a sample, and how often they show a likeness
_PLAIN = 0.25  # a likeness that so many pairs show is no sign of a match, however short the list
_SMALL_GROUP = (
    4  # records that share a key: chains and switchboards, of which there are few but with many pairs, teach nothing
)
_PRIOR_STRENGTH = 40  # matches that what is usual counts as
_TRAINING_PAIRS = 300_000
_FAR_BELOW = -14.0  # bits of weight under which a pair is not kept at all
_DIGITS = 6
_RARER_THAN_THE_LIST = (
    10.0,
    4.0,
)  # bits: where nothing tells namesakes apart, and where every record has an address or a telephone
_FREE = 0.3  # of matches whose names share but some words, from which on a list writes names freely
_CHAIN = 4  # sites of a name, from which on it is a chain's
_OF_ONE_FIRM = (50.0, 8.0)  # records that share a name and may well be one firm's: likewise


@dataclass
class Model:
    """The comparisons with their probabilities, best level first."""

    evidence: Sequence[Evidence]
    m: list[list[float]]
    u: list[list[float]]
    learned_from: list[str]
    taught: set[str] = field(default_factory=set)  # comparisons whose m was learned from groups


def weigh(db: Any, table: str, evidence: Sequence[Evidence], rows: int) -> tuple[Model, str]:
    """The model, and the name of a table of pairs: unique_id_l, unique_id_r, match_weight, mw_* and mw_tf_adj_* of each comparison."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    keys = with_keys(db, table)
    by_name = _names_by_chance(db, table, rows)
    _frequencies(db, table)
    u = [_multiples(one, said, by_name) for one, said in zip(evidence, _by_chance(db, table, evidence), strict=True)]
    model = Model(evidence, [[*(level.m for level in e.levels), e.otherwise] for e in evidence], u, [])
    model.m = [_sum_to_one(m) for m in model.m]
    _train(db, model, keys)
    if not keys:
        return model, ""
    linker = _linker(db, "same_firm_keyed", model, 1 / max(rows, 2), keys)
    pairs = linker.inference.predict(threshold_match_weight=_FAR_BELOW)
    return model, pairs.physical_name


def _sum_to_one(m: Sequence[float]) -> list[float]:
    """Probabilities, rounded so that the last digits of a sum do not matter, and a hair apart: a weight tells its level."""
    return [round(value / sum(m), _DIGITS) + 1e-7 * number for number, value in enumerate(m)]


def _linker(db: Any, table: str, model: Model, prior: float, keys: Sequence[str], *, kept: bool = True) -> Any:
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    rules: list[Any] = [
        block_on("rare", arrays_to_explode=["rare"]) if key == "rare" else block_on(key) for key in keys
    ]
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="unique_id",
        probability_two_random_records_match=prior,
        comparisons=[comparison_of(e, m, u) for e, m, u in zip(model.evidence, model.m, model.u, strict=True)],
        blocking_rules_to_generate_predictions=rules,
        retain_intermediate_calculation_columns=kept,
        retain_matching_columns=False,
        em_convergence=0.001,
        max_iterations=25,
    )
    api = DuckDBAPI(connection=db)
    linker = Linker(api.register(table), settings, log_level=logging.ERROR)
    columns = {"core"} | {level.tf for e in model.evidence for level in e.levels if level.tf}
    for column in sorted(columns):
        linker.table_management.register_term_frequency_lookup(api.register(FREQUENCIES[column]), column)
    return linker


def _by_chance(db: Any, table: str, evidence: Sequence[Evidence]) -> list[list[float]]:
    """How often two records show each level: over every pair of a sample that the records' ids choose, not their order."""
    db.execute(
        f"CREATE OR REPLACE TABLE same_firm_sample AS SELECT * FROM {table} ORDER BY md5(unique_id), unique_id LIMIT {SAMPLE}"
    )
    counted = _levels_of(db, evidence, "same_firm_sample AS l JOIN same_firm_sample AS r ON l.unique_id < r.unique_id")
    return [
        [*(_rate(n, sum(levels)) for n in levels[:-1]), round(max(levels[-1], 0.5) / max(sum(levels), 1), 9)]
        for levels in counted
    ]


def _rate(seen: int, pairs: int) -> float:
    """In long lists what was seen; in short ones little more than what is usual, for their likenesses are their matches."""
    if seen > _PLAIN * pairs and pairs:
        return round(seen / pairs, 9)
    return round(max((seen + _CHANCE_STRENGTH * _CHANCE) / (pairs + _CHANCE_STRENGTH), 1e-6), 9)


def _levels_of(db: Any, evidence: Sequence[Evidence], pairs: str) -> list[list[int]]:
    """For each comparison the number of pairs at each level; `pairs` joins records as l and r."""
    made: list[str] = []
    for one in evidence:
        cases = " ".join(f"WHEN {sided(level.condition)} THEN {number}" for number, level in enumerate(one.levels))
        made.append(f"CASE WHEN {sided(one.missing)} THEN -1 {cases} ELSE {len(one.levels)} END AS g_{len(made)}")
    db.execute(f"CREATE OR REPLACE TEMP TABLE same_firm_levels AS SELECT {', '.join(made)} FROM {pairs}")
    found = []
    for number, one in enumerate(evidence):
        seen = dict(
            db.execute(f"SELECT g_{number}, count(*) FROM same_firm_levels WHERE g_{number} >= 0 GROUP BY 1").fetchall()
        )
        found.append([int(seen.get(level, 0)) for level in range(len(one.levels) + 1)])
    return found


def _frequencies(db: Any, table: str) -> None:
    """Writes how frequent each value of a column is, as if the list were longer: in five records a telephone is no rarer than it is."""
    for column, written in FREQUENCIES.items():
        if column != "core":
            db.execute(
                f"CREATE OR REPLACE TABLE {written} AS SELECT {column}, round(count(*) / (sum(count(*)) OVER () + {BESIDES}), 12) AS tf_{column} "
                f"FROM {table} WHERE {column} IS NOT NULL GROUP BY {column} ORDER BY {column}"
            )


def _alone_or_anchored(db: Any, table: str, ends: tuple[float, float]) -> float:
    """Between the two by how many records have an address or a telephone: namesakes matter where these could tell them apart."""
    said = "(street IS NOT NULL OR number IS NOT NULL OR phone IS NOT NULL)::INT"
    share = db.execute(f"SELECT coalesce(avg({said}), 0) FROM {table}").fetchall()[0][0]
    return round(ends[0] + (ends[1] - ends[0]) * float(share), 3)


def _names_by_chance(db: Any, table: str, rows: int) -> float:
    """Writes `same_firm_names`: core, and how likely another firm has this name: what its words say, unless so many records
    share its rarest words that they cannot all be one firm. Returns the mean over records.

    Firms copy names and families share them: beyond a point a name that is rarer by its words says no more.
    """
    most = round(math.log2(rows + 1) + _alone_or_anchored(db, table, _RARER_THAN_THE_LIST), 3)
    often = _alone_or_anchored(db, table, _OF_ONE_FIRM)
    db.execute(
        f"""
        CREATE OR REPLACE TABLE same_firm_names AS
        WITH known AS (
            SELECT core, rarity, spread, count(*) OVER (PARTITION BY rare1, rare2) AS together FROM same_firm_keyed WHERE core IS NOT NULL
        )
        SELECT core, round(least(0.5, greatest(pow(2, -least(max(rarity), {most})), (max(together) - {often}) / {rows}.0,
            CASE WHEN max(spread) >= {_CHAIN} THEN max(spread) / ({rows} + {BESIDES}.0) ELSE 0 END)), 12) AS tf_core,
            count(*) AS n
        FROM known GROUP BY core ORDER BY core
        """
    )
    mean = db.execute("SELECT sum(tf_core * n) / sum(n) FROM same_firm_names").fetchall()[0][0]
    db.execute("ALTER TABLE same_firm_names DROP COLUMN n")
    return round(float(mean or 0.001), 9)


def _multiples(one: Evidence, counted: list[float], first: float) -> list[float]:
    """How often chance shows each level, where some are told by their first one."""
    if one.chance:
        return list(one.chance)
    times = [*(level.times for level in one.levels), None]
    return [c if t is None else min(first * t, 0.5) for c, t in zip(counted, times, strict=True)]


def sided(condition: str) -> str:
    """A condition on columns with _l and _r, for tables called l and r."""
    import re

    return re.sub(r"\b([a-z_]+)_([lr])\b", r"\2.\1", condition)


def _train(db: Any, model: Model, keys: Sequence[str]) -> None:
    """Learns m inside groups of each key that has enough pairs, and lets what is usual have its say."""
    learned: list[dict[str, tuple[float, list[float]]]] = []
    small = ", ".join(
        f"CASE WHEN count(*) OVER (PARTITION BY {key}) <= {_SMALL_GROUP} THEN {key} END AS {key}"
        for key in _TRAINED_BY
        if key in keys
    )
    if small:
        db.execute(f"CREATE OR REPLACE TABLE same_firm_small AS SELECT * REPLACE ({small}) FROM same_firm_keyed")
    for key, name in _TRAINED_BY.items():
        if key not in keys or not any(e.name == name for e in model.evidence) or len(model.evidence) < 3:
            continue
        pairs = db.execute(
            f"SELECT coalesce(sum(n * (n - 1) / 2), 0) FROM (SELECT count(*) AS n FROM same_firm_small WHERE {key} IS NOT NULL GROUP BY {key})"
        ).fetchall()[0][0]
        if pairs < _LEAST_TRAINING_PAIRS:
            continue
        learned.append(_session(db, model, key, name, float(pairs)))
        model.learned_from.append(name)
    free = _is_free(learned)
    for number, one in enumerate(model.evidence):
        said = [session[one.name] for session in learned if one.name in session]
        if said and not one.chance:
            model.taught.add(one.name)
            total = sum(weight for weight, _ in said)
            mixed = [
                (_PRIOR_STRENGTH * usual + sum(weight * m[level] for weight, m in said)) / (_PRIOR_STRENGTH + total)
                for level, usual in enumerate(model.m[number])
            ]
            model.m[number] = _sum_to_one([max(value, 1e-4) for value in mixed])
        for level, said_of in enumerate(one.levels):
            if said_of.fixed is not None and not (said_of.unless_free and free):
                if said_of.fixed > 0:
                    model.u[number][level] = said_of.m / 2.0**said_of.fixed
                model.m[number][level] = model.u[number][level] * 2.0**said_of.fixed


def _is_free(learned: Sequence[Mapping[str, tuple[float, list[float]]]]) -> bool:
    """Do lists write one firm's name freely? Then half of the words in common is usual, and another trade tells no sister."""
    said = [session["name"] for session in learned if "name" in session]
    if not said:
        return False
    total = sum(weight for weight, _ in said)
    different = [sum(weight * sum(m[-5:-1]) for weight, m in said) / total]
    return different[0] >= _FREE


def _session(db: Any, model: Model, key: str, name: str, pairs: float) -> dict[str, tuple[float, list[float]]]:
    """comparison -> expected matches, and m by level, as Splink learns them inside the groups of one key."""
    from splink import block_on

    others = [i for i, e in enumerate(model.evidence) if e.name != name]
    part = Model([model.evidence[i] for i in others], [model.m[i] for i in others], [model.u[i] for i in others], [])
    linker = _linker(db, "same_firm_small", part, 0.2, [key], kept=False)
    session = linker.training.estimate_parameters_using_expectation_maximisation(
        block_on(key), estimate_without_term_frequencies=True, max_pairs=_TRAINING_PAIRS
    )
    core = session.core_model_settings
    matches = min(pairs, _TRAINING_PAIRS) * float(core.probability_two_random_records_match)
    found = {}
    for i, comparison in zip(others, core.comparisons, strict=True):
        levels = [level for level in comparison.comparison_levels if not level.is_null_level]
        m = [_probability(level.m_probability, usual) for level, usual in zip(levels, model.m[i], strict=True)]
        found[model.evidence[i].name] = (matches, m)
    return found


def _probability(value: Any, usual: float) -> float:
    """Splink's value, which is a text where a level was never seen."""
    return float(value) if isinstance(value, int | float) else usual


SAID = (
    "core", "number", "street", "postcode", "city", "country", "phone", "domain", "registration", "form", "source",
)  # fmt: skip


def shares_filled(db: Any, table: str) -> Mapping[str, float]:
    """The share of records that say something, by column of the comparable table."""
    listed = ", ".join(f"avg(({name} IS NOT NULL)::INT)" for name in SAID)
    row = db.execute(
        f"SELECT {listed}, avg((len(other_cores) > 1)::INT), count(DISTINCT source) FROM {table}"
    ).fetchall()[0]
    found = dict(zip((*SAID, "others", "sources"), (float(v or 0) for v in row), strict=True))
    return found if found.pop("sources") > 1 else found | {"source": 0.0}  # one source tells nothing
