"""`hanse firms`: likely pairs found after an import, merged, taken back; where each field comes from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from apps.conftest import Installation
from apps.quay import BLEU, NORDLICHT, SALT, facts, installed
from hanse.apps.accounts import services as users
from hanse.apps.accounts.actors import actor_of, operator
from hanse.apps.duplicates import deciding, queue
from hanse.apps.duplicates.models import Look

ME, CHIEF = operator(), "chief@vendor.example"

_WORDS = ("Acacia", "Boreal", "Citron", "Dune", "Eclat", "Fanal", "Galet", "Havre", "Iroise", "Jonque")
_TRADES = ("Logistique", "Conseil", "Bois", "Voiles")
HEADINGS = "partner,name,country,city,website,vat,joined\n"
LIST = HEADINGS + "".join(
    f"L-{n},{word} {trade},FR,Lyon,https://{word.lower()}-{trade.lower()}.example,,2020-01-01\n"
    for n, (word, trade) in enumerate((word, trade) for word in _WORDS for trade in _TRADES)
)
AGAIN = HEADINGS + "".join(
    f"A-{n},{word.upper()} {trade} SARL,FR,Lyon,www.{word.lower()}-{trade.lower()}.example,,2021-01-01\n"
    for n, (word, trade) in enumerate(
        [*((word, "Conseil") for word in _WORDS), *((word, "Bois") for word in _WORDS[:4])]
    )
)


@pytest.fixture
def lists(installation: Installation, tmp_path: Path) -> Installation:
    """The programme in force, two lists that overlap imported, and the jobs done."""
    installed(tmp_path / "quay")
    facts()
    for name, text in (("one", LIST), ("two", AGAIN)):
        file = tmp_path / f"{name}.csv"
        file.write_text(text)
        installation.run("import", file, "--source", name, "--no-evaluate")
    return installation


def test_pairs_wait_after_an_import_and_are_merged_above_a_likelihood(lists: Installation) -> None:
    assert "hanse firms duplicates --look" in lists.run("firms", "duplicates")
    lists.run("work", "--once")
    assert Look.objects.count() == 1, "two imports, and all records were compared once"
    found = json.loads(lists.run("firms", "duplicates", "--json", "--limit", 99))
    assert {(one["one"], one["other"]) for one in found} >= {(f"A-{n}", f"L-{4 * n + 1}") for n in range(6)}
    shown = lists.run("firms", "duplicates", "--partner", "A-2", "--at-least", 0.5)
    assert "CITRON Conseil SARL" in shown
    assert "name +" in shown
    assert "A-3" not in shown
    said = lists.run("firms", "merge-likely", "--at-least", 0.9, "--why", "sure", "--yes", "--no-evaluate")
    assert "pairs are merged" in said
    assert json.loads(lists.run("firms", "duplicates", "--at-least", 0.9, "--json")) == []
    lists.run("firms", "unmerge", "L-1", "--why", "two shops", "--no-evaluate")
    lists.run("firms", "duplicates", "--look")
    left = json.loads(lists.run("firms", "duplicates", "--partner", "L-1", "--json"))
    assert not [one for one in left if "A-0" in (one["one"], one["other"])], "what has come apart is not asked again"


def test_two_records_are_merged_once_seen_and_come_apart_again(lists: Installation) -> None:
    lists.run("evaluate", "--as-of", "2026-06-30")
    lists.run("firms", "merge", BLEU, NORDLICHT, "--why", "x", fails=130)  # nobody answers
    said = lists.run("firms", "merge", BLEU, NORDLICHT, "--why", "two registrations", "--yes")
    for word in (
        f"{NORDLICHT} (stays)",
        f"would count for {NORDLICHT}: sales: 1",
        f"{BLEU}, quay/2026: member",
        "takes it back",
    ):
        assert word in said, word
    assert f"it went into {NORDLICHT}" in lists.run("firms", "merge", BLEU, SALT, "--why", "x", "--yes", fails=2)
    back = json.loads(lists.run("firms", "unmerge", BLEU, "--why", "they are two", "--json"))
    assert back["judged"]
    assert "it went into no other firm" in lists.run("firms", "unmerge", BLEU, "--why", "x", fails=2)
    refused = lists.run("firms", "merge", BLEU, SALT, "--kind", "acquired", "--why", "x", "--yes", fails=2)
    assert "the day is missing" in refused
    assert "P-99" in lists.run("firms", "merge", BLEU, "P-99", "--why", "x", "--yes", fails=2)


def test_a_record_says_which_source_won(lists: Installation, tmp_path: Path) -> None:
    file = tmp_path / "third.csv"
    file.write_text(HEADINGS + "L-0,Acacia Logistique,FR,Villeurbanne,,,2020-01-01\n")
    lists.run("import", file, "--source", "third", "--no-evaluate")
    shown = lists.run("firms", "record", "L-0")
    assert "Villeurbanne" in shown
    assert "it was said last" in shown
    assert "one: Lyon" in shown
    assert "Nobody says anything of: region" in shown
    city = next(one for one in json.loads(lists.run("firms", "record", "L-0", "--json")) if one["field"] == "city")
    assert (city["value"], city["source"], city["others"]) == ("Villeurbanne", "third", {"one": "Lyon"})
    assert "L-99" in lists.run("firms", "record", "L-99", fails=2)


def test_many_are_merged_by_a_job(lists: Installation) -> None:
    users.user_add(actor=ME, username=CHIEF, name="Ada", why="a test")
    users.role_grant(actor=ME, username=CHIEF, role="channel_chief", why="a test")
    lists.run("work", "--once")
    chief = actor_of(CHIEF)
    assert queue.waiting(actor=chief, at_least=0.6) > deciding.WHILE_ONE_WAITS
    assert deciding.all_asked(actor=chief, probability=0.6, reason="sure") is None
    lists.run("work", "--once")
    assert queue.waiting(actor=chief, at_least=0.6) == 0
    assert deciding.all_asked(actor=chief, probability=0.6, reason="sure") == []
