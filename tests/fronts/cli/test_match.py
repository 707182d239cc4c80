"""Does `hanse match` read lists as they come, and write what it found?"""

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from fronts.cli.calling import Calls

GERMAN = """Kundennummer;Firma;Straße;PLZ;Ort;Telefon;Webseite
1;Müller Technik GmbH;Hauptstr. 12;10115;Berlin;030 1234567;www.mueller-technik.de
2;Mueller Technik;Hauptstraße 12;10115;Berlin;+49 30 1234567;
3;Petersen Bootsbau;Allee 5;24103;Kiel;0431 998877;
;Ohne Nummer;;;;;
3;Noch einmal;;;;;
"""
ENGLISH = (
    "id,who,street address,telephone\n"
    "1,Mueller Technik GmbH & Co. KG,Hauptstrasse 12,0049 30 1234567\n"
    "2,Cafe Central,Ring 1,030 777888\n"
)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Calls:
    return Calls(capsys)


def _clusters(out: Path) -> dict[str, str]:
    with (out / "clusters.csv").open(encoding="utf-8", newline="") as made:
        return {row["id"]: row["cluster"] for row in csv.DictReader(made)}


def test_a_list(call: Calls, tmp_path: Path) -> None:
    (tmp_path / "kunden.csv").write_text(GERMAN, encoding="utf-8")
    answer = call("match", tmp_path / "kunden.csv", "--out", tmp_path / "out", "--json")
    assert answer.code == 0
    assert (answer.data["records"], answer.data["firms"]) == (3, 2)
    assert answer.data["columns"][str(tmp_path / "kunden.csv")]["name"] == "Firma"
    assert answer.data["filled"]["website"] < answer.data["filled"]["phone"] == 1
    assert {p["what"] for p in answer.problems} == {"it has no id", "two records have it"}
    assert _clusters(tmp_path / "out") == {"1": "1", "2": "1", "3": "3"}
    pairs = pq.read_table(tmp_path / "out/pairs.parquet")
    assert pairs.column_names == ["id1", "id2", "weight", "because"]
    assert pairs.to_pylist()[0]["because"][0]["what"] == "prior"


def test_two_lists_that_share_ids(call: Calls, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(GERMAN, encoding="latin-1")
    (tmp_path / "b.csv").write_text(ENGLISH, encoding="utf-8")
    answer = call("match", tmp_path / "a.csv", tmp_path / "b.csv", "--columns", "name=who", "--out", tmp_path / "out")
    assert answer.code == 0  # the first list has no such heading: there the usual names tell
    assert "share ids" in answer.out
    found = _clusters(tmp_path / "out")
    assert found["a/1"] == found["a/2"] == found["b/1"] == "a/1"
    assert found["b/2"] == "b/2"


def test_what_people_decided(call: Calls, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(GERMAN, encoding="utf-8")
    (tmp_path / "decided.csv").write_text("id1,id2,same\n1,2,no\n", encoding="utf-8")
    assert call("match", tmp_path / "a.csv", "--out", tmp_path / "out", "--decided", tmp_path / "decided.csv").code == 0
    assert _clusters(tmp_path / "out") == {"1": "1", "2": "2", "3": "3"}


def test_wrong_calls(call: Calls, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,colour\n1,red\n", encoding="utf-8")
    for words in (
        ["gone.csv"],
        [tmp_path / "a.csv"],
        [tmp_path / "a.csv", "--columns", "shade=colour"],
        [tmp_path / "a.csv", "--columns", "colour"],
        [tmp_path / "a.csv", "--columns", "name=gone"],
    ):
        answer = call("match", *words, "--out", tmp_path / "out", "--json")
        assert answer.code == 2
        assert all(answer.problems[0][part] for part in ("place", "what", "why", "remedy"))
