"""Which of the records that were compared is a new one the same firm as?

What a comparison of all records has learned is kept: what each likeness weighs, how frequent values and words are, which keys too many records share.
With it one record is read, looked up and weighed as if it had been among them, in plain Python, for a few records at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import log2
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hanse.decisions.same_firm_evidence import evidence_of
from hanse.decisions.same_firm_keys import KEYS, RARE
from hanse.decisions.same_firm_plain import Answer, plain
from hanse.decisions.same_firm_records import common_words, comparable_by, words_of
from hanse.decisions.same_firm_weights import BESIDES, FREQUENCIES, Model

if TYPE_CHECKING:
    from hanse.decisions.same_firm import Firms

Record = dict[str, Any]
_SETS = ("words", "special", "other_cores")
_NOT_KEPT = frozenset({"unique_id", "rid", "rarity", "rare1", "rare2", "rare3", "sound"})
_NEW = 1 << 40  # numbers of words that nobody had said
_USUAL_RECORDS, _USUAL_GROUP, _RAREST = 1000, 50, 80
_COMMON = 20  # firms that have a common word, where nothing was counted
_LEAST_CHANCE = 1e-4
_SPREAD = "spread"


@dataclass(frozen=True)
class Step:
    """One level of a comparison: what it weighs, and the column whose frequent values weigh less, with how frequent the mean one is."""

    condition: str
    says: str
    bits: float
    column: str | None = None
    mean: float = 0.0


@dataclass(frozen=True)
class Comparison:
    """One comparison, its levels best first, the last for whatever is left (its condition is empty)."""

    name: str
    shown: str
    missing: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Known:
    """What the last comparison of all has learned. `rarest` is the weight of a word that one record has, `caps` the largest group by key."""

    rows: int
    prior: float
    cut: float
    comparisons: tuple[Comparison, ...]
    caps: dict[str, int] = field(default_factory=dict)
    rarest: int = _RAREST
    rarest_name: float = 2.0**-20

    def as_json(self) -> dict[str, Any]:
        """For `known_of`."""
        return asdict(self)


@dataclass(frozen=True)
class Word:
    """A word of the records compared: its number with its weight, whether many firms are called by it, how many names have it."""

    code: int
    common: bool
    times: float


@dataclass(frozen=True)
class Weighed:
    """How likely two records are one firm, in bits, and what spoke for and against: the prior first."""

    bits: float
    because: tuple[dict[str, Any], ...]

    @property
    def probability(self) -> float:
        """How likely they are one firm, 0 to 1."""
        return float(1 / (1 + 2 ** -max(-60.0, min(60.0, self.bits))))


def known_of(kept: Mapping[str, Any]) -> Known:
    """What `as_json` gave."""
    comparisons = tuple(
        Comparison(one["name"], one["shown"], one["missing"], tuple(Step(**step) for step in one["steps"]))
        for one in kept["comparisons"]
    )
    return Known(**{**kept, "comparisons": comparisons})


def learned(firms: Firms, db: Any) -> Known:
    """What a comparison has learned, of which `db` still has the tables. Raises ValueError for one that compared nothing."""
    if firms.model is None:
        raise ValueError("nothing was compared")
    rows, caps = (
        db.execute(f"SELECT {what}").fetchall() for what in ("count(*) FROM same_firm_records", "* FROM same_firm_caps")
    )
    rarest = db.execute(
        "SELECT max(code % 256), (SELECT min(tf_core) FROM same_firm_names) FROM same_firm_vocabulary"
    ).fetchall()[0]
    return Known(
        int(rows[0][0]), firms.prior, firms.cut, _comparisons(firms.model), dict(caps), int(rarest[0] or _RAREST), float(rarest[1] or 2.0**-20)
    )  # fmt: skip


def usual() -> Known:
    """What is taken to be so before any records were compared: what is usual among two records of one firm, and that chance is rare."""
    filled = dict.fromkeys(
        ("number", "street", "postcode", "city", "country", "phone", "domain", "registration", "form"), 1.0
    )
    evidence = evidence_of(filled, log2(2 * _USUAL_RECORDS), once={})
    m = [[*(level.m for level in one.levels), one.otherwise] for one in evidence]
    u = [list(one.chance) or [*(_chance(one.name, level.m) for level in one.levels), 0.9] for one in evidence]
    for one, ms, us in zip(evidence, m, u, strict=True):
        for number, level in enumerate(one.levels):
            if level.fixed is not None:
                us[number] = level.m / 2.0**level.fixed if level.fixed > 0 else us[number]
                ms[number] = us[number] * 2.0**level.fixed
    return Known(_USUAL_RECORDS, -log2(_USUAL_RECORDS), 2.0, _comparisons(Model(evidence, m, u, [])))


def _chance(name: str, m: float) -> float:
    """How often two firms show a level, where nobody has counted: seldom what records of one firm often show."""
    often = 0.05 if name in {"place", "address"} else 0.005
    return _LEAST_CHANCE if m >= 0.4 else often


def _comparisons(model: Model) -> tuple[Comparison, ...]:
    found = []
    for one, m, u in zip(model.evidence, model.m, model.u, strict=True):
        mean = {str(level.tf): chance for level, chance in zip(one.levels, u, strict=False)
                if level.tf and level.condition == f"{level.tf}_l = {level.tf}_r"}  # fmt: skip
        steps = [
            Step(level.condition, level.says, log2(m[n] / u[n]), level.tf, mean.get(level.tf or "", 0.0))
            for n, level in enumerate(one.levels)
        ]
        steps.append(Step("", "different", log2(m[-1] / u[-1])))
        found.append(Comparison(one.name, one.shown, one.missing, tuple(steps)))
    return tuple(found)


# -- reading ---------------------------------------------------------------------------------------------------------


def unknown_words(records: pa.Table, vocabulary: Mapping[str, Word]) -> set[str]:
    """Words of these records that may be others misspelt: for `misspelt`."""
    return {
        word for word in words_of(records) - vocabulary.keys() if len(word) >= 5 and word.isalpha() and word.isascii()
    }


def misspelt(word: str) -> set[str]:
    """Every text that is one typing error away: a letter left out, added, changed, or two in the other order."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    parts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    found = {a + b[1:] for a, b in parts if b} | {a + b[1] + b[0] + b[2:] for a, b in parts if len(b) > 1}
    found |= {a + c + b for a, b in parts for c in letters} | {a + c + b[1:] for a, b in parts if b for c in letters}
    return {other for other in found if len(other) >= 5} - {word}


def meant_by(near: Mapping[str, Word]) -> Word | None:
    """Of the words that are one typing error away, the one that is meant: the most frequent one, then the first."""
    return min(near.items(), key=lambda one: (-one[1].times, one[0]))[1] if near else None


def read(records: pa.Table, known: Known, vocabulary: Mapping[str, Word]) -> list[Record]:
    """Each record as it is compared, and its `keys`. `vocabulary` has the words of theirs that are known, or stand for one that is."""
    fresh: dict[int, bool] = {word.code: word.common for word in vocabulary.values()}
    usual_ones = common_words()

    def encode(word: str) -> int:
        if word in vocabulary:
            return vocabulary[word].code
        bits = known.rarest / 8 - (log2(1 + _COMMON) if word in usual_ones else 0)
        weight = round(8 * bits * (0.5 if len(word) == 1 or word.isdigit() else 1))
        code = (_NEW + int.from_bytes(hashlib.md5(word.encode(), usedforsecurity=False).digest()[:4])) * 256 + max(
            1, min(255, weight)
        )
        fresh[code] = word in usual_ones
        return code

    rows = comparable_by(records, encode, lambda code: fresh[code]).to_pylist()
    return [_with_frequencies(row, known) | {"keys": keys_of(row)} for row in rows]


def _with_frequencies(row: Record, known: Known) -> Record:
    """What a value weighs that no record compared had; of one that had, the other record knows."""
    rarity = sum(code % 256 for code in row["words"]) / 8
    by_words = max(2.0**-rarity, known.rarest_name) if rarity else None
    once = 1 / (known.rows + BESIDES)
    return (
        row
        | {f"tf_{c}": (by_words if c == "core" else once) if row[c] is not None else None for c in FREQUENCIES}
        | {_SPREAD: 1}
    )


def keys_of(row: Record) -> list[int]:
    """The keys by which a record is looked up, as numbers."""
    found = {
        key_of(name, str(value))
        for name, expression in KEYS.items()
        if (value := plain(expression)(row, row)) is not None
    }
    return sorted(found | {key_of(RARE, str(row[one])) for one in ("rare1", "rare2", "rare3") if row[one] is not None})


def key_of(name: str, value: str) -> int:
    """A key as a number of 63 bits, as `keys_in_sql` gives it."""
    return int.from_bytes(hashlib.md5(f"{name}|{value}".encode(), usedforsecurity=False).digest()[8:], "little") >> 1


def keys_in_sql() -> dict[str, str]:
    """Key -> SQL over `same_firm_records` that gives what `key_of` does: for all records at once."""
    listed = KEYS | {one: f"{one}::VARCHAR" for one in ("rare1", "rare2", "rare3")}
    return {
        name: f"(md5_number_lower('{RARE if name.startswith(RARE) else name}|' || ({value})) >> 1)::BIGINT"
        for name, value in listed.items()
    }


def records_in_sql(db: Any) -> str:
    """A query over the tables that a comparison left: id, keys, and the record as `plain_record` takes it, as JSON."""
    columns = [row[0] for row in db.execute("DESCRIBE same_firm_records").fetchall() if row[0] not in _NOT_KEPT]
    parts = [f"{c} := r.{c}" for c in columns] + [f"tf_{c} := {table}.tf_{c}" for c, table in FREQUENCIES.items()]
    joins = " ".join(f"LEFT JOIN {table} ON {table}.{column} = r.{column}" for column, table in FREQUENCIES.items())
    return (
        f"SELECT r.unique_id AS id, r.keys, to_json(struct_pack({', '.join(parts)})) AS said "
        f"FROM (SELECT *, list_distinct([{', '.join(keys_in_sql().values())}]) AS keys FROM same_firm_records) AS r {joins}"
    )


def too_common_in_sql() -> str:
    """A query over the same tables: the keys that the comparison passed over, for too many records share them."""
    each = keys_in_sql()
    parts = []
    for name, key in each.items():
        if not name.startswith(RARE):
            parts.append(f"SELECT {key} AS key FROM same_firm_records GROUP BY 1 "
                         f"HAVING count(*) > (SELECT greatest(most, 1) FROM same_firm_caps WHERE key = '{name}')")  # fmt: skip
    rare = ", ".join(each[one] for one in ("rare1", "rare2", "rare3"))
    parts.append(f"SELECT unnest([{rare}]) AS key FROM same_firm_records GROUP BY 1 "
                 f"HAVING count(*) > (SELECT greatest(most, 1) FROM same_firm_caps WHERE key = '{RARE}')")  # fmt: skip
    return f"SELECT DISTINCT key FROM ({' UNION ALL '.join(parts)}) WHERE key IS NOT NULL"


def kept_record(row: Record) -> Record:
    """What is kept of a record that `read` gave, beside its keys."""
    return {
        name: value for name, value in row.items() if name not in _NOT_KEPT and name != "keys" and value is not None
    }


# -- weighing --------------------------------------------------------------------------------------------------------


class Scales:
    """Weighs pairs of records by what a comparison of all has learned; made once, for its conditions are translated."""

    def __init__(self, known: Known) -> None:
        self._known = known
        made = [
            (one, plain(one.missing), [(plain(s.condition) if s.condition else None, s) for s in one.steps])
            for one in known.comparisons
        ]
        # what is dear to tell comes last, when it may no longer matter
        self._comparisons = sorted(made, key=lambda one: one[0].name == "name")
        self._best = [
            max(0.0, *(s.bits + max(0.0, _rarest(s, known)) for s in one.steps)) for one, _, _ in self._comparisons
        ]
        columns = {"source", _SPREAD, *(f"tf_{column}" for column in FREQUENCIES)}
        for one, _, _ in made:
            for condition in (one.missing, *(s.condition for s in one.steps)):
                columns |= {word[:-2] for word in _words(condition)}
        self._blank = dict.fromkeys(columns)

    def record(self, kept: Mapping[str, Any]) -> Record:
        """A record as it was kept, ready to be weighed."""
        row = self._blank | dict(kept)
        for name in _SETS:
            row[name] = frozenset(row.get(name) or ())
        return row

    def weigh(self, one: Record, other: Record, *, least: float) -> Weighed | None:
        """The pair's weight and why; None where it is less than `least`."""
        bits = self._known.prior
        hopes = sum(self._best)
        found: list[dict[str, Any]] = []
        for (comparison, missing, steps), best in zip(self._comparisons, self._best, strict=True):
            if bits + hopes < least:
                return None
            hopes -= best
            if missing(one, other):
                continue
            step = _step(steps, one, other)
            weight = step.bits + _adjusted(step, one, other)
            bits += weight
            found.append({"what": comparison.name, "bits": round(weight, 2), "how": step.says, "one": _shown(one, comparison.shown),
                          "other": _shown(other, comparison.shown)})  # fmt: skip
        if bits < least:
            return None
        prior = {"what": "prior", "bits": round(self._known.prior, 4), "how": "how rarely two records of the list are one firm",
                 "one": None, "other": None}  # fmt: skip
        return Weighed(round(bits, 2), (prior, *found))

    def likely(self, one: Record, others: Iterable[tuple[str, Record]], *, least: float) -> list[tuple[str, Weighed]]:
        """Which of the others are likely the same firm, the likeliest first."""
        listed = list(others)
        one = one | {_SPREAD: _spread(one, [other for _, other in listed])}
        found = [
            (key, weighed) for key, other in listed if (weighed := self.weigh(one, other, least=least)) is not None
        ]
        return sorted(found, key=lambda pair: (-pair[1].bits, pair[0]))


def _step(steps: Sequence[tuple[Answer | None, Step]], one: Record, other: Record) -> Step:
    for condition, step in steps:
        if condition is None or condition(one, other):
            return step
    raise AssertionError("the last level holds for whatever is left")


def _adjusted(step: Step, one: Record, other: Record) -> float:
    """What a value weighs more or less than the mean one, for it is rare or frequent."""
    if not step.column:
        return 0.0
    told = [chance for side in (one, other) if (chance := side[f"tf_{step.column}"]) is not None]
    return log2(step.mean) - log2(max(told)) if told else 0.0


def _rarest(step: Step, known: Known) -> float:
    if not step.column:
        return 0.0
    return log2(step.mean) - log2(known.rarest_name if step.column == "core" else 1 / (known.rows + BESIDES))


def _spread(one: Record, others: Sequence[Record]) -> int:
    """In how many places the name stands, the record's own among them."""
    if one["core"] is None:
        return 0
    namesakes = [other for other in others if other["core"] == one["core"]]
    places = {place for row in (one, *namesakes) if (place := row["city"] or row["postcode"]) is not None}
    return max([len(places), *(other[_SPREAD] or 0 for other in namesakes)])


def _shown(row: Record, column: str) -> str | None:
    if column == "address":
        return " ".join(part for part in (row["number"], row["whole_street"]) if part) or None
    return str(row[column]) if row.get(column) is not None else None


def _words(condition: str) -> set[str]:
    import re

    return set(re.findall(r"\b[a-z_]+_[lr]\b", condition))
