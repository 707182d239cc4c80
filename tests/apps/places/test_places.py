"""Places are what facts say, what towns there are, and what a person knows better; nobody is ever put at 0, 0."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from apps.conftest import Installation
from apps.quay import DAY, installed
from hanse.apps.accounts.actors import Actor, operator
from hanse.apps.accounts.policy import NotThere, Refused
from hanse.apps.audit.models import Entry
from hanse.apps.evaluation.services import evaluate
from hanse.apps.evidence.services import record_facts, withdraw
from hanse.apps.places import selectors
from hanse.apps.places.models import Place
from hanse.apps.places.services import Chosen, choose
from hanse.apps.standings import mapped
from hanse.apps.standings.lists import Wanted
from hanse.apps.standings.maps import Window, degrees, seen, x_of, y_of
from hanse.apps.standings.models import Listed, MapCell
from hanse.apps.standings.placing import place_choose
from hanse.language.problems import CallError

EDITION = "quay/2026"


def say(*rows: dict[str, Any], sites: list[dict[str, Any]] | None = None) -> int:
    """Partners as facts; returns the batch."""
    told = [{"name": f"Firm {row['partner']}", "country": "FR", "joined": "2015-01-01", **row} for row in rows]
    return record_facts(actor=operator(), source="test", rows={"partners": told, "locations": sites or []}).batch


def there() -> dict[str, tuple[str, str | None]]:
    return {place.partner: (place.source, place.town) for place in Place.objects.all()}


@pytest.mark.usefixtures("installation")
def test_a_fact_wins_over_a_town_and_a_town_that_is_not_there_is_unknown() -> None:
    say(
        {"partner": "A", "city": "Cologne", "country": "DE"},
        {"partner": "B", "city": "Cologne", "country": "DE", "latitude": 50.1, "longitude": 8.6},
        {"partner": "C", "city": "Atlantis"},
        {"partner": "D"},
        {"partner": "E", "city": "Saint-Denis", "latitude": 0.0, "longitude": 0.0},
        {"partner": "F", "city": "Lyon", "latitude": 145.0, "longitude": 4.8},
        sites=[{"partner": "D", "location": "1", "city": "Villeneuve", "postcode": "12260", "country": "FR"},
               {"partner": "C", "location": "1", "city": "Lima", "country": "PE", "latitude": -12.0, "longitude": -77.0}],
    )  # fmt: skip
    assert there() == {
        "A": ("found", "Köln"), "B": ("fact", "Cologne"), "C": ("", None), "D": ("found", "Villeneuve"),
        "E": ("found", "Saint-Denis"), "F": ("found", "Lyon"),
    }  # fmt: skip
    villeneuve = Place.objects.get(partner="D")
    assert (round(villeneuve.latitude or 0), round(villeneuve.longitude or 0)) == (44, 2), (
        "the one of the postcode, in Aveyron"
    )
    unknown = selectors.unknown(actor=operator())
    assert [(one.country, one.city, one.partners) for one in unknown] == [("FR", "Atlantis", 1)]
    assert selectors.coverage(actor=operator()).known == 5


@pytest.mark.usefixtures("installation")
def test_what_is_taken_back_leaves_its_place_too() -> None:
    say({"partner": "A", "city": "Lyon"})
    batch = say({"partner": "A", "city": "Nantes"}, {"partner": "B", "city": "Nantes"})
    assert there() == {"A": ("found", "Nantes"), "B": ("found", "Nantes")}
    withdraw(actor=operator(), batch=batch, reason="wrong file")
    assert there() == {"A": ("found", "Lyon")}


@pytest.mark.usefixtures("installation")
def test_a_person_says_where_a_name_is_for_all_and_for_one() -> None:
    say(
        {"partner": "A", "city": "Atlantys"}, {"partner": "B", "city": "ATLANTYS"}, {"partner": "C", "city": "Atlantys"}
    )
    where = Chosen("Nantes", 47.2, -1.55)
    with pytest.raises(CallError):
        choose(actor=operator(), country="FR", city="Atlantys", partner="", chosen=Chosen("Null", 0.0, 0.0), reason="x")
    with pytest.raises(CallError):
        choose(actor=operator(), country="FR", city="Atlantys", partner="", chosen=where, reason=" ")
    assert choose(actor=operator(), country="FR", city="Atlantys", partner="", chosen=where, reason="asked them") == [
        "A",
        "B",
        "C",
    ]
    choose(actor=operator(), country="", city="", partner="B", chosen=Chosen("Brest", 48.4, -4.5), reason="moved")
    assert there() == {"A": ("hand", "Nantes"), "B": ("hand", "Brest"), "C": ("hand", "Nantes")}
    say({"partner": "D", "city": "atlantys"}, {"partner": "A", "city": "Atlantys", "latitude": 45.0, "longitude": 5.0})
    assert there()["D"] == ("hand", "Nantes"), "what was said about the name holds for later partners"
    assert there()["A"] == ("fact", "Atlantys"), "a fact's own coordinates win"
    choose(actor=operator(), country="FR", city="Atlantys", partner="", chosen=None, reason="it was wrong")
    assert (there()["C"], there()["B"]) == (("", None), ("hand", "Brest"))
    entries = Entry.objects.filter(action="places.choose").order_by("pk")
    assert [one.why for one in entries] == ["asked them", "moved", "it was wrong"]


@pytest.mark.usefixtures("installation")
def test_who_may_not_choose() -> None:
    say({"partner": "A", "city": "Atlantys"})
    where = Chosen("Nantes", 47.2, -1.55)
    german = Actor("g@vendor.example", frozenset({"partner_manager"}), countries=frozenset({"DE"}))
    for partner in ("", "A"):
        with pytest.raises(NotThere):
            choose(actor=german, country="FR", city="Atlantys", partner=partner, chosen=where, reason="x")
    with pytest.raises(Refused):
        choose(actor=Actor("a", frozenset({"auditor"}), everywhere=True), country="FR", city="Atlantys", partner="",
               chosen=where, reason="x")  # fmt: skip
    assert selectors.unknown(actor=german) == []


@pytest.mark.usefixtures("installation")
def test_the_database_refuses_the_gulf_of_guinea() -> None:
    say({"partner": "A", "city": "Lyon"})
    with pytest.raises(IntegrityError), transaction.atomic():
        Place.objects.filter(partner="A").update(latitude=0, longitude=0)


# -- on the map ---------------------------------------------------------------------------------------------------------

TOWNS = ("Lyon", "Paris", "Lille", "Marseille", "Brest", "Atlantis")


@pytest.fixture
def judged(installation: Installation, tmp_path: Path) -> None:
    """Six towns with fifty partners each, of one town no one knows where it is."""
    installed(tmp_path / "quay")
    say(
        *(
            {"partner": f"P-{n:03}", "city": TOWNS[n % 6], "type": "reseller" if n % 2 else "distributor"}
            for n in range(300)
        )
    )
    record_facts(actor=operator(), source="test", rows={"sales": [
        {"partner": f"P-{n:03}", "on": "2026-03-01", "amount": "50000", "currency": "EUR"} for n in range(0, 300, 5)
    ]})  # fmt: skip
    evaluate(actor=operator(), edition=EDITION, as_of=DAY)


def squares() -> dict[tuple[Any, ...], tuple[Any, ...]]:
    return {
        (one.grid, one.column, one.row, one.country, one.type, one.stands): (one.partners, one.rising, one.falling, one.sum_x, one.sum_y)
        for one in MapCell.objects.all()
    }  # fmt: skip


@pytest.mark.usefixtures("judged")
def test_clusters_open_as_one_comes_nearer() -> None:
    far = seen(actor=operator(), wanted=Wanted(EDITION), window=Window())
    assert (far.partners, len(far.spots)) == (250, 250), "few partners are shown one by one from afar"
    one = Listed.objects.get(partner="P-000")
    assert (x_of(4.846), y_of(45.748)) == pytest.approx((one.x, one.y), abs=600)
    assert degrees(one.x or 0, one.y or 0) == pytest.approx((4.846, 45.748), abs=0.01)
    near = Window(west=4.0, south=45.0, east=5.5, north=46.5, zoom=9.0)
    assert seen(actor=operator(), wanted=Wanted(EDITION), window=near).partners == 50
    nobody = Window(west=170.0, south=45.0, east=190.0, north=46.5, zoom=9.0)
    assert seen(actor=operator(), wanted=Wanted(EDITION), window=nobody).partners == 0
    silver = seen(actor=operator(), wanted=Wanted(EDITION, level="silver"), window=Window())
    assert {spot.stands for spot in silver.spots} == {"silver"}


@pytest.mark.usefixtures("judged")
def test_what_is_counted_is_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hanse.apps.standings.maps.SINGLES", 10)
    for zoom in (0.0, 3.0, 6.0):
        for wanted in (
            Wanted(EDITION),
            Wanted(EDITION, level="silver"),
            Wanted(EDITION, type="reseller"),
            Wanted(EDITION, moving="rising"),
        ):
            window = Window(zoom=zoom)
            counted = seen(actor=operator(), wanted=wanted, window=window)
            read = seen(actor=operator(), wanted=Wanted(**{**vars(wanted), "text": "firm"}), window=window)
            told = [
                {(one.box, one.partners, tuple(sorted(one.levels.items()))) for one in each.clusters}
                for each in (counted, read)
            ]
            assert told[0] == told[1]
            assert counted.partners == read.partners
    world = seen(actor=operator(), wanted=Wanted(EDITION), window=Window(-10.0, 40.0, 15.0, 55.0, 4.0)).clusters
    assert {one.city for one in world} == {"Lyon", "Paris", "Lille", "Marseille", "Brest"}
    together = seen(actor=operator(), wanted=Wanted(EDITION), window=Window(4.0, 45.0, 5.5, 46.5, 12.0)).clusters
    assert [(one.partners, one.together) for one in together] == [(50, True)]


@pytest.mark.usefixtures("judged")
def test_whoever_is_judged_alone_counts_as_in_a_run_of_all() -> None:
    record_facts(actor=operator(), source="test", rows={
        "partners": [{"partner": f"P-{n:03}", "name": "Moved", "country": "DE", "city": "Köln", "joined": "2015-01-01"} for n in range(3)],
        "sales": [{"partner": "P-001", "on": "2026-03-01", "amount": "50000", "currency": "EUR"}],
    })  # fmt: skip
    evaluate(actor=operator(), edition=EDITION, as_of=DAY, partners=["P-000", "P-001", "P-002"])
    alone = squares()
    assert min(counts[0] for counts in alone.values()) > 0
    mapped.follow(None)
    assert squares() == alone
    gone = Actor("g@vendor.example", frozenset({"partner_manager"}), countries=frozenset({"DE"}))
    assert {one.partner for one in seen(actor=gone, wanted=Wanted(EDITION), window=Window()).spots} == {
        "P-000",
        "P-001",
        "P-002",
    }


@pytest.mark.usefixtures("judged")
def test_a_place_that_is_chosen_is_on_the_map_at_once() -> None:
    before = squares()
    moved = place_choose(
        actor=operator(),
        country="FR",
        city="Atlantis",
        partner="",
        chosen=Chosen("Nantes", 47.2, -1.55),
        reason="asked",
    )
    assert len(moved) == 50
    assert seen(actor=operator(), wanted=Wanted(EDITION, text="firm"), window=Window()).partners == 300
    place_choose(actor=operator(), country="FR", city="Atlantis", partner="", chosen=None, reason="no")
    assert squares() == before
