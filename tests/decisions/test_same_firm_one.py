"""Is one record weighed, and found, as it would be in a comparison of all?"""

import json
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pytest

from decisions.made_firms import made
from hanse.decisions import same_firm_one as one_by_one
from hanse.decisions.same_firm import Firms, same_firm
from hanse.decisions.same_firm_one import Known, Scales, Word
from hanse.decisions.same_firm_plain import plain


@dataclass(frozen=True)
class Compared:
    """A comparison of all, and what it has left."""

    table: pa.Table
    firms: Firms
    known: Known
    vocabulary: dict[str, Word]
    records: dict[str, one_by_one.Record]
    keys: dict[str, set[int]]
    too_common: set[int]


@pytest.fixture(scope="module")
def compared() -> Compared:
    table = made(3000)
    with duckdb.connect(config={"threads": 2}) as db:
        firms = same_firm(table, db)
        known = one_by_one.learned(firms, db)
        words = db.execute("SELECT word, code, common, times FROM same_firm_vocabulary").fetchall()
        rows = db.execute(one_by_one.records_in_sql(db)).fetchall()
        too_common = {key for (key,) in db.execute(one_by_one.too_common_in_sql()).fetchall()}
    return Compared(
        table, firms, known, {word: Word(code, common, times) for word, code, common, times in words},
        {key: json.loads(said) for key, _, said in rows},
        {key: {k for k in keys if k is not None} for key, keys, _ in rows}, too_common,
    )  # fmt: skip


def test_weights_are_those_of_the_comparison_of_all(compared: Compared) -> None:
    scales = Scales(one_by_one.known_of(json.loads(json.dumps(compared.known.as_json()))))
    records = {key: scales.record(said) for key, said in compared.records.items()}
    pairs = compared.firms.pairs.to_pylist()
    assert len(pairs) > 500
    for pair in pairs:
        weighed = scales.weigh(records[pair["id1"]], records[pair["id2"]], least=-1000)
        assert weighed is not None
        assert weighed.bits == pytest.approx(pair["weight"], abs=0.011)
        said = {part["what"]: (part["bits"], part["how"]) for part in weighed.because if part["bits"]}
        for part in pair["because"]:
            assert said[part["what"]] == (pytest.approx(part["bits"], abs=0.011), part["how"])


def test_a_record_is_read_as_in_the_comparison_of_all(compared: Compared) -> None:
    table = compared.table.slice(0, 400)
    for key, row in zip(
        table["id"].to_pylist(), one_by_one.read(table, compared.known, compared.vocabulary), strict=True
    ):
        assert set(row["keys"]) == compared.keys[key]
        kept, before = one_by_one.kept_record(row), compared.records[key]
        for name in set(kept) - {"spread", "valid"}:
            assert name.startswith("tf_") or kept[name] == before[name]


def test_every_pair_of_the_comparison_of_all_is_found_by_its_keys(compared: Compared) -> None:
    scales = Scales(compared.known)
    likely = [pair for pair in compared.firms.pairs.to_pylist() if pair["weight"] >= compared.known.cut]
    for pair in likely[:300]:
        mine = compared.keys[pair["id1"]] - compared.too_common
        assert mine & compared.keys[pair["id2"]]
        others = [
            (key, scales.record(said))
            for key, said in compared.records.items()
            if mine & compared.keys[key] and key != pair["id1"]
        ]
        found = scales.likely(scales.record(compared.records[pair["id1"]]), others, least=compared.known.cut)
        assert pair["id2"] in [key for key, _ in found]


def test_a_word_nobody_had_said_stands_for_the_one_a_letter_away(compared: Compared) -> None:
    table = pa.table({"id": ["new"], "name": ["Quarrzwald Plumbing Ltd"]})
    assert one_by_one.unknown_words(table, compared.vocabulary) == {"quarrzwald"}
    assert "quarzwald" in one_by_one.misspelt("quarrzwald")
    meant = one_by_one.meant_by({"quarzwald": Word(77, False, 3)})
    assert meant == Word(77, False, 3)
    assert one_by_one.meant_by({}) is None
    (row,) = one_by_one.read(table, compared.known, compared.vocabulary | {"quarrzwald": Word(77, False, 3)})
    assert 77 in row["words"]


def test_before_any_comparison_what_is_usual_tells_a_firm_from_its_neighbours() -> None:
    known = one_by_one.usual()
    scales = Scales(known)
    berlin = {"postcode": "10115", "city": "Berlin", "country": "DE"}
    rows = pa.Table.from_pylist([
        {"id": "new", "name": "Müller Technik GmbH", "address": "Hauptstr. 12", "phone": "030 1234567", **berlin},
        {"id": "same", "name": "Mueller Technik", "address": "Hauptstraße 12", "phone": None, **berlin},
        {"id": "sister", "name": "Müller Consulting GmbH", "address": "Hauptstr. 12", "phone": "030 1234567", **berlin},
        {"id": "other", "name": "Petersen Bootsbau", "address": "Allee 5", "phone": "0431 998877", "city": "Kiel"},
    ])  # fmt: skip
    read = {
        key: scales.record(row)
        for key, row in zip(rows["id"].to_pylist(), one_by_one.read(rows, known, {}), strict=True)
    }
    found = scales.likely(read.pop("new"), read.items(), least=known.cut)
    assert [key for key, _ in found] == ["same"]
    assert found[0][1].probability > 0.9


@pytest.mark.parametrize(
    ("condition", "one", "other"),
    [
        ("a_l = a_r AND b_l > 3", {"a": None, "b": 2}, {"a": 1, "b": 0}),
        ("a_l = a_r AND b_l > 3", {"a": None, "b": 4}, {"a": 1, "b": 0}),
        ("a_l = a_r OR b_l > 3", {"a": None, "b": 4}, {"a": 1, "b": 0}),
        ("(a_l = a_r) IS NOT TRUE", {"a": None, "b": 4}, {"a": 1, "b": 0}),
        ("NOT (a_l <> a_r)", {"a": None, "b": 4}, {"a": 1, "b": 0}),
        ("greatest(a_l, a_r) >= 1", {"a": None, "b": 4}, {"a": 1, "b": 0}),
        ("coalesce(a_l, a_r) = 1", {"a": None, "b": 4}, {"a": 1, "b": 0}),
        ("a_l IS NULL OR a_r IS NULL", {"a": None, "b": 4}, {"a": 1, "b": 0}),
    ],
)  # fmt: skip
def test_conditions_say_what_the_engine_says(condition: str, one: dict[str, int], other: dict[str, int]) -> None:
    given = {f"{name}_l": value for name, value in one.items()} | {f"{name}_r": value for name, value in other.items()}
    columns = ", ".join(f"CAST(${name} AS INTEGER) AS {name}" for name in given)
    with duckdb.connect() as db:
        expected = db.execute(f"SELECT {condition} FROM (SELECT {columns})", given).fetchall()[0][0]
    assert plain(condition)(one, other) is expected


def test_conditions_that_nobody_uses_are_refused() -> None:
    with pytest.raises(NotImplementedError, match="soundex"):
        plain("soundex(a_l) = soundex(a_r)")
