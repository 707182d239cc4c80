"""A firm entered by hand, or that comes with a file, is compared with those that are there."""

from __future__ import annotations

import re

import pytest

from fronts.desk.channel import BLEU, answers, seen_by
from fronts.desk.dropping import csv, on_its_way
from hanse.apps.accounts.actors import operator
from hanse.apps.duplicates import looking, queue
from hanse.apps.duplicates.arriving import look_at
from hanse.apps.evidence.services import record_facts
from hanse.apps.likeness import services
from hanse.apps.likeness.models import Record
from hanse.apps.likeness.selectors import looks_like
from hanse.apps.registry.selectors import newcomers, see_partner
from hanse.decisions.same_firm_evidence import evidence_of
from hanse.decisions.same_firm_weights import SAID
from hanse.fronts.desk.likeness_words import WHAT

pytestmark = pytest.mark.usefixtures("desk")
ME = operator()
_BRISE = {
    "name": "Brise de Mer Logistique", "country": "FR", "address": "12 rue de Siam", "postcode": "29200",
    "city": "Brest", "phone": "02 98 00 11 22", "website": "https://brise-de-mer.example", "registration": "",
}  # fmt: skip


def brise(key: str = "L-1") -> None:
    """A firm that is there."""
    firm = {"partner": key, "name": "BRISE DE MER LOGISTIQUE SARL", "country": "FR", "city": "Brest"}
    site = {"partner": key, "location": "1", "street": "Rue de Siam 12", "postcode": "29200", "city": "Brest",
            "phone": "+33 2 98 00 11 22"}  # fmt: skip
    record_facts(actor=ME, source="a list", rows={"partners": [firm], "locations": [site]})


def test_a_firm_that_is_there_already_is_shown_and_another_one_goes_on() -> None:
    brise()
    client = seen_by("chief")
    asked = client.post("/partners/new/", _BRISE | {"partner": "", "why": "a call"})
    assert asked.status_code == 400
    assert "This looks like an existing firm" in asked.text
    assert "/partners/L-1/" in asked.text
    assert "Telephone" in asked.text or "telephone" in asked.text
    other = re.findall(r'name="other" value="([^"]*)"', asked.text)
    assert other == ["L-1"]
    done = client.post("/partners/new/", _BRISE | {"other": other[0], "why": "a shop of their own"})
    assert done.status_code == 302
    key = done["Location"].rstrip("/").rpartition("/")[2]
    assert see_partner(ME, key).name == "Brise de Mer Logistique"
    looking.run()
    assert all("L-1" not in (one.one, one.other) for one in queue.likely_of(actor=ME, partner=key)), "it was decided"


def test_a_firm_like_no_other_is_recorded_at_once_under_its_key() -> None:
    client = seen_by("manager")
    firm = {"name": "Zinnia Bois", "country": "FR", "city": "Dole", "partner": "Z-77", "joined": "2026-01-01"}
    answer = client.post("/partners/new/", firm, follow=True)
    assert "Zinnia Bois is recorded." in answer.text
    assert see_partner(ME, "Z-77").city == "Dole"
    again = client.post("/partners/new/", firm | {"name": "Quite Another"})
    assert "there is a partner of this key" in again.text


def test_who_may_not_record_facts_adds_no_partner() -> None:
    found = answers("/partners/new/")
    assert {name for name, status in found.items() if status == 200} == {"chief", "manager"}
    assert "/partners/new/" in seen_by("chief").get("/partners/").text
    assert "/partners/new/" not in seen_by("finance").get("/partners/").text


def test_a_firm_that_is_renamed_is_compared_too() -> None:
    brise("R-1")
    firm = {"partner": "R-2", "name": "Ormeau", "country": "FR"}
    record_facts(actor=ME, source="a list", rows={"partners": [firm]})
    client = seen_by("chief")
    page = client.get("/partners/R-2/?facts=partners").text
    where = re.findall(r'href="(/facts/partners/\d+/)', page)[0]
    said = {"name": "Brise de Mer Logistique", "country": "FR", "city": "Brest", "why": "a new name", "act": "correct"}
    asked = client.post(where, said)
    assert "This looks like" in asked.text
    assert see_partner(ME, "R-2").name == "Ormeau"
    other = re.findall(r'name="other" value="([^"]*)"', asked.text)[0]
    assert client.post(where, said | {"other": other}).status_code == 302
    assert see_partner(ME, "R-2").name == "Brise de Mer Logistique"


def test_the_look_at_a_file_warns_of_new_partners_that_look_like_others() -> None:
    brise("F-1")
    rows = [("N-1", "Brise de Mer Logistique", "FR", "Brest"), ("N-2", "Palourde Conseil Atlantique", "FR", "Vannes"),
            ("N-3", "PALOURDE CONSEIL ATLANTIQUE SARL", "FR", "Vannes")]  # fmt: skip
    client = seen_by("chief")
    where = on_its_way(client, "firms.csv", csv(rows, ("partner", "name", "country", "city")))
    page = client.get(f"{where}trial/").text
    assert "look like another one" in page
    assert '<a href="/partners/F-1/">' in page
    assert "of the same file" in page
    assert not Record.objects.filter(partner="N-1").exists(), "it was only looked at"
    client.post(f"{where}trial/")
    assert look_at(["N-1", "N-2", "N-3"]) >= 2
    assert {one.other for one in queue.likely_of(actor=ME, partner="F-1")} >= {"N-1"}


def test_records_are_kept_up_one_by_one_and_all_together() -> None:
    brise("K-1")
    record = {"name": "Brise-de-Mer Logistique", "city": "Brest", "country": "FR", "phone": "0298001122"}
    assert "K-1" in [one.partner for one in looks_like(actor=ME, record=record, limit=20)]
    record_facts(actor=ME, source="a list", rows={"partners": [{"partner": "K-1", "name": "Granit", "country": "DE"}]})
    assert "K-1" not in [one.partner for one in looks_like(actor=ME, record=record, limit=20)]
    before = dict(Record.objects.values_list("partner", "digest"))
    assert services.renew() == 0
    Record.objects.all().delete()
    assert services.renew() == len(before)
    assert dict(Record.objects.values_list("partner", "digest")) == before
    looking.run()
    assert set(Record.objects.values_list("partner", flat=True)) == set(before)
    assert services.renew() == 0, "a comparison of all leaves every record as it is"
    assert BLEU in newcomers(since=0, limit=1000)


def test_every_likeness_has_its_words() -> None:
    filled = dict.fromkeys((*SAID, "others"), 1.0)
    evidence = evidence_of(filled, 17, {"register": -8.0})
    assert {one.name for one in evidence} <= set(WHAT)
