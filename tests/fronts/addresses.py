"""An example address for every route, as it stands in the world of world.py: who goes there, and what it is.

Whoever adds a route adds a line here; the page is then tested in browsers, for every role and with hostile requests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fronts.world import HELD, OLD, QUARZ, ZEPHYR, Firm, uuid_of
from hanse.apps.audit.selectors import READERS
from hanse.config.urls import ROUTES

Kind = Literal["page", "file", "act", "signal"]
CHIEF, PARTNER = "channel_chief", f"administrator.{ZEPHYR.word}"
QUARZ_PEOPLE = frozenset(name for name in HELD if name.endswith(QUARZ.word))  # not of the pilot of the draft
NOT_READERS = frozenset(name for name, held in HELD.items() if held.get("role") not in READERS)  # of all of the trail


@dataclass(frozen=True)
class Address:
    """A page to look at, a file to fetch, an act that only a form does (GET is refused), or a signal for programs.

    `by` is who looks at it; empty for a stranger. `about` is the firm it tells of: who may not see that finds nothing,
    and neither do those of `but_not`.
    """

    path: str
    by: str = ""
    kind: Kind = "page"
    about: Firm | None = None
    but_not: frozenset[str] = frozenset()
    status: int = 200


ADDRESSES: dict[str, Address] = {
    # everybody's
    "account_login": Address("/login/"),
    "account_logout": Address("/logout/", CHIEF),
    "account_inactive": Address("/inactive/"),
    "accept": Address("/invitation/gone/", status=404),
    "forgotten": Address("/forgotten/"),
    "account": Address("/account/", PARTNER),
    "language": Address("/language/", kind="act"),
    "alive": Address("/alive/", kind="signal"),
    "directory": Address("/directory/"),
    "directory_firm": Address("/directory/P-gone/", status=404),
    "robots": Address("/robots.txt", kind="signal"),
    "sitemap": Address("/sitemap.xml", kind="signal"),
    "seen_as_end": Address("/seen-as/end/", CHIEF, kind="act"),
    # the rules, for both
    "programmes": Address("/programmes/", PARTNER),
    "programme": Address("/programmes/harbour/2026/", PARTNER),
    "programme_against": Address("/programmes/harbour/2027/against/harbour/2026/", CHIEF, but_not=QUARZ_PEOPLE),
    # the portal
    "home": Address("/", PARTNER),
    "search_own": Address("/search/?q=T-zephyr", PARTNER),
    "standing": Address("/standing/", PARTNER),
    "what_if": Address("/what-if/", PARTNER),
    "transition": Address("/transition/", PARTNER),
    "letter": Address("/standing/letter/", PARTNER),
    "letter_pdf": Address("/standing/letter.pdf", PARTNER, kind="file"),
    "competencies": Address("/competencies/", PARTNER),
    "competency": Address("/competencies/cloud/", PARTNER),
    "people": Address("/people/", PARTNER),
    "people_csv": Address("/people.csv", PARTNER, kind="file"),
    "benefits": Address("/benefits/", PARTNER),
    "history": Address("/history/", PARTNER),
    "colleagues": Address("/colleagues/", PARTNER),
    "profile": Address("/firm/", PARTNER),
    "feedback": Address("/feedback/", PARTNER),
    "allies": Address("/allies/", PARTNER),
    "ally": Address(f"/allies/{ZEPHYR.key}/", PARTNER, about=ZEPHYR),
    "connections": Address("/connections/", PARTNER),
    "together": Address("/connections/together/P-gone/", PARTNER, status=404),
    "firm_map": Address("/map/", PARTNER),
    "firm_map_data": Address("/map/data/?w=-10&s=40&e=20&n=60&zoom=4", PARTNER, kind="signal"),
    # the desk
    "overview": Address("/", CHIEF),
    "partners": Address("/partners/", CHIEF),
    "partners_csv": Address("/partners.csv", CHIEF, kind="file"),
    "find": Address("/find/", CHIEF),
    "map": Address("/map/", CHIEF),
    "map_data": Address("/map/data/?w=-10&s=40&e=20&n=60&zoom=4", CHIEF, kind="signal"),
    "places": Address("/places/", CHIEF),
    "place_choose": Address("/places/choose/?country=FR&city=Atlantis", CHIEF, but_not=frozenset({"manager.de"})),
    "partner_new": Address("/partners/new/", CHIEF),
    "views": Address("/views/", CHIEF),
    "partner": Address(f"/partners/{ZEPHYR.key}/", CHIEF, about=ZEPHYR),
    "record": Address(f"/partners/{ZEPHYR.key}/record/", CHIEF, about=ZEPHYR),
    "merge": Address(f"/partners/{ZEPHYR.key}/merge/", CHIEF, about=ZEPHYR),
    "became": Address(f"/partners/{ZEPHYR.key}/became/", CHIEF, about=ZEPHYR),
    "event_undo": Address(f"/partners/{ZEPHYR.key}/became/1/", CHIEF, about=ZEPHYR),
    "unmerge": Address(f"/partners/{OLD}/unmerge/", CHIEF, about=ZEPHYR),
    "what_if_of": Address(f"/what-if/?partner={ZEPHYR.key}", CHIEF, about=ZEPHYR),
    "imports": Address("/imports/", CHIEF),
    "upload": Address("/imports/files/3/", CHIEF),
    "columns": Address("/imports/files/1/columns/", CHIEF),
    "trial": Address("/imports/files/2/trial/", CHIEF),
    "refused": Address("/imports/1/", CHIEF),
    "refused_csv": Address("/imports/1/refused.csv", CHIEF, kind="file"),
    "mend": Address("/imports/1/mend/", CHIEF),
    "undo": Address("/imports/1/undo/", CHIEF),
    "duplicates": Address("/duplicates/", CHIEF),
    "sources": Address("/sources/", CHIEF),
    "waivers": Address("/waivers/", CHIEF),
    "waiver_new": Address("/waivers/new/", CHIEF),
    "waiver_end": Address("/waivers/1/end/", CHIEF),
    "fact_new": Address(f"/facts/new/?partner={ZEPHYR.key}", CHIEF, about=ZEPHYR),
    "fact": Address("/facts/exceptions/1/", CHIEF, about=ZEPHYR),
    "approvals": Address("/approvals/", CHIEF),
    "office": Address("/office/", CHIEF),
    "edition": Address("/office/harbour/2027/", CHIEF),
    "edition_upload": Address("/office/upload/", CHIEF),
    "change": Address("/office/harbour/2026/change/", CHIEF),
    "edition_cases": Address("/office/harbour/2026/cases/", CHIEF),
    "edition_files": Address("/office/harbour/2026/files.zip", CHIEF, kind="file"),
    "holders": Address("/office/harbour/2026/competencies/", CHIEF),
    "rehearsals": Address("/rehearsals/", CHIEF),
    "rehearsal": Address("/rehearsals/1/", CHIEF),
    "movers_csv": Address("/rehearsals/1/movers.csv", CHIEF, kind="file"),
    "runs": Address("/runs/", CHIEF),
    "run": Address("/runs/3/", CHIEF),
    "confirm": Address("/runs/2/confirm/", CHIEF),
    "users": Address("/users/", CHIEF),
    "user_new": Address("/users/new/", CHIEF),
    "roles": Address("/users/roles/", CHIEF),
    "user": Address(f"/users/{uuid_of(PARTNER)}/", CHIEF, about=ZEPHYR),
    "see_as": Address(f"/users/{uuid_of(PARTNER)}/see-as/", CHIEF, about=ZEPHYR),
    "search": Address("/search/?q=zephyr", CHIEF),
    "audit": Address("/audit/", CHIEF),
    "entry": Address("/audit/40/", CHIEF, but_not=NOT_READERS),
    "proof": Address("/audit/proof.json", CHIEF, kind="file"),
}
# the same pages as they look otherwise: opened, empty, wrong
VARIANTS: dict[str, Address] = {
    "no such page": Address("/nothing/", CHIEF, status=404),
    "standing, facts behind": Address("/standing/?behind=revenue", PARTNER),
    "standing, no such day": Address("/standing/?as-of=2026-05-15", PARTNER, status=400),
    "map, nobody there": Address("/map/?w=100&s=-60&e=110&n=-50", CHIEF),
    "became, its group": Address(f"/partners/{ZEPHYR.key}/became/?kind=belongs", CHIEF, about=ZEPHYR),
    "place of one": Address(f"/places/choose/?partner={ZEPHYR.key}&look=Lyon", CHIEF, about=ZEPHYR),
    "find, near a partner": Address(f"/find/?near={ZEPHYR.key}&radius=50", CHIEF),
    "find, none found": Address("/find/?text=zzzz&town=zzzz", CHIEF),
    "partners, none found": Address("/partners/?text=zzzz", CHIEF),
    "partner, facts": Address(f"/partners/{ZEPHYR.key}/?facts=sales", CHIEF),
    "audit, proved": Address("/audit/?verify=1", "auditor"),
    "search, nothing found": Address("/search/?q=zzzz", CHIEF),
    "runs, every one": Address("/runs/?every=1", CHIEF),
    "upload, asked": Address("/imports/files/1/columns/", CHIEF),
    "edition in force": Address("/office/harbour/2026/", CHIEF),
    "search, people": Address("/search/?q=T-zephyr-1", CHIEF),
    "allies, none found": Address("/allies/?text=zzzz&near=me", PARTNER),
    "connections, the ended too": Address("/connections/?over=1", PARTNER),
    "directory, a country": Address("/directory/?country=FR"),
    "the pilot's edition": Address("/standing/?edition=harbour/2027", PARTNER),
}
PAGES = {name: one for name, one in ADDRESSES.items() if one.kind == "page"}


def missing() -> set[str]:
    """Routes without an example address."""
    return {route.name for route in ROUTES} - set(ADDRESSES)


def stale() -> set[str]:
    """Example addresses of routes that are there no more."""
    return set(ADDRESSES) - {route.name for route in ROUTES}
