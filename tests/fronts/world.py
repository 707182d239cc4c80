"""Two firms in two countries that know nothing of one another, and somebody of every role: what no page may mix up.

All that is told of a firm carries the firm's own word (Zephyr in France, Quarz in Germany) with a number to it,
so that a
page which shows something of the other firm is found out by that word alone. There is every kind of fact of each.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import psycopg

from database import TEMPLATE, administered, connect, database_url
from fronts.pages.signed_in import account
from hanse.apps.accounts import roles
from hanse.apps.accounts.actors import Actor, actor_of, operator
from hanse.apps.accounts.saved_views import view_save
from hanse.apps.evaluation import rehearsals, rehearsing, warm
from hanse.apps.evaluation.services import evaluate, waive
from hanse.apps.evidence import structure
from hanse.apps.evidence.services import record_facts
from hanse.apps.imports import uploads
from hanse.apps.imports.services import import_file, undo
from hanse.apps.programmes import publishing, voices
from hanse.apps.programmes import services as editions
from hanse.apps.programmes.selectors import version_named
from hanse.fronts.cli.new_programme import write
from hanse.language.facts import CONTRACT

BEFORE, DAY = date(2026, 3, 31), date(2026, 6, 30)
EDITION, DRAFT = "harbour/2026", "harbour/2027"


@dataclass(frozen=True)
class Firm:
    """One of the two: its key, the word that all its facts carry, its country, an amount that only it has."""

    key: str
    word: str
    country: str
    amount: int

    def said(self, number: int) -> str:
        """A text that says whose it is."""
        return f"{self.word.capitalize()}{number}"


ZEPHYR = Firm("P-zephyr", "zephyr", "FR", 314_159)
QUARZ = Firm("P-quarz", "quarz", "DE", 271_828)
FIRMS = (ZEPHYR, QUARZ)
OLD = "P-zephyr43"  # another record of the firm
_WORDS = re.compile("|".join(rf"{firm.word}\d*" for firm in FIRMS), re.IGNORECASE)

# who signs in: every role of the vendor, a manager of each country, both roles of both firms, somebody without a role
MANAGERS = {f"manager.{firm.country.lower()}": firm for firm in FIRMS}
PEOPLE = {
    f"{role.removeprefix('partner_')}.{firm.word}": (role, firm) for firm in FIRMS for role in sorted(roles.PARTNER)
}
HELD: dict[str, dict[str, Any]] = {
    **{role: {"role": role} for role in sorted(roles.EVERYWHERE)},
    **{name: {"role": roles.SCOPED, "countries": [firm.country]} for name, firm in MANAGERS.items()},
    **{name: {"role": role, "partner": firm.key} for name, (role, firm) in PEOPLE.items()},
    "nobody": {},
}
SEES: dict[str, tuple[Firm, ...]] = {
    **dict.fromkeys(sorted(roles.EVERYWHERE), FIRMS),
    **{name: (firm,) for name, firm in MANAGERS.items()},
    **{name: (firm,) for name, (_, firm) in PEOPLE.items()},
    "nobody": (),
}


def address(name: str) -> str:
    """The address of one of them."""
    return f"{name}@harbour.example"


def told(text: str) -> set[str]:
    """The firms' words in a text, in lower case and with their numbers."""
    return {found.lower() for found in _WORDS.findall(text)}


def strange(name: str, text: str, asked: str) -> set[str]:
    """What a text tells of firms whom this user may not see, beyond what the user's own question said."""
    seen = {firm.word for firm in SEES.get(name, ())}
    hidden = [firm for firm in FIRMS if firm.word not in seen]
    words = {one for one in told(text) - told(asked) if not any(one.startswith(word) for word in seen)}
    plain = re.sub(r"(?<=\d)[\s\u00a0\u202f,.](?=\d{3})", "", text)
    return words | {str(firm.amount) for firm in hidden if str(firm.amount) in plain and str(firm.amount) not in asked}


def facts_of(firm: Firm) -> dict[str, list[dict[str, Any]]]:
    """Facts of every kind, each text with the firm's word; enough for silver, and for all of gold but one answer."""
    key, said, country = firm.key, firm.said, firm.country
    customer, deal = f"C-{firm.word}", f"D-{firm.word}"
    people = [f"T-{firm.word}-{n}" for n in range(1, 7)]
    certificates = ["CLOUD-1", "CLOUD-2", "SECURITY-1", "SECURITY-1", "SECURITY-1", "CLOUD-1"]
    return {
        "partners": [{
            "partner": key, "name": f"{said(1)} Conseil", "country": country, "region": said(2), "city": said(3),
            "latitude": 48.1,
            "longitude": 4.2, "type": "reseller", "group": said(4), "joined": "2015-01-01", "employees": 40,
            "website": f"https://{said(5)}.example", "vat": said(6),
        }],
        "locations": [{
            "partner": key, "location": f"L-{firm.word}", "name": said(7), "street": said(8), "postcode": "10000",
            "city": said(9), "country": country, "phone": said(10),
        }],
        "people": [{"person": one, "partner": key, "since": "2016-01-01", "role": "sales",
        "country": country} for one in people],
        "certifications": [
            {"person": one, "certificate": certificate, "earned": "2025-02-01",
             "expires": "2026-08-15" if one == people[0] else "2028-02-01", "vendor": said(11), "status": "held"}
            for one, certificate in zip(people, certificates, strict=True)
        ],
        "surveys": [
            {"partner": key, "on": f"2026-0{month}-10", "score": 8.5, "respondents": 3, "customer": customer}
            for month in (1, 2, 3, 4)
        ],
        "references": [{
            "partner": key, "on": "2026-02-02", "competency": "cloud", "solution": said(12), "customer": customer,
            "country": country, "expires": "2027-02-02",
        }],
        "sales": [{
            "partner": key, "on": "2026-02-20", "amount": firm.amount, "currency": "EUR", "customer": customer,
            "solution": said(13), "product": said(14), "kind": "new", "role": "sold", "country": country,
            "segment": said(15),
            "plan": said(16), "payer": said(17),
        }, {"partner": key, "on": "2024-05-05", "amount": 999, "currency": "EUR", "customer": said(18)}],
        "series": [{
            "partner": key, "metric": "seats", "on": "2026-05-31", "value": 12, "customer": customer,
            "product": said(19),
            "role": said(20), "segment": said(21),
        }],
        "customers": [{
            "customer": customer, "name": said(22), "country": country, "segment": said(23), "industry": said(24),
            "sector": said(25),
        }],
        "associations": [{"partner": key, "customer": customer, "role": "advisor", "from": "2025-01-01",
        "product": said(26)}],
        "contracts": [{
            "partner": key, "customer": customer, "start": "2025-01-01", "end": "2027-01-01", "product": said(27),
            "amount": 12_000, "currency": "EUR", "term_months": 24,
        }],
        "deals": [{
            "deal": deal, "partner": key, "opened": "2026-01-07", "customer": customer, "kind": said(28),
            "stage": said(29),
            "outcome": said(30), "amount": 45_000, "currency": "EUR",
        }],
        "levels_held": [{"partner": key, "subject": "silver", "from": "2026-01-15", "until": "2027-01-15"}],
        "assignments": [{"person": people[0], "role": "lead", "subject": said(31), "from": "2025-01-01"}],
        "attestations": [{"partner": key, "name": "audit", "granted": "2026-01-01", "kind": said(32), "by": said(33)}],
        "ownership": [{"owner": f"O-{firm.word}", "owned": key, "percent": 100, "from": "2015-01-01"}],
        "benefit_uses": [{"partner": key, "benefit": "training_places", "on": "2026-02-01", "quantity": 2}],
        "exceptions": [{
            "partner": key, "subject": "gold:certified_people", "from": "2026-01-01", "until": "2026-12-31",
            "reason": said(34), "by": said(35),
        }],
    }  # fmt: skip


def make(folder: Path) -> None:
    """The firms and the users; an edition in force, and next year's, shown to a pilot; imports, runs, a waiver."""
    facts = [facts_of(firm) for firm in FIRMS]
    rows = {table: [row for one in facts for row in one[table]] for table in facts[0]}
    record_facts(actor=operator(), source="test", rows=rows)
    for name, held in HELD.items():
        account(address(name), **held)
    _editions(folder)
    _imports(folder)
    evaluate(actor=operator(), edition=EDITION, as_of=BEFORE, reason="Q1")
    for firm, subject in ((ZEPHYR, "gold:revenue"), (QUARZ, "silver:client_satisfaction")):
        waive(actor=of("channel_chief"), partner=firm.key, subject=subject, since=date(2026, 5, 1),
              until=date(2026, 9, 30), reason=firm.said(36))  # fmt: skip
    for edition in (EDITION, DRAFT):
        evaluate(actor=operator(), edition=edition, as_of=DAY, reason="Q2")
    _next_year()
    _became()


def of(name: str) -> Actor:
    """One of them as services know them."""
    return actor_of(address(name))


def _editions(folder: Path) -> None:
    write(folder / "harbour")
    editions.install(actor=operator(), name=str(folder / "harbour"), reason="2026")
    editions.put_in_force(actor=of("channel_chief"), name=EDITION, on=date(2026, 1, 1), reason="2026")
    next_year = shutil.copytree(folder / "harbour", folder / "next" / "harbour")
    for name, before, after in (
        ("programme.yaml", 'edition: "2026"', 'edition: "2027"'),
        ("programme.yaml", "2026-01-01", "2027-01-01"),
        ("levels.yaml", "at_least: 8.0", "at_least: 8.6"),
        ("levels.yaml", "large: 100_000 EUR", "large: 300_000 EUR"),
    ):
        path = next_year / name
        path.write_text(path.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")
    shutil.rmtree(next_year / "cases")
    editions.install(actor=of("programme_manager"), name=str(next_year), reason="2027")
    editions.pilot(actor=of("programme_manager"), name=DRAFT, partners=[ZEPHYR.key], on=date(2026, 6, 1), reason="Q2")


def _next_year() -> None:
    """The draft rehearsed, remarked upon, answered by its pilot, waiting for a second person; a view that is kept."""
    draft = version_named(DRAFT, date.max)
    manager = of("programme_manager")
    rehearsing.run(rehearsals.rehearse(actor=manager, before=EDITION, after=DRAFT, as_of=DAY))
    voices.remark(actor=of("finance"), version=draft.id, text="2027: 8.6")
    voices.give_feedback(
        actor=of(f"administrator.{ZEPHYR.word}"), version=draft.id, partner=ZEPHYR.key, opinion="partly",
        text=ZEPHYR.said(37), requirement="client_satisfaction",
    )  # fmt: skip
    publishing.ask(actor=manager, name=DRAFT, state="announced", on=date(2099, 1, 1), reason="Q3")
    view_save(actor=of("channel_chief"), page="partners", name="FR", query="country=FR", shared=True)


def _became() -> None:
    """A firm belongs to another group from a day on, and a record was found to be the same firm."""
    record_facts(actor=operator(), source="test", rows={
        "partners": [{"partner": OLD, "name": ZEPHYR.said(42), "country": ZEPHYR.country, "joined": "2016-01-01"}],
    })  # fmt: skip
    structure.became(
        actor=of("channel_chief"), partner=ZEPHYR.key, kind="belongs", on=date(2026, 2, 1), name=ZEPHYR.said(41),
        reason="Q1",
    )  # fmt: skip
    structure.merge(actor=of("channel_chief"), partner=OLD, into=ZEPHYR.key, reason="Q2")


def _settled(url: str) -> None:
    """No job is left to a worker, and addresses name users by the same numbers every time, so that requests repeat.

    The database lets nobody change such a number; the superuser's rows pass by its triggers.
    """
    with psycopg.connect(url.replace("//hanse@", "//postgres@", 1)) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM procrastinate_events")
        connection.execute("DELETE FROM procrastinate_jobs")
        for name in HELD:
            connection.execute("UPDATE accounts_user SET uuid = %s WHERE username = %s", [uuid_of(name), address(name)])


def uuid_of(name: str) -> UUID:
    """The number by which addresses name a user."""
    return uuid5(NAMESPACE_URL, address(name))


def _imports(folder: Path) -> None:
    """One with a refused row, one that was taken back; files that ask something, that are ready, that are broken."""
    for number, firm in enumerate(FIRMS):
        path = folder / f"sales-{number}.csv"
        rows = "".join(
            f"{firm.key},{on},{10 + number},EUR,{firm.said(40)}\n" for on in ("2026-04-01", "2026-04-31", "2026-04-30")
        )
        path.write_text(f"partner,on,amount,currency,customer\n{rows}", encoding="utf-8")
        done = import_file(actor=of("programme_manager"), path=path)
    assert done.number is not None
    undo(actor=of("programme_manager"), number=done.number, reason="Q2")
    row = f"{ZEPHYR.key},2026-04-03,20,EUR"
    for name, content in (
        ("asked.csv", f"wer,wann,wieviel,x\n{row}\n"),
        ("ready.csv", f"partner,on,amount,currency\n{row}\n"),
        ("broken.parquet", "PAR1 and nothing else"),
    ):
        path = folder / name
        path.write_text(content)
        uploads.receive(actor=of("programme_manager"), path=path, name=name)
    for thread in threading.enumerate():  # who looks at the files
        if thread is not threading.current_thread():
            thread.join(30)


@contextmanager
def cloned(server_url: str, template: str, name: str) -> Iterator[str]:
    """A committed database of this name, like its template; yields its address. Who is connected there is cut off."""
    made = f"hanse_{os.getpid()}_{name}"
    warm.close()
    connect(None)
    administered(server_url, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{template}'")
    administered(server_url, f"CREATE DATABASE {made} TEMPLATE {template}")
    url = database_url(server_url, made)
    connect(url)
    try:
        yield url
    finally:
        warm.close()
        connect(None)
        administered(server_url, f"DROP DATABASE {made} WITH (FORCE)")


_MADE: list[str] = []


def made_once(server_url: str, folder: Path) -> str:
    """The database of the world, made when this process first asks for it; clone it."""
    if not _MADE:
        name = f"hanse_{os.getpid()}_world"
        administered(server_url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        connect(database_url(server_url, name))
        make(folder)
        connect(None)
        _settled(database_url(server_url, name))
        _MADE.append(name)
    return _MADE[0]


def every_kind_of_fact() -> set[str]:
    """The tables of the contract of which the firms have no fact: there must be none."""
    return {table for table in CONTRACT if not facts_of(ZEPHYR).get(table)} - {"rates", "events"}  # _became says those
