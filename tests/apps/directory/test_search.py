"""Who is found by whom: by what each partner shows to this reader, and by nothing else; near, in part, with errors."""

from __future__ import annotations

import random
from typing import Any

import pytest

from hanse.apps.accounts.actors import Actor, operator
from hanse.apps.accounts.policy import NotThere
from hanse.apps.accounts.roles import ADMINISTRATOR
from hanse.apps.directory import facets, industries, postings, selectors, services
from hanse.apps.directory.around import Point, kilometres
from hanse.apps.directory.folding import words
from hanse.apps.directory.models import Book, Entry, Held, Posting
from hanse.apps.directory.search import Wanted, search
from hanse.apps.directory.showing import visibility_set
from hanse.apps.directory.tasks import renew
from hanse.apps.evaluation.jobs import waiting
from hanse.apps.evidence.services import record_facts, withdraw
from hanse.apps.registry.profile import PARTS

EDITION = "quay/2026"
BLEU, NORD, SALT, OST = "P-1", "P-2", "P-3", "P-4"
JOINED = {"joined": "2015-01-01"}
FIRMS = [
    {"partner": BLEU, "name": "Port Bleu Énergie", "country": "FR", "region": "Bretagne", "city": "Brest",
     "latitude": 48.39, "longitude": -4.49, "type": "reseller", **JOINED},
    {"partner": NORD, "name": "Nordlicht Systeme GmbH", "country": "DE", "city": "Hamburg", "latitude": 53.55,
     "longitude": 9.99, "type": "consultancy", **JOINED},
    {"partner": SALT, "name": "Süd & Söhne", "country": "DE", "city": "Lübeck", "latitude": 53.87, "longitude": 10.69,
     **JOINED},
    {"partner": OST, "name": "Ostsee Daten", "country": "DE", "city": "Rostock", "latitude": 54.09, "longitude": 12.1,
     **JOINED},
]  # fmt: skip


def of(partner: str) -> Actor:
    mine = frozenset({partner})
    return Actor("somebody", frozenset({ADMINISTRATOR}), partners=mine, administers=mine)


def shows(partner: str, audience: str, *parts: str) -> None:
    visibility_set(actor=of(partner), partner=partner, shown=dict.fromkeys(parts or PARTS, audience))


@pytest.fixture(autouse=True)
def firms(database: None) -> None:
    """Nordlicht and Süd show everything to partners, Port Bleu but its competencies to all, Ostsee nothing."""
    said = {"partner": NORD, "granted": "2026-01-01"}
    record_facts(actor=operator(), source="test", rows={
        "partners": FIRMS,
        "people": [{"person": "T-1", "partner": NORD, "since": "2020-01-01"}],
        "certifications": [
            {"person": "T-1", "certificate": "C-1", "earned": "2025-01-01", "expires": "2099-01-01"},
            {"person": "T-1", "certificate": "C-0", "earned": "2015-01-01", "expires": "2016-01-01"},
        ],
        "attestations": [
            {**said, "kind": "industry", "name": "NACE 62.01"}, {**said, "kind": "language", "name": "de"},
            {**said, "kind": "solution", "name": "Harbour desk"},
        ],
    })  # fmt: skip
    Book.objects.create(edition=EDITION, says={"levels": [("silver", None), ("gold", None)]})
    Held.objects.bulk_create([
        Held(partner=NORD, edition=EDITION, level="gold", competencies=["cloud/expert", "data"]),
        Held(partner=SALT, edition=EDITION, level="silver", competencies=["cloud"]),
        Held(partner=OST, edition=EDITION, level="gold", competencies=["cloud"]),
    ])  # fmt: skip
    services.rebuild()
    for partner in (NORD, SALT):
        shows(partner, "partners")
    shows(BLEU, "public", "contact", "level", "people")


def keys(actor: Actor | None, **wanted: Any) -> list[str]:
    found = search(actor=actor, wanted=Wanted(edition=EDITION, **wanted))
    assert found.total == len(found.lines)
    return [line.partner for line in found.lines]


def test_everybody_finds_what_is_shown_to_them() -> None:
    assert keys(operator()) == [NORD, OST, BLEU, SALT]
    assert keys(of(BLEU)) == [NORD, SALT]  # not itself
    assert keys(of(NORD)) == [BLEU, SALT]
    assert keys(None) == [BLEU]
    manager = Actor("manager", frozenset({"partner_manager"}), countries=frozenset({"FR"}))
    assert keys(manager) == [BLEU]


def test_a_part_that_is_not_shown_neither_finds_nor_counts() -> None:
    assert keys(of(BLEU), level="gold") == [NORD]
    shows(NORD, "vendor", "level")
    assert keys(of(BLEU), level="gold") == []
    assert keys(operator(), level="gold") == [NORD, OST]
    found = search(actor=of(BLEU), wanted=Wanted(edition=EDITION))
    assert found.facets["level"] == {"silver": 1}
    assert [line.level for line in found.lines] == ["", "silver"]
    shows(NORD, "vendor", "contact")
    assert keys(of(BLEU), text="hamburg") == []
    assert keys(of(BLEU), centre=Point(53.55, 9.99), radius=20) == []
    assert keys(of(BLEU), text="nordlicht") == [NORD]


@pytest.mark.parametrize(("part", "wanted"), [
    ("contact", {"text": "hamburg"}), ("contact", {"town": "Hamburg", "radius": 10}), ("level", {"level": "gold"}),
    ("competencies", {"competency": "data"}), ("people", {"certificate": "C-1"}), ("people", {"language": "de"}),
    ("references", {"industry": "62"}), ("references", {"solution": "Harbour desk"}),
])  # fmt: skip
def test_each_filter_asks_for_its_part(part: str, wanted: dict[str, Any]) -> None:
    assert NORD in keys(of(BLEU), **wanted)
    shows(NORD, "vendor", part)
    assert NORD not in keys(of(BLEU), **wanted)
    assert NORD in keys(operator(), **wanted)


def test_who_shows_nothing_is_not_there() -> None:
    with pytest.raises(NotThere):
        selectors.firm(actor=of(BLEU), partner=OST)
    with pytest.raises(NotThere):
        selectors.firm(actor=None, partner=NORD)
    shows(NORD, "vendor")
    assert keys(of(BLEU)) == [SALT]


def test_words_are_found_without_accents_by_beginnings_and_with_errors() -> None:
    assert keys(operator(), text="energie bl") == [BLEU]
    assert keys(operator(), text="SUD sohne") == [SALT]
    found = search(actor=operator(), wanted=Wanted(text="nordlihct"))
    assert [line.partner for line in found.lines] == [NORD]
    assert found.instead == {"nordlihct": ("nordlicht",)}
    assert keys(operator(), text="hambrug") == [NORD]
    assert keys(operator(), text="zzzzzz") == []


def test_a_word_of_a_hidden_firm_is_not_suggested() -> None:
    found = search(actor=of(BLEU), wanted=Wanted(text="ostese"))
    assert (found.total, found.instead) == (0, {})
    assert search(actor=operator(), wanted=Wanted(text="ostese")).instead == {"ostese": ("ostsee",)}


def test_near_is_the_nearest_first() -> None:
    found = search(actor=operator(), wanted=Wanted(centre=Point(53.55, 9.99), radius=250))
    assert [line.partner for line in found.lines] == [NORD, SALT, OST]
    assert found.lines[1].km == pytest.approx(kilometres(Point(53.55, 9.99), Point(53.87, 10.69)))
    assert keys(operator(), town="lubeck", radius=60) == [SALT, NORD]
    assert search(actor=operator(), wanted=Wanted(town="Atlantis")).unknown_town


def test_the_nearest_first_below_a_kilometre_and_nobody_is_passed_over() -> None:
    near = [(f"N-{n}", f"Nachbar {name}", round(53.551 + n * 0.0013, 4)) for n, name in enumerate("cab")]
    record_facts(actor=operator(), source="test", rows={"partners": [
        {"partner": key, "name": name, "country": "DE", "city": "Hamburg", "latitude": at, "longitude": 9.99, **JOINED}
        for key, name, at in near
    ]})  # fmt: skip
    wanted = Wanted(centre=Point(53.551, 9.99), radius=10)
    page = search(actor=operator(), wanted=wanted)
    assert [line.partner for line in page.lines] == ["N-0", NORD, "N-1", "N-2"]
    seen, after = set(), ""
    for _ in range(2):
        part = search(actor=operator(), wanted=wanted, after=after, limit=2)
        seen, after = seen | {line.partner for line in part.lines}, part.later
    assert (seen, after) == ({line.partner for line in page.lines}, "")


def test_pages_go_on_where_they_ended() -> None:
    for wanted in (Wanted(), Wanted(centre=Point(53.55, 9.99), radius=250)):
        whole = [line.partner for line in search(actor=operator(), wanted=wanted).lines]
        page = search(actor=operator(), wanted=wanted, limit=2)
        seen = [line.partner for line in page.lines]
        while page.later:
            page = search(actor=operator(), wanted=wanted, after=page.later, limit=2)
            seen += [line.partner for line in page.lines]
        assert seen == whole
        back = search(actor=operator(), wanted=wanted, before=whole[-1], limit=2)
        assert [line.partner for line in back.lines] == whole[-3:-1]
        assert back.later
        assert bool(back.earlier) == (len(whole) > 3)


def test_counting_those_who_are_not_there_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [
        Wanted(edition=EDITION), Wanted(edition=EDITION, country="DE"), Wanted(edition=EDITION, level="gold"),
        Wanted(edition=EDITION, industry="62"), Wanted(edition=EDITION, centre=Point(53.55, 9.99), radius=100),
    ]  # fmt: skip
    readers = (operator(), of(BLEU), None)
    directly = [search(actor=reader, wanted=wanted).facets for reader in readers for wanted in asked]
    monkeypatch.setattr(facets, "_FEW", -1)
    monkeypatch.setattr(facets, "_MANY", 2)
    services.rebuild()  # what was counted before is not known any more
    assert [search(actor=reader, wanted=wanted).facets for reader in readers for wanted in asked] == directly
    assert directly[0]["country"] == {"DE": 3, "FR": 1}


def test_facets_say_what_there_would_be_of_another_kind() -> None:
    found = search(actor=operator(), wanted=Wanted(edition=EDITION, country="FR"))
    assert found.facets["country"] == {"DE": 3, "FR": 1}
    assert found.facets["type"] == {"reseller": 1}
    assert search(actor=operator(), wanted=Wanted(edition=EDITION)).facets["industry"] == {"62": 1, "J": 1}


def test_industries_are_told_in_any_scheme() -> None:
    assert industries.isic_of("NACE 62.01") == industries.isic_of("62.01Z") == industries.isic_of("541511") == ["6201"]
    assert industries.isic_of("J") == ["J"]
    assert industries.isic_of("nonsense") == []
    assert industries.name_of("6201", "en") == "Computer programming activities"
    assert industries.name_of("6201", "fr").startswith("Programmation")  # of the division: the class has no French name
    assert industries.with_those_above("6201") == ["J", "62", "620", "6201"]
    for asked in ("62", "J", "541511", "NACE 62.01"):
        assert keys(operator(), industry=asked) == [NORD]
    assert keys(operator(), industry="01") == []


def test_words_are_folded_alike() -> None:
    assert words("Æther Straße S.A.R.L. ŁÓDŹ") == ["aether", "strasse", "sarl", "lodz"]


def test_the_directory_follows_facts() -> None:
    moved = record_facts(
        actor=operator(), source="test", rows={"partners": [FIRMS[1] | {"city": "Kiel", "name": "Polar"}]}
    )
    assert keys(operator(), text="kiel") == [NORD]
    assert keys(operator(), text="nordlicht") == []
    withdraw(actor=operator(), batch=moved.batch, reason="a mistake")
    assert keys(operator(), text="nordlicht hamburg") == [NORD]
    assert selectors.differences() == []
    Entry.objects.filter(partner=NORD).update(name="Other")
    assert selectors.differences() == [NORD]


def test_changed_one_by_one_the_index_is_as_if_it_were_made_anew() -> None:
    dice = random.Random(7)
    for _ in range(12):
        firm = dict(dice.choice(FIRMS))
        firm |= {"city": dice.choice(["Kiel", "Brest", None]), "type": dice.choice(["reseller", None])}
        record_facts(actor=operator(), source="test", rows={"partners": [{k: v for k, v in firm.items() if v}]})
        shows(str(firm["partner"]), dice.choice(["vendor", "partners", "public"]), dice.choice(PARTS))
    terms = set(Posting.objects.exclude(term__startswith="#").values_list("term", flat=True))

    def told() -> dict[str, set[str]]:
        by_place = dict(Entry.objects.values_list("place", "partner"))
        return {t: {by_place[p] for p in s} for t, s in postings.read(terms).items() if s}

    before = told()
    services.rebuild()
    assert told() == before


def test_of_many_at_once_a_job_makes_the_directory_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "BULK", 2)
    rows = [firm | {"name": f"New {firm['name']}"} for firm in FIRMS]
    record_facts(actor=operator(), source="test", rows={"partners": rows})
    record_facts(actor=operator(), source="test", rows={"partners": [firm | {"city": "Kiel"} for firm in rows]})
    assert keys(operator(), text="kiel") == []
    assert selectors.differences() == ["it waits to be made anew"]
    assert waiting() == 1  # once, however often it became necessary
    held = "SELECT key AS partner, 'silver' AS level, ARRAY['data'] AS competencies FROM registry_partner"
    services.stood(edition=EDITION, says={"levels": []}, source=held, only=None, others=[])
    assert renew() == len(FIRMS)
    assert len(keys(operator(), text="new kiel")) == len(FIRMS)
    assert len(keys(operator(), level="silver", competency="data")) == len(FIRMS)
    assert selectors.differences() == []
