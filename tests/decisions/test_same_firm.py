"""Are records of one firm found, and only they? Difficulties one by one, and what must always hold."""

import random
from itertools import product

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanse.decisions import same_firm_clusters as linkage
from hanse.decisions.same_firm import Decided, Firms, same_firm
from hanse.decisions.same_firm_evidence import DIFFERENT, RARELY, evidence_of
from hanse.decisions.same_firm_weights import SAID
from hanse.language.problems import CallError
from hanse.language.words import Words

COLUMNS = ("id", "name", "address", "postcode", "city", "country", "phone", "website")
BERLIN = ("Hauptstr. 12", "10115", "Berlin", "DE", "030 1234567", "www.mueller-technik.de")


def firms(*rows: tuple[str | None, ...], decided: tuple[Decided, ...] = (), threads: int = 2) -> Firms:
    """Rows of id, name, address, postcode, city, country, phone, website; what is left away is missing."""
    full = [(*row, *(None,) * (len(COLUMNS) - len(row))) for row in rows]
    table = pa.table({c: pa.array([row[i] for row in full], pa.string()) for i, c in enumerate(COLUMNS)})
    with duckdb.connect(config={"threads": threads}) as db:
        return same_firm(table, db, decided)


def together(found: Firms) -> set[frozenset[str]]:
    """The groups of more than one record."""
    groups: dict[str, set[str]] = {}
    for row in found.clusters.to_pylist():
        groups.setdefault(row["cluster"], set()).add(row["id"])
    return {frozenset(group) for group in groups.values() if len(group) > 1}


OTHERS = (
    ("x1", "Petersen Bootsbau", "Allee 5", "24103", "Kiel", "DE", "0431 998877", "petersen-boote.de"),
    ("x2", "Schmidt Logistik AG", "Weg 3", "20095", "Hamburg", "DE", "040 7654321", "schmidt.de"),
    ("x3", "Boulangerie Durand", "3 rue Zola", "69001", "Lyon", "FR", "04 78 11 22 33", "durand.fr"),
)


@pytest.mark.parametrize(
    "again",
    [
        ("b", "Mueller Technik GmbH & Co. KG", "Hauptstraße 12", "10115", "Berlin", "DE", "+49 30 1234567"),
        ("b", "MÜLLER TECHNIK", "Hauptstrasse 12", "10115", "BERLIN", None, None, "mueller-technik.de/kontakt"),
        ("b", "Technik Müller", None, None, "Berlin", "Deutschland", "0049 (0)30 1234567"),
        ("b", "Müler Technik GmbH", "Hauptstr 12", "10115", None, None, "0301234567"),
    ],
)
def test_a_firm_said_otherwise(again: tuple[str | None, ...]) -> None:
    assert together(firms(("a", "Müller Technik GmbH", *BERLIN), again, *OTHERS)) == {frozenset({"a", "b"})}


@pytest.mark.parametrize(
    "other",
    [
        ("b", "Müller Consulting GmbH", *BERLIN),  # a sister under the same roof
        ("b", "Müller Technik", "Ring 8", "80331", "München", "DE", "089 555666", "technik-m.de"),  # a namesake
        ("b", "Café am Markt", "Hauptstr. 12", "10115", "Berlin", "DE"),  # a neighbour
    ],
)
def test_another_firm(other: tuple[str | None, ...]) -> None:
    sister = (
        ("a", "Müller Technologie GmbH", *BERLIN) if "Consulting" in str(other[1]) else ("a", "Müller Technik", *BERLIN)
    )
    assert together(firms(sister, other, *OTHERS)) == set()


def test_scripts() -> None:
    found = firms(("a", "ООО Ромашка Логистика", None, None, "Казань", "RU", "+7 843 2001122"),
                  ("b", "OOO Romashka Logistika", None, None, "Kazan", "RU", "8432001122"), *OTHERS)  # fmt: skip
    assert together(found) == {frozenset({"a", "b"})}


def test_mail_providers_tie_nobody_together() -> None:
    rows = [
        (f"r{i}", name, None, None, None, None, None, "gmail.com")
        for i, name in enumerate(("Alder", "Birch", "Cedar", "Rowan"))
    ]
    assert together(firms(*rows)) == set()


def test_short_lists() -> None:
    assert firms().clusters.num_rows == 0
    assert firms(("a", "Acme")).clusters.to_pylist() == [{"id": "a", "cluster": "a", "confidence": 1.0}]
    assert together(firms(*OTHERS)) == set()
    assert together(firms(("a", None), ("b", ""), ("c", "n/a"))) == set()


def test_names_alone() -> None:
    found = firms(
        ("a", "Universität Heidelberg"),
        ("b", "Universitaet Heidelberg"),
        ("c", "Hanse Kontor"),
        ("d", "Universität Jena"),
    )
    assert together(found) == {frozenset({"a", "b"})}


def test_every_pair_says_why() -> None:
    found = firms(("a", "Müller Technik GmbH", *BERLIN), ("b", "Mueller Technik", *BERLIN), *OTHERS)
    (pair,) = [p for p in found.pairs.to_pylist() if (p["id1"], p["id2"]) == ("a", "b")]
    steps = {step["what"]: step for step in pair["because"]}
    assert {"prior", "name", "address", "phone", "domain"} <= set(steps)
    assert steps["prior"]["bits"] < 0 < steps["phone"]["bits"]
    assert steps["name"]["how"] == "the same name"
    assert (steps["phone"]["one"], steps["phone"]["other"]) == ("030 1234567", "030 1234567")
    assert sum(step["bits"] for step in pair["because"]) == pytest.approx(pair["weight"], abs=0.1)


def test_a_list_that_says_each_firm_once() -> None:
    """Two records of a register are two firms where only their name speaks for one; of another list they are one."""
    roots = [
        f"{a}{b}{c}"
        for a, b, c in product(("Alm", "Bren", "Corv"), ("ba", "do", "ri", "su"), ("bert", "dan", "gan", "lund", "mar"))
    ]
    rows = [(f"{source}{n}", f"{root} Bau", None, None, None, None, f"030 55{n:02}{n * 37 % 90 + 10}9", None)
            for source in ("a", "b") for n, root in enumerate(roots)]  # fmt: skip
    rows += [("a-one", "Zeltvorn Bau", *(None,) * 6), ("a-two", "Zeltvorn Bau", *(None,) * 6)]
    table = pa.table({c: pa.array([row[i] for row in rows], pa.string()) for i, c in enumerate(COLUMNS)})
    found = {}
    for kind, sources in (("register", [row[0][0] for row in rows]), ("one list", ["a"] * len(rows))):
        with duckdb.connect() as db:
            found[kind] = together(same_firm(table.append_column("source", pa.array(sources, pa.string())), db))
    assert frozenset({"a0", "b0"}) in found["register"]
    assert frozenset({"a-one", "a-two"}) in found["one list"]
    assert frozenset({"a-one", "a-two"}) not in found["register"]


def test_a_chain_known_by_its_telephones() -> None:
    outlets = [
        (f"o{n}", "Zeltvorn Bäckerei", None, None, None, None, f"0{40 + 7 * n} 55{n * 371 % 900 + 100}{n}")
        for n in range(6)
    ]
    roots = ("".join(one) for one in product(("Alm", "Bren", "Corv"), ("ba", "do", "ri"), ("bert", "dan", "gan")))
    rest = [
        (f"x{n}", f"{root} Bau", None, None, None, None, f"0{10 + n} 88{n:02}{n * 37 % 90 + 10}{n}")
        for n, root in enumerate(roots)
    ]
    nowhere = ("o9", "Zeltvorn Bäckerei")  # which of the six it is, nothing tells
    assert together(firms(*outlets, nowhere, *rest)) == set()


def test_a_record_like_two_sisters_is_neither() -> None:
    left, right = np.array([0, 1, 0, 3]), np.array([1, 2, 2, 4])
    weight = np.array([12.0, 12.5, linkage.APART, 9.0])
    assert linkage.clusters(5, left, right, weight, cut=2.0).tolist() == [0, 1, 2, 3, 3]
    weight[0] = 2.0  # but where it is far more like one of them
    assert linkage.clusters(5, left, right, weight, cut=2.0).tolist() == [0, 1, 1, 3, 3]


def test_how_two_records_compare_is_said_in_french() -> None:
    filled = dict.fromkeys((*SAID, "others"), 1.0)
    levels = [level for one in evidence_of(filled, 10.0, {"register": -8.0}) for level in one.levels]
    french = Words("fr")
    said = {level.says for level in levels} | {DIFFERENT, RARELY}
    assert len(said) > 35
    assert {one for one in said if french.say(one) == one} == set()


def test_what_people_decided_holds() -> None:
    rows = (("a", "Müller Technik GmbH", *BERLIN), ("b", "Mueller Technik", *BERLIN), *OTHERS)
    found = firms(*rows, decided=(Decided("a", "b", False), Decided("x1", "x3", True), Decided("gone", "a", True)))
    assert together(found) == {frozenset({"x1", "x3"})}
    with pytest.raises(CallError, match="said to be the same firm, and not to be"):
        firms(*rows, decided=(Decided("a", "b", True), Decided("b", "x1", True), Decided("x1", "a", False)))


def _by_registration(one: str, other: str) -> Firms:
    rows: list[tuple[str, str, str, str | None]] = [
        ("a", "Müller Technik GmbH", "10115", one),
        ("b", "Nordwerk Berlin", "10117", other),
        *((f"x{i}", f"{name} Bau", "80331", None) for i, name in enumerate(("Alder", "Birke", "Cedro", "Ulme"))),
    ]
    columns = ("id", "name", "postcode", "registration")
    table = pa.table({c: pa.array([row[i] for row in rows], pa.string()) for i, c in enumerate(columns)})
    with duckdb.connect() as db:
        return same_firm(table, db)


def test_a_valid_registration_is_near_proof() -> None:
    said = {}
    for key, one, other in (("valid", "DE 136 695 976", "DE136695976"), ("text", "DE 136 695 977", "DE136695977"),
                            ("others", "DE 136 695 976", "DE 811 569 869")):  # fmt: skip
        pairs = {(p["id1"], p["id2"]): p for p in _by_registration(one, other).pairs.to_pylist()}
        steps = {step["what"]: step for step in pairs["a", "b"]["because"]} if ("a", "b") in pairs else {}
        said[key] = steps.get("registration", {"bits": -99.0, "how": ""})
    assert said["valid"]["how"] == "the same valid registration"
    assert said["valid"]["bits"] > said["text"]["bits"] + 5
    assert said["text"]["how"] == "the same registration"
    assert said["others"]["bits"] < 0


def test_decisions_teach_the_weights() -> None:
    """Firms that stand twice, in two towns: what people say of forty of them holds for the others."""
    parts = ("Alm Bren Corv Dusk Fenn", "ba do ri su", "bert dan ford gan lund mar")
    roots = ["".join(one) for one in product(*(part.split() for part in parts))]
    rows = [
        (f"{root}-{town}", f"{root} {trade}", None, None, town)
        for number, root in enumerate(roots)
        for town, trade in (("Kiel", "Bau"), ("Trier", ("Holz", "Bau", "Bau Service")[number % 3]))
    ]
    taught, left = roots[:40], set(roots[40:])

    def found(same: bool | None) -> int:
        said = () if same is None else tuple(Decided(f"{root}-Kiel", f"{root}-Trier", same) for root in taught)
        groups = [{one.split("-")[0] for one in group} for group in together(firms(*rows, decided=said))]
        return sum(len(group) == 1 and group < left for group in groups)

    assert found(same=False) <= found(same=None)
    assert found(same=True) >= found(same=None) + 20


def test_ids_are_needed() -> None:
    with pytest.raises(CallError, match="has no id"):
        firms((None, "Acme"))
    with pytest.raises(CallError, match="two records have the id 'a'"):
        firms(("a", "Acme"), ("a", "Bcme"))


_ROOTS = ("Alder", "Birke", "Cedro", "Dupont", "Elmford", "Fichte")
_ROWS = st.lists(
    st.tuples(
        st.sampled_from(_ROOTS),
        st.sampled_from(("", " GmbH", " Services", " Systems SA")),
        st.sampled_from((None, "Weg 3", "12 rue Zola")),
        st.sampled_from((None, "10115", "75002")),
        st.sampled_from((None, "030 123456", "+33 1 22334455")),
    ),
    min_size=2,
    max_size=25,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=_ROWS, seed=st.integers(0, 1000))
def test_neither_order_nor_threads_matter(
    rows: list[tuple[str, str, str | None, str | None, str | None]], seed: int
) -> None:
    listed = [(f"r{i:02}", row[0] + row[1], row[2], row[3], None, None, row[4]) for i, row in enumerate(rows)]
    mixed = list(listed)
    random.Random(seed).shuffle(mixed)
    one, other = firms(*listed, threads=1), firms(*mixed, threads=2)
    assert one.clusters.equals(other.clusters)
    assert one.pairs.equals(other.pairs)
    for row in one.clusters.to_pylist():
        assert row["cluster"] <= row["id"]
        assert 0 <= row["confidence"] <= 1
