"""Does every role see what it may, in every app, and find a stranger's thing as little as one that does not exist?

Every selector that takes an actor stands in one of the tables below; one that does not stand there fails. The world is
two partners in two countries, with facts, people, standings by an edition, and a user of each role.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from apps.accounts.walk import other_entries, public_functions
from apps.conftest import administered, connect, database_url
from hanse.apps.accounts import roles
from hanse.apps.accounts import selectors as accounts
from hanse.apps.accounts import services as users
from hanse.apps.accounts.actors import Actor, actor_of, operator
from hanse.apps.accounts.policy import PROGRAMME, NotThere, Refused
from hanse.apps.audit import selectors as audit
from hanse.apps.evaluation import asked_for, behind, holders, offered, progress, rehearsals, transitions, what_if
from hanse.apps.evaluation.repeats import repeat
from hanse.apps.evaluation.services import evaluate
from hanse.apps.evidence import arrivals, golden, structure
from hanse.apps.evidence import selectors as evidence
from hanse.apps.evidence.finding import facts_numbered
from hanse.apps.evidence.services import correct, erase_person, record_facts
from hanse.apps.imports import selectors as imports
from hanse.apps.imports.services import import_file
from hanse.apps.imports.uploads import receive
from hanse.apps.places import selectors as places
from hanse.apps.programmes import publishing, voices
from hanse.apps.programmes import selectors as programmes
from hanse.apps.programmes import services as editions
from hanse.apps.registry import ageing, members, profile
from hanse.apps.registry import selectors as registry
from hanse.apps.registry.finding import people_named
from hanse.apps.standings import between, explained, finding, lists, maps, outlook
from hanse.apps.standings import selectors as standings
from hanse.apps.standings.lists import Wanted
from hanse.apps.standings.maps import Window
from hanse.apps.standings.models import Run
from hanse.fronts.cli.new_programme import write
from hanse.language.facts import CONTRACT
from hanse.language.problems import HanseError

FRENCH, GERMAN = "P-100-FR", "P-100-DE"
BOTH = frozenset({FRENCH, GERMAN})
DAY = date(2026, 6, 30)
EDITION = "harbour/2026"  # in force
DRAFT = "lagoon/2026"  # shown to nobody but the vendor
FACTS: dict[str, list[dict[str, Any]]] = {
    "partners": [
        {"partner": FRENCH, "name": "Port Bleu", "country": "FR", "city": "Lyon", "joined": "2015-01-01"},
        {"partner": GERMAN, "name": "Nordlicht", "country": "DE", "city": "Hamburg", "joined": "2015-01-01"},
    ],
    "people": [{"person": f"T-{partner}", "partner": partner, "since": "2016-01-01"} for partner in (FRENCH, GERMAN)],
    "sales": [
        {"partner": partner, "on": "2026-03-01", "amount": "1000", "currency": "EUR"} for partner in (FRENCH, GERMAN)
    ],
    "deals": [{"deal": "D-1", "partner": GERMAN, "opened": "2026-01-01"}],
    "exceptions": [
        {
            "partner": partner,
            "subject": "of_old",
            "from": "2020-01-01",
            "until": "2020-12-31",
            "reason": "r",
            "by": "me",
        }
        for partner in (FRENCH, GERMAN)
    ],
}
HELD: dict[str, dict[str, Any]] = {
    **{role: {"role": role} for role in sorted(roles.EVERYWHERE)},
    "partner_manager": {"role": "partner_manager", "countries": ["FR"]},
    "partner_administrator": {"role": "partner_administrator", "partner": FRENCH},
    "partner_member": {"role": "partner_member", "partner": FRENCH},
}
SEES = {role: BOTH if role in roles.EVERYWHERE else frozenset({FRENCH}) for role in HELD} | {"nobody": frozenset()}
IMPORTERS = frozenset({"channel_chief", "programme_manager", "auditor"})

# -- what each selector shows: the partners that come with its answer -------------------------------------------------

LISTS: dict[str, Callable[[Actor], set[str]]] = {
    "registry.finding.people_named": lambda actor: {one.partner for one in people_named(actor=actor, text="T-")},
    "evidence.finding.facts_numbered": lambda actor: {
        one.partner
        for partner in BOTH
        for one in facts_numbered(actor=actor, number=fact_of(partner))
        if one.table == "sales"
    },
    "registry.visible_partners": lambda actor: {one.key for one in registry.visible_partners(actor)},
    "registry.partner_list": lambda actor: {one.key for one in registry.partner_list(actor)},
    "registry.names_of": lambda actor: set(registry.names_of(actor, BOTH)),
    "registry.near": lambda actor: set(registry.near(actor, "P-100-XX")),
    "evidence.waivers": lambda actor: {one["partner"] for one in evidence.waivers(actor)},
    "standings.visible": lambda actor: {one.partner for one in standings.visible(actor).filter(edition=EDITION)},
    "standings.moves_of_runs": lambda actor: {
        one["partner"] for one in standings.moves_of_runs(actor, [one["run"] for one in standings.run_list(operator())])
    },
    "standings.standing_list": lambda actor: {one["partner"] for one in standings.standing_list(actor, EDITION)},
    "standings.side_by_side": lambda actor: {one.partner for one in standings.side_by_side(actor, EDITION, DRAFT)},
}
# with one partner each: an answer, or NotThere
OBJECTS: dict[str, Callable[[Actor, str], object]] = {
    "places.place_of": lambda actor, partner: places.place_of(actor=actor, partner=partner) is not None,
    "registry.see_partner": registry.see_partner,
    "registry.people_of": registry.people_of,
    "registry.keys_of": registry.keys_of,
    "registry.ageing.age_of": lambda actor, partner: ageing.age_of(actor=actor, partner=partner),
    "evidence.golden.lineage": lambda actor, partner: golden.lineage(actor=actor, partner=partner),
    "evidence.structure.events_of": lambda actor, partner: structure.events_of(actor=actor, partner=partner) == [],
    "registry.profile.visibility_of": lambda actor, partner: profile.visibility_of(actor=actor, partner=partner),
    "registry.profile.locations_of": lambda actor, partner: profile.locations_of(actor=actor, partner=partner) == [],
    "registry.profile.agreements_of": lambda actor, partner: profile.agreements_of(actor=actor, partner=partner) == [],
    "evidence.facts_of": lambda actor, partner: evidence.facts_of(actor, partner, "sales"),
    "evidence.history": lambda actor, partner: evidence.history(actor, "sales", fact_of(partner)),
    "standings.standings_of": standings.standings_of,
    "standings.history": standings.history,
    "registry.members.accounts_at": lambda actor, partner: (members.accounts_at(actor=actor, partner=partner), partner),
    "standings.explained.outcome": lambda actor, partner: explained.outcome(actor=actor, partner=partner),
    "evaluation.behind.outcome": lambda actor, partner: behind.outcome(
        actor=actor, partner=partner, label=lambda _, name: name
    ),
    "evaluation.progress.progress": lambda actor, partner: progress.progress(actor=actor, partner=partner),
    "evaluation.progress.people": lambda actor, partner: progress.people(actor=actor, partner=partner),
    "evaluation.what_if.what_if": lambda actor, partner: what_if.what_if(actor=actor, partner=partner),
    "evaluation.transitions.transitions": lambda actor, partner: transitions.transitions(actor=actor, partner=partner),
    "evidence.texts_of": lambda actor, partner: [evidence.texts_of(actor, partner, {"sales": ["product"]})],
    "evaluation.offered.offered": lambda actor, partner: [offered.offered(actor=actor, partner=partner)],
    "evidence.arrivals.arrivals": lambda actor, partner: arrivals.arrivals(actor=actor, partner=partner),
    "standings.deciding_run": lambda actor, partner: standings.deciding_run(
        actor, partner, edition=EDITION, as_of=None
    ),
    "standings.rows_of": lambda actor, partner: standings.rows_of(actor, current_run(), partner)["standings"],
}
# the lists of the desk: for the vendor's people alone, of the partners that each may see
DESK: dict[str, Callable[[Actor], set[str]]] = {
    "partner_page": lambda actor: {one.partner for one in lists.partner_page(actor=actor, wanted=Wanted(EDITION)).lines},
    "every_partner": lambda actor: {one.partner for one in lists.every_partner(actor=actor, wanted=Wanted(EDITION))},
    "moving_list": lambda actor: {one.partner for moving in lists.MOVING
                                  for one in lists.moving_list(actor=actor, edition=EDITION, moving=moving)},
    "partner_counts": lambda actor: {f"P-100-{country}" for country in
                                     lists.partner_counts(actor=actor, wanted=Wanted(EDITION)).countries},
    "some_with": lambda actor: set(lists.some_with(actor=actor, edition=EDITION, text="P-100", limit=9)),
    "lines_of": lambda actor: {one.partner for one in lists.lines_of(actor=actor, edition=EDITION, partners=sorted(BOTH))},
    "by_country": lambda actor: {f"P-100-{country}" for country in lists.by_country(actor=actor, edition=EDITION)},
}  # fmt: skip
# for these roles, and refused to the others
ROLES: dict[str, tuple[frozenset[str], Callable[[Actor], object]]] = {
    "standings.maps.seen": (
        roles.VENDOR,
        lambda actor: maps.seen(actor=actor, wanted=Wanted(EDITION), window=Window()),
    ),
    "standings.maps.extent": (roles.VENDOR, lambda actor: maps.extent(actor=actor, wanted=Wanted(EDITION))),
    "places.coverage": (roles.VENDOR, lambda actor: places.coverage(actor=actor)),
    "places.chosen": (roles.VENDOR, lambda actor: places.chosen(actor=actor)),
    "places.unknown": (roles.VENDOR, lambda actor: places.unknown(actor=actor)),
    "places.suggested": (roles.VENDOR, lambda actor: places.suggested(actor=actor, country="FR", city="Lyon")),
    "imports.import_list": (IMPORTERS, imports.import_list),
    "imports.import_of": (IMPORTERS, lambda actor: imports.import_of(actor, imported())),
    "imports.unsettled": (IMPORTERS, imports.unsettled),
    "imports.files_named": (IMPORTERS, lambda actor: imports.files_named(actor, "sales")),
    "standings.finding.partners_named": (
        roles.VENDOR,
        lambda actor: finding.partners_named(actor=actor, edition=EDITION, text="P-100"),
    ),
    "standings.between.flows_between": (
        roles.EVERYWHERE,
        lambda actor: between.flows_between(actor=actor, before=run(), after=run()),
    ),
    "standings.between.costs_of": (roles.EVERYWHERE, lambda actor: between.costs_of(actor=actor, run=run())),
    "evaluation.asked_for.in_hand": (roles.EVERYWHERE, lambda actor: asked_for.in_hand(actor=actor)),
    "evaluation.asked_for.preview": (PROGRAMME, lambda actor: asked_for.preview(actor=actor, run=run_in_force())),
    "imports.mendings": (IMPORTERS, lambda actor: imports.mendings(actor, imported())),
    "imports.taken_back": (IMPORTERS, lambda actor: imports.taken_back(actor, imported())),
    "imports.to_mend": (IMPORTERS, lambda actor: imports.to_mend(actor, imported())),
    "imports.sources": (IMPORTERS, imports.sources),
    "imports.upload_list": (IMPORTERS, imports.upload_list),
    "imports.upload_of": (IMPORTERS, lambda actor: imports.upload_of(actor, uploaded())),
    "imports.refused_rows": (IMPORTERS, lambda actor: list(imports.refused_rows(actor, imported()))),
    "imports.write_refused": (IMPORTERS, lambda actor: imports.write_refused(actor, imported(), Path(os.devnull))),
    "evaluation.repeats.repeat": (IMPORTERS, lambda actor: repeat(actor=actor, run=run())),
    "standings.unconfirmed": (roles.EVERYWHERE, standings.unconfirmed),
    "standings.run_list": (roles.EVERYWHERE, standings.run_list),
    "standings.runs_in_trouble": (roles.EVERYWHERE, standings.runs_in_trouble),
    "standings.run_of": (roles.EVERYWHERE, lambda actor: standings.run_of(actor, run())),
    "standings.levels_of_run": (roles.EVERYWHERE, lambda actor: standings.levels_of_run(actor, run())),
    "standings.moves_of_run": (roles.EVERYWHERE, lambda actor: standings.moves_of_run(actor, run())),
    "standings.outlook.books": (roles.VENDOR, lambda actor: outlook.books(actor=actor)),
    "standings.outlook.book": (roles.VENDOR, lambda actor: outlook.book(actor=actor, edition=DRAFT)),
    "standings.outlook.waiting_count": (
        roles.VENDOR,
        lambda actor: outlook.waiting_count(actor=actor, edition=EDITION),
    ),
    "standings.outlook.days_judged": (
        roles.EVERYWHERE,
        lambda actor: outlook.days_judged(actor=actor, edition=EDITION),
    ),
    "standings.outlook.flows_of": (roles.EVERYWHERE, lambda actor: outlook.flows_of(actor=actor, run=run())),
    "standings.outlook.levels_of": (roles.EVERYWHERE, lambda actor: outlook.levels_of(actor=actor, run=run())),
    "standings.outlook.read_of": (roles.EVERYWHERE, lambda actor: outlook.read_of(actor=actor, run=run())),
    "standings.outlook.benefits_of": (roles.EVERYWHERE, lambda actor: outlook.benefits_of(actor=actor, run=run())),
    "audit.verified": (audit.READERS, audit.verified),
    "programmes.publications_waiting": (roles.VENDOR, programmes.publications_waiting),
    "programmes.publishing.waiting": (roles.VENDOR, lambda actor: publishing.waiting(actor=actor)),
    "programmes.voices.remarks": (roles.VENDOR, lambda actor: voices.remarks(actor=actor, version=1)),
    "evaluation.rehearsals.of_rules": (roles.VENDOR, lambda actor: rehearsals.of_rules(actor=actor)),
    "evaluation.holders.of_edition": (roles.EVERYWHERE, lambda actor: holders.of_edition(actor=actor, edition=EDITION)),
    "evaluation.holders.days_of": (roles.EVERYWHERE, lambda actor: holders.days_of(actor=actor, edition=EDITION)),
    **{f"standings.lists.{name}": (roles.VENDOR, ask) for name, ask in DESK.items()},
}
# these show other things than partners; their tests are below, and with the apps
ELSEWHERE = {
    # drafts, publications, remarks and feedback: tests/apps/programmes/test_drafts.py; rehearsals: test_rehearsals.py
    "programmes.publishing.asked_for", "programmes.publishing.ask", "programmes.publishing.approve",
    "programmes.publishing.send_back", "programmes.publishing.withdraw", "programmes.publishing.take_back",
    "programmes.voices.remark", "programmes.voices.feedback", "programmes.voices.piloted_for",
    "programmes.voices.give_feedback", "evaluation.rehearsals.rehearse", "evaluation.rehearsals.rehearsed",
    "evaluation.rehearsals.movers", "evaluation.rehearsals.every_mover", "evaluation.rehearsals.counts",
    # users and what they keep: tests/fronts/desk, tests/fronts/pages/test_seen_as.py; what is asked for: test_runs.py
    "registry.members.user_page", "registry.members.users_named", "registry.members.user_of", "registry.members.role_grant", "registry.members.invite",
    "registry.members.territories", "registry.seen_as.begin", "registry.seen_as.seen_by", "registry.seen_as.end",
    "accounts.saved_views.views", "accounts.saved_views.view_save", "accounts.saved_views.view_change",
    "accounts.saved_views.view_delete", "accounts.saved_views.view_first",
    "evaluation.asked_for.evaluate_later", "evaluation.asked_for.confirm_later", "evaluation.asked_for.repeat_later",
    "standings.finding.clauses",  # of the rules alone
    "registry.within", "registry.followed", "registry.ageing.confirm",
    # firms that were merged, in programme managers' hands: tests/apps/evidence/test_structure.py, tests/fronts/desk/test_merge.py
    "evidence.structure.merging", "evidence.structure.merge", "evidence.structure.unmerge", "evidence.structure.became", "evidence.structure.unbecame",
    "duplicates.looking.look", "duplicates.deciding.same", "duplicates.deciding.other", "duplicates.deciding.all_at_least",
    "duplicates.queue.next_pair", "duplicates.queue.pair_of", "duplicates.queue.waiting", "duplicates.queue.likely_of",
    # firms that are like others: tests/fronts/desk/test_partner_new.py
    "likeness.looks_like", "duplicates.entering.looks", "duplicates.entering.enter", "duplicates.entering.told_apart",
    "duplicates.queue.likely", "duplicates.queue.still_waits", "duplicates.deciding.all_asked",
    "evidence.structure.counted", "evidence.golden.choose", "evidence.golden.trust", "evaluation.mergers.chosen", "evaluation.mergers.trusted", "evaluation.mergers.merge", "evaluation.mergers.unmerge", "evaluation.mergers.became", "evaluation.mergers.unbecame", "evaluation.mergers.foreseen",
    # what partners show one another: tests/fronts/portal/test_map.py; choosing places: tests/apps/places
    "standings.maps_shown.seen_by_partner", "standings.maps_shown.extent_for_partner",
    "standings.maps.seen_like", "standings.maps.extent_like",
    "standings.placing.place_choose",
    "accounts.visible_to", "accounts.memberships_visible_to", "accounts.users", "accounts.user",
    "accounts.invitations.invite", "accounts.invitations.invite_again",
    "accounts.colleagues.colleagues", "accounts.colleagues.in_firm", "accounts.colleagues.looked_after_by",
    "accounts.colleagues.roles_at", "accounts.entering.lately",
    "registry.profile.profile_shown", "registry.profile.visibility_set", "evaluation.describing.describe",
    # who finds whom, by what each shows; who is connected: tests/apps/directory, tests/apps/connections
    "directory.search.search", "directory.spread.spread", "directory.spread.edges",
    "directory.showing.visibility_set", "directory.firm", "directory.books",
    "connections.connections", "connections.between", "connections.waiting_for", "connections.stand_with", "connections.given_by", "connections.among",
    "connections.joint.asking", "connections.joint.asked_together", "connections.joint.joint_ask", "connections.joint.joint_agree",
    "connections.joint.joint_end", "evaluation.together.together",
    # groups: tests/fronts/desk/test_became.py; each company is shown to who may see it, or to whom it shows something
    "evidence.groups.group_of", "registry.profile.named_to", "directory.levels_of",
    "programmes.reading.readable", "programmes.reading.to_read", "standings.lived.editions_lived",
    "audit.visible_to", "audit.entries", "audit.entry",
    "programmes.editions", "standings.levels_of", "standings.waiting_list",
    "imports.uploads.receive", "imports.uploads.answer", "imports.uploads.bring_in", "imports.uploads.go_on",
    "imports.uploads.give_up", "imports.uploads.mend", "imports.uploads.again",
}  # fmt: skip
# without an actor: what services and jobs ask, about no partner or after the partner has been seen; no page may
NOBODY_ASKS = {
    "programmes.checked_cases", "programmes.checks_made", "evidence.learned_until",
    "accounts.accounts_of", "accounts.account", "audit.searched_from",
    "registry.as_listed", "registry.as_found", "registry.records_of_firms", "registry.newest", "registry.newcomers", "registry.is_there", "likeness.weighed",
    "registry.there_now", "registry.names_before", "registry.records_of", "registry.firms_of",
    "connections.of_records", "connections.standing_between", "directory.public_countries", "directory.public_keys",
    "directory.differences",
    "registry.as_placed", "places.as_mapped", "places.as_located", "places.behind", "directory.behind", "likeness.behind",
    "registry.count_of_firms",
    "audit.verify",
    "evidence.places_of", "evidence.touched_partners", "evidence.tables_of", "evidence.counted", "evidence.erasures_since",
    "programmes.shown_to", "programmes.judged_on", "programmes.in_force_on", "programmes.version_named", "programmes.version_of_hash",
    "programmes.edition", "programmes.loaded", "programmes.unpacked", "programmes.files_of", "programmes.pilots_of",
    "programmes.seen", "programmes.latest_number",
    "registry.differences",
    "programmes.rank_on", "accounts.anybody",
    "standings.books_of", "standings.judged_since", "standings.levels_now", "standings.awaited", "standings.waivable", "standings.answers_of", "standings.run_as_row",
    "standings.outline_of", "standings.digests_of",
}  # fmt: skip


def fact_of(partner: str) -> int:
    return int(evidence.facts_of(operator(), partner, "sales")[0]["fact"])


def current_run() -> Run:
    return Run.objects.get(pk=standings.books_of(EDITION).run)  # type: ignore[union-attr]


def run_in_force() -> int:
    return int(standings.run_list(operator(), edition=EDITION)[0]["run"])


def imported() -> int:
    return int(imports.import_list(operator())[0]["id"])


def uploaded() -> int:
    return int(imports.upload_list(operator())[0]["id"])


def run() -> int:
    return int(standings.run_list(operator())[0]["run"])


def address(role: str) -> str:
    return f"{role}@firm.example"


@pytest.fixture(scope="module")
def world(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A committed database of this file's own, which every test here only reads."""
    name = f"hanse_{os.getpid()}_visibility"
    connect(None)
    administered(server_url, f"CREATE DATABASE {name} TEMPLATE hanse_template")
    connect(database_url(server_url, name))
    make_world(tmp_path_factory.mktemp("world"))
    yield
    connect(None)
    administered(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def make_world(folder: Path) -> None:
    """The partners with their facts, an edition in force and one still drafted, standings by both, and the users."""
    record_facts(actor=operator(), source="test", rows=FACTS)
    file = folder / "sales.csv"
    file.write_text(f"partner,on,amount,currency\n{FRENCH},2026-04-01,10,EUR\n{FRENCH},2026-04-31,10,EUR\n")
    import_file(actor=operator(), path=file)
    receive(actor=operator(), path=file, name="again.csv", source="another")
    for edition in (EDITION, DRAFT):
        written = folder / edition.partition("/")[0]
        write(written)
        editions.install(actor=operator(), name=str(written))
    editions.put_in_force(actor=operator(), name=EDITION, on=date(2026, 1, 1), reason="it is time", alone=True)
    for edition in (EDITION, DRAFT):
        evaluate(actor=operator(), edition=edition, as_of=DAY, reason="test")
    users.user_add(actor=operator(), username=address("nobody"))
    for role, membership in HELD.items():
        users.user_add(actor=operator(), username=address(role))
        users.role_grant(actor=operator(), username=address(role), **membership)


pytestmark = pytest.mark.usefixtures("world")
EVERY_ROLE = pytest.mark.parametrize("role", SEES)


def test_every_role_is_asked() -> None:
    assert set(SEES) == roles.ALL | {"nobody"}


def test_every_selector_stands_in_a_table() -> None:
    with_actor, without = set(), set()
    for app, name, function in public_functions("selectors"):
        (with_actor if "actor" in inspect.signature(function).parameters else without).add(f"{app}.{name}")
    assert with_actor | other_entries() == {*LISTS, *OBJECTS, *ROLES, *ELSEWHERE}
    assert without == NOBODY_ASKS


@EVERY_ROLE
@pytest.mark.parametrize("selector", LISTS)
def test_a_list_shows_the_partners_of_the_role(selector: str, role: str) -> None:
    assert LISTS[selector](actor_of(address(role))) == SEES[role]


@EVERY_ROLE
@pytest.mark.parametrize("selector", OBJECTS)
def test_a_stranger_is_not_there(selector: str, role: str) -> None:
    actor = actor_of(address(role))
    for partner in BOTH:
        if partner in SEES[role]:
            assert OBJECTS[selector](actor, partner)
        else:
            with pytest.raises(NotThere):
                OBJECTS[selector](actor, partner)


@EVERY_ROLE
@pytest.mark.parametrize("selector", ROLES)
def test_a_role_is_asked_for(selector: str, role: str) -> None:
    allowed, ask = ROLES[selector]
    actor = actor_of(address(role))
    if role in allowed:
        ask(actor)
    else:
        with pytest.raises(Refused):
            ask(actor)


@pytest.mark.parametrize("role", sorted(roles.VENDOR))
@pytest.mark.parametrize("selector", DESK)
def test_the_desk_lists_the_partners_of_the_role(selector: str, role: str) -> None:
    found = DESK[selector](actor_of(address(role)))
    assert found <= SEES[role]
    assert found == SEES[role] or selector == "moving_list"


@EVERY_ROLE
def test_the_map_shows_the_partners_of_the_role(role: str) -> None:
    actor = actor_of(address(role))
    if not actor.roles & roles.VENDOR:
        return
    for text in ("", "P"):  # out of what is counted, and out of the partners themselves
        found = maps.seen(actor=actor, wanted=Wanted(EDITION, text=text), window=Window())
        assert {one.partner for one in found.spots} == SEES[role]
    assert {f"P-100-{one.country}" for one in places.unknown(actor=actor)} == set()
    assert places.coverage(actor=actor).found == len(SEES[role])


@EVERY_ROLE
def test_a_strangers_partner_and_none_at_all_are_answered_alike(role: str) -> None:
    actor = actor_of(address(role))
    for selector in (
        "registry.see_partner",
        "registry.people_of",
        "evidence.facts_of",
        "standings.standings_of",
        "standings.history",
    ):
        for partner in BOTH - SEES[role]:
            said = []
            for key in (partner, "P-XX"):
                with pytest.raises(NotThere) as answer:
                    OBJECTS[selector](actor, key)
                said.append(str(answer.value).replace(key, "KEY"))
            assert said[0] == said[1]


@EVERY_ROLE
def test_a_strangers_fact_and_none_at_all_are_answered_alike(role: str) -> None:
    actor = actor_of(address(role))
    for partner in BOTH - SEES[role]:
        said = []
        for fact in (fact_of(partner), 10**9):
            with pytest.raises(NotThere) as answer:
                evidence.history(actor, "sales", fact)
            said.append(str(answer.value).replace(str(fact), "FACT"))
        assert said[0] == said[1]


@EVERY_ROLE
def test_what_was_a_strangers_before_stays_the_strangers(role: str) -> None:
    actor = actor_of(address(role))
    with transaction.atomic():
        moved = record_facts(actor=operator(), source="call", rows={"deals": [FACTS["deals"][0] | {"partner": FRENCH}]})
        (fact,) = moved.facts["deals"]
        if SEES[role]:
            assert {row["partner"] for row in evidence.history(actor, "deals", fact)} == SEES[role]
        transaction.set_rollback(True)


@EVERY_ROLE
@pytest.mark.parametrize("table", [table for table in CONTRACT if CONTRACT[table].owner != "none"])
def test_facts_of_every_table(role: str, table: str) -> None:
    actor = actor_of(address(role))
    for partner in BOTH:
        if partner in SEES[role]:
            found = evidence.facts_of(actor, partner, table)
            assert {row.get("partner", partner) for row in found} <= {partner}
        else:
            with pytest.raises(NotThere):
                evidence.facts_of(actor, partner, table)


@EVERY_ROLE
def test_a_draft_is_shown_to_the_vendor_alone(role: str) -> None:
    actor = actor_of(address(role))
    vendor = role in roles.VENDOR
    assert (DRAFT in {one.name for one in programmes.editions(actor=actor, day=DAY)}) == vendor
    assert ({one.partner for one in standings.visible(actor).filter(edition=DRAFT)} == SEES[role]) == (
        vendor or not SEES[role]
    )
    for partner in SEES[role]:
        listed = {one["edition"] for one in standings.standings_of(actor, partner)}
        moved = {one["edition"] for one in standings.history(actor, partner)}
        assert (DRAFT in listed, EDITION in listed) == (vendor, True)
        assert DRAFT not in moved or vendor
        for as_of in (None, DAY):
            if vendor:
                assert standings.deciding_run(actor, partner, edition=DRAFT, as_of=as_of).edition == DRAFT
            else:
                for asked in (standings.deciding_run, explained.outcome):
                    with pytest.raises(HanseError):
                        asked(actor=actor, partner=partner, edition=DRAFT, as_of=as_of)


@EVERY_ROLE
def test_figures_are_of_the_partners_seen(role: str) -> None:
    actor = actor_of(address(role))
    for counted in standings.levels_of(actor, EDITION).values():
        assert sum(counted.values()) == len(SEES[role])
    assert {one["partner"] for one in standings.waiting_list(actor)} <= SEES[role]


SEES_USERS = {
    "partner_manager": roles.VENDOR,
    "partner_administrator": {"partner_administrator", "partner_member"},
    "partner_member": {"partner_member"},
    "nobody": {"nobody"},
}


@EVERY_ROLE
def test_users(role: str) -> None:
    actor = actor_of(address(role))
    seen = {address(other) for other in SEES_USERS.get(role, SEES)}
    assert {one.username for one in accounts.users(actor)} == seen
    assert {one.username for one in accounts.visible_to(actor)} == seen
    assert {one.user.username for one in accounts.memberships_visible_to(actor)} <= seen
    for other in SEES:
        if address(other) in seen:
            assert accounts.user(actor, address(other)).username == address(other)
        else:
            with pytest.raises(NotThere):
                accounts.user(actor, address(other))


@EVERY_ROLE
def test_the_trail(role: str) -> None:
    actor = actor_of(address(role))
    everything = audit.verify().entries
    assert everything > 2 * len(HELD)
    seen = audit.entries(actor, limit=everything + 1)
    assert len(seen) == audit.visible_to(actor).count()
    if role in audit.READERS:
        assert len(seen) == everything
        assert audit.entry(actor, 1).number == 1
    else:
        assert {one.actor for one in seen} <= {actor.name}
        with pytest.raises(NotThere):
            audit.entry(actor, 1)


OWN, STRANGER = FACTS["sales"]
RECORDS: list[tuple[str, list[dict[str, Any]], bool]] = [
    ("sales", [OWN], True),
    ("sales", [OWN, STRANGER], False),
    ("people", [{"person": "T-9", "partner": FRENCH, "since": "2026-01-01"}], True),
    ("certifications", [{"person": f"T-{FRENCH}", "certificate": "C", "earned": "2026-01-01"}], True),
    ("certifications", [{"person": f"T-{GERMAN}", "certificate": "C", "earned": "2026-01-01"}], False),
    ("certifications", [{"person": "T-nobody", "certificate": "C", "earned": "2026-01-01"}], False),
    ("deals", [{"deal": "D-2", "partner": FRENCH, "opened": "2026-01-01"}], True),
    ("deals", [{"deal": "D-1", "partner": FRENCH, "opened": "2026-01-01"}], False),  # it is the stranger's
    ("partners", [FACTS["partners"][0] | {"city": "Brest"}], True),
    ("partners", [FACTS["partners"][1] | {"city": "Brest"}], False),
    ("partners", [FACTS["partners"][1] | {"country": "FR"}], False),
    ("partners", [FACTS["partners"][0] | {"partner": "P-101"}], True),
    ("partners", [FACTS["partners"][1] | {"partner": "P-101"}], False),
    ("customers", [{"customer": "C-1"}], False),
    ("exceptions", [{"partner": FRENCH, "subject": "gold", "from": "2026-01-01", "until": "2026-12-31",
                     "reason": "r", "by": "me"}], False),
    ("levels_held", [{"partner": FRENCH, "subject": "gold", "from": "2026-01-01"}], False),
    ("attestations", [{"partner": FRENCH, "name": "audit", "granted": "2026-01-01"}], False),
]  # fmt: skip


@pytest.mark.parametrize(("table", "rows", "may"), RECORDS)
def test_a_partner_manager_records_what_happened_at_its_partners(
    table: str, rows: list[dict[str, Any]], may: bool
) -> None:
    manager = actor_of(address("partner_manager"))
    with transaction.atomic():
        if may:
            assert record_facts(actor=manager, source="call", rows={table: rows}).facts[table]
        else:
            with pytest.raises(Refused) as said:
                record_facts(actor=manager, source="call", rows={table: rows})
            assert said.value.problems[0].place.startswith(table)
        transaction.set_rollback(True)


def test_the_trail_does_not_keep_who_an_erased_person_was() -> None:
    person = f"T-{FRENCH}"
    with transaction.atomic():
        said = record_facts(
            actor=operator(), source="call",
            rows={"certifications": [{"person": person, "certificate": "C", "earned": "2026-01-01"}]},
        )  # fmt: skip
        (fact,) = said.facts["certifications"]
        right = {"person": person, "certificate": "D", "earned": "2026-01-01"}
        correct(actor=operator(), table="certifications", fact=fact, row=right, reason="another certificate")
        erase_person(actor=operator(), person=person, reason="asked to")
        entries = audit.entries(operator(), limit=10_000)
        assert [one for one in entries if person in str(one)] == []
        (corrected,) = (one for one in entries if one.action == "evidence.correct")
        assert '"certificate":"D"' in (corrected.after or "")
        transaction.set_rollback(True)


@EVERY_ROLE
def test_who_records_facts(role: str) -> None:
    actor = actor_of(address(role))
    with transaction.atomic():
        if role in ("channel_chief", "programme_manager", "partner_manager"):
            record_facts(actor=actor, source="call", rows={"sales": [OWN]})
        else:
            with pytest.raises(Refused):
                record_facts(actor=actor, source="call", rows={"sales": [OWN]})
        transaction.set_rollback(True)
