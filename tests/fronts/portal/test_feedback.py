"""Pilot partners say what they think of a draft; others are in no pilot."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from apps.quay import BLEU, NORDLICHT, facts, installed
from fronts.pages.signed_in import account, browser
from hanse.apps.accounts.actors import operator
from hanse.apps.programmes import services, voices

pytestmark = pytest.mark.usefixtures("database")
PATH = "/feedback/"


def test_a_pilot_partner_says_what_it_thinks_and_a_stranger_sees_nothing_of_it(tmp_path: Path) -> None:
    facts()
    draft = installed(tmp_path / "quay", in_force=False)
    services.pilot(actor=operator(), name=draft.key, partners=[BLEU], on=timezone.now().date(), reason="try it")
    client = browser(account("ann@bleu.example", "partner_member", partner=BLEU))
    page = client.get(PATH).text
    assert "Quay" in page
    assert '<option value="revenue">' in page
    empty = client.post(PATH, {"version": draft.id, "partner": BLEU, "text": "Hm."})
    assert empty.status_code == 400
    assert "Hm.</textarea>" in empty.text
    said = {"version": draft.id, "partner": BLEU, "opinion": "partly", "requirement": "revenue", "text": "Hm."}
    assert "Thank you" in client.post(PATH, said, follow=True).text
    assert "Hm." in client.get(PATH).text
    stranger = browser(account("bob@nord.example", "partner_member", partner=NORDLICHT))
    assert "in no pilot group" in stranger.get(PATH).text
    assert stranger.post(PATH, said | {"partner": NORDLICHT}).status_code == 400
    (heard,) = voices.feedback(actor=operator(), version=draft.id)
    assert (heard.partner, heard.opinion, heard.requirement) == (BLEU, "partly", "revenue")
    assert "groupe pilote" in browser("bob@nord.example", language="fr").get(PATH).text
