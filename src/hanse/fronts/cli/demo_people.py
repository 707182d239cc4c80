"""Who can sign in to a demo: one of every role of the vendor, and people of partners worth looking at."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from hanse.fronts.cli.demo_state import LogIn
from hanse.fronts.cli.demo_walk import DRAFT, EDITION

if TYPE_CHECKING:
    from rich.console import Console

    from hanse.fronts.cli.demo_walk import Seen

CHIEF, OFFICE = "chief@vendor.example", "office@vendor.example"
_VENDOR = (  # address, name, role, language, what is worth seeing
    (CHIEF, "Ada Lindqvist", "channel_chief", "en", "the whole channel, and an approval that waits for you"),
    (OFFICE, "Benoît Carrel", "programme_manager", "fr", "the programme office in French: editions, imports, a pilot"),
    ("manager@vendor.example", "Carla Reyes", "partner_manager", "en", "the partners of two countries"),
    ("finance@vendor.example", "David Okafor", "finance", "en", "what the programme gives in benefits"),
    ("adviser@vendor.example", "Elif Demir", "adviser", "en", "who is one requirement short"),
    ("executive@vendor.example", "Frank Osei", "executive", "en", "everything, to read"),
    ("auditor@vendor.example", "Greta Holm", "auditor", "en", "the trail, and its proof"),
)
_SIDES = (("administrator", "partner_administrator"), ("member", "partner_member"))
_ZONES = {"fr": "Europe/Paris"}
_WORDS = (
    "anchor", "amber", "barrel", "beacon", "canvas", "cedar", "chart", "compass", "copper", "current", "ferry",
    "flax", "gable", "granary", "gull", "harbour", "hatch", "heron", "island", "keel", "lantern", "ledger", "linen",
    "market", "mast", "mooring", "oar", "pepper", "pilot", "quay", "rudder", "sail", "salt", "scales", "seal",
    "shore", "signal", "silver", "spire", "tally", "tar", "tide", "timber", "tower", "velvet", "voyage", "wharf",
)  # fmt: skip


def password() -> str:
    """A password of this demo's own: some words that are easy to type, and hard to guess."""
    return "-".join(secrets.choice(_WORDS) for _ in range(4))


def added(seen: Seen, given: str) -> tuple[LogIn, ...]:
    """Adds them all, with this password; the programme office asks for an approval and a rehearsal."""
    people = [_vendor(*one, given, _countries(seen)) for one in _VENDOR]
    for partner, word, sees in (
        (seen.short, "short", "lacks a single requirement for the next level"),
        (seen.falling, "falling", "is about to lose its level"),
        (seen.pilot, "pilot", "sees next year's edition before the others"),
    ):
        if partner is not None:
            people += [_of_partner(partner, side, role, word, sees, given) for side, role in _SIDES]
    _office_asks()
    return tuple(people)


def shown(to: Console, people: tuple[LogIn, ...], given: str) -> None:
    """Says who can sign in, and how."""
    from rich.text import Text

    from hanse.fronts.cli.tables import table

    rows = [(one.role.replace("_", " "), one.address, one.sees) for one in people]
    to.print(table("Sign in as", ("role", "address", "to see"), rows))
    to.print(Text.assemble("Everybody's password is ", (given, "bold")), soft_wrap=True)


def _vendor(
    address: str, name: str, role: str, language: str, sees: str, given: str, countries: tuple[str, ...]
) -> LogIn:
    scoped = countries if role == "partner_manager" else ()
    _account(address, name, language, given, role, countries=scoped)
    return LogIn(address, role, f"{sees} ({' and '.join(scoped)})" if scoped else sees)


def _of_partner(partner: str, side: str, role: str, word: str, sees: str, given: str) -> LogIn:
    address = f"{side}@{word}.example"
    _account(address, f"{side.capitalize()} of {partner}", "en", given, role, partner=partner)
    return LogIn(address, role, f"{partner}, which {sees}")


def _account(
    address: str, name: str, language: str, given: str, role: str, *, partner: str = "", countries: tuple[str, ...] = ()
) -> None:
    from hanse.apps.accounts import services
    from hanse.apps.accounts.actors import operator

    actor, why = operator(), "a demonstration"
    zone = _ZONES.get(language, "UTC")
    services.user_add(actor=actor, username=address, name=name, language=language, time_zone=zone, why=why)
    services.password_set(actor=actor, username=address, password=given, why=why)
    services.role_grant(actor=actor, username=address, role=role, partner=partner, countries=countries, why=why)


def _countries(seen: Seen) -> tuple[str, ...]:
    """The countries of the partners worth looking at, so that their manager has something to do."""
    from hanse.apps.accounts.actors import operator
    from hanse.apps.registry.selectors import see_partner

    keys = [key for key in (seen.short, seen.falling, seen.pilot) if key]
    found = dict.fromkeys(see_partner(operator(), key).country for key in keys)
    return tuple(found)[:2] or ("DE",)


def _office_asks() -> None:
    """A publication waits for a second person, and a rehearsal for the worker of whoever serves the pages."""
    from django.utils import timezone

    from hanse.apps.accounts.actors import actor_of
    from hanse.apps.evaluation import rehearsals
    from hanse.apps.programmes import publishing
    from hanse.demo.channel import AS_OF

    office = actor_of(OFFICE)
    publishing.ask(
        actor=office, name=DRAFT, state="announced", on=timezone.now().date(), reason="the pilot group has been heard"
    )
    rehearsals.rehearse(actor=office, before=EDITION, after=DRAFT, as_of=AS_OF)
