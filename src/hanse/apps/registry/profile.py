"""What may somebody see of a partner's profile: the vendor, the partner itself, other partners, everybody?

The partner decides, part by part; what it has said nothing about only the vendor sees. Later pages (a directory, matching)
ask `profile_shown` and show the parts it names, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from hanse.apps.accounts.policy import not_there, require
from hanse.apps.accounts.roles import PARTNER
from hanse.apps.audit import services as audit
from hanse.apps.registry.models import Agreement, Location, Partner, Visibility
from hanse.apps.registry.selectors import see_partner, there_now, visible_partners
from hanse.language.problems import CallError, Problem, nearest

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor

VENDOR, PARTNERS, PUBLIC = "vendor", "partners", "public"  # each sees what those after it see
AUDIENCES = (VENDOR, PARTNERS, PUBLIC)
PARTS = ("contact", "competencies", "level", "people", "references")


@dataclass(frozen=True)
class Profile:
    """A partner's profile for one reader: `parts` are those that may be shown. Contact data is empty where it may not."""

    key: str
    name: str
    country: str
    parts: frozenset[str]
    city: str = ""
    website: str = ""
    phones: tuple[str, ...] = ()


def profile_shown(*, actor: Actor | None, partner: str) -> Profile:
    """What a reader may see of a partner; None is somebody who has not signed in. Three statements at most.

    The vendor's people who look after the partner, and its own people, see all of it. Raises NotThere for a partner of
    which the reader may see nothing: the same as for none, and as for one that has closed or went into another.
    """
    found = Partner.objects.filter(key=partner, present=True).first()
    if found is None:
        raise _hidden(partner)
    if actor is not None and visible_partners(actor).filter(pk=found.pk).exists():
        parts = frozenset(PARTS)
    elif found.merged_into or (found.left and found.left <= timezone.now().date()):
        raise _hidden(partner)
    else:
        reached = {PUBLIC, PARTNERS} if actor is not None and actor.roles & PARTNER else {PUBLIC}
        shown = Visibility.objects.filter(partner=found, audience__in=reached)
        parts = frozenset(shown.values_list("part", flat=True))
    if not parts:
        raise _hidden(partner)
    if "contact" not in parts:
        return Profile(found.key, found.name, found.country, parts)
    phones = Location.objects.filter(partner=found).exclude(phone=None).values_list("phone", flat=True)
    return Profile(
        found.key, found.name, found.country, parts, found.city or "", found.website or "",
        tuple(str(phone) for phone in phones),
    )  # fmt: skip


def visibility_of(*, actor: Actor, partner: str) -> dict[str, str]:
    """Who may see each part of a partner's profile, as the partner has said. Raises NotThere."""
    found = see_partner(actor, partner)
    said = dict(Visibility.objects.filter(partner=found).values_list("part", "audience"))
    return {part: said.get(part, VENDOR) for part in PARTS}


def as_shown() -> QuerySet[Visibility, Any]:
    """Who shows what to whom: for the system, which keeps it to be searched."""
    return Visibility.objects.values("part", "audience", key=F("partner__key"))


@transaction.atomic
def visibility_set(*, actor: Actor, partner: str, shown: Mapping[str, str]) -> dict[str, str]:
    """Says who may see each part, for an administrator of the firm; returns the parts that are otherwise than before.

    Raises Refused, NotThere, and CallError for a part or an audience that is none.
    """
    require(actor, "registry.visibility_set")
    if partner not in actor.administers:
        raise _hidden(partner)
    for part, audience in shown.items():
        for word, known, what in ((part, PARTS, "part of a profile"), (audience, AUDIENCES, "audience")):
            if word not in known:
                raise CallError(Problem("visibility", f"{word!r} is no {what}", "there are few", nearest(word, known)))
    found = see_partner(actor, partner)
    before = visibility_of(actor=actor, partner=partner)
    changed = {part: audience for part, audience in shown.items() if before[part] != audience}
    for part, audience in changed.items():
        Visibility.objects.update_or_create(
            partner=found, part=part, defaults={"audience": audience, "set_by": actor.name, "set_at": timezone.now()}
        )
    if changed:
        audit.record(
            actor=actor.name, action="registry.visibility_set", subject=f"partner {partner}",
            before={part: before[part] for part in changed}, after=changed,
        )  # fmt: skip
    return changed


def known_as(partners: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Name and country of partners by key: for who has been asked by them, or has found them. One statement."""
    found = Partner.objects.filter(key__in=set(partners)).values_list("key", "name", "country")
    return {key: (name, country) for key, name, country in found}


def named_to(*, actor: Actor, partners: Iterable[str]) -> set[str]:
    """Those of these partners whose name a reader may know: its own to see, or showing something to it. Two statements."""
    asked = set(partners)
    seen = set(visible_partners(actor).filter(key__in=asked).values_list("key", flat=True))
    reached = {PUBLIC, PARTNERS} if actor.roles & PARTNER else {PUBLIC}
    if asked - seen and not actor.everywhere:
        shown = Visibility.objects.filter(partner__key__in=asked - seen, partner__present=True, audience__in=reached)
        seen |= set(shown.values_list("partner__key", flat=True))
    return seen


def reached_by(partners: Iterable[str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Website and telephones of partners by key: for their connections. Two statements."""
    sites = Partner.objects.filter(key__in=set(partners)).values_list("key", "website")
    phones: dict[str, list[str]] = {}
    listed = Location.objects.filter(partner__key__in=set(partners)).exclude(phone=None).order_by("key")
    for key, phone in listed.values_list("partner__key", "phone"):
        phones.setdefault(key, []).append(str(phone))
    return {key: (site or "", tuple(dict.fromkeys(phones.get(key, ())))) for key, site in sites}


def showing(part: str) -> QuerySet[Partner, Any]:
    """The keys of the partners that show this part to other partners: for the system, which tells partners of one another."""
    shown = Visibility.objects.filter(part=part, audience__in=(PARTNERS, PUBLIC))
    return there_now().filter(pk__in=shown.values("partner")).values("key")


def locations_of(*, actor: Actor, partner: str) -> list[Location]:
    """Where a partner works. Raises NotThere."""
    return list(Location.objects.filter(partner=see_partner(actor, partner)).order_by("key"))


def agreements_of(*, actor: Actor, partner: str) -> list[Agreement]:
    """The contracts between vendor and partner, the latest first. Raises NotThere."""
    return list(Agreement.objects.filter(partner=see_partner(actor, partner)).order_by("-signed", "name"))


def _hidden(partner: str) -> Exception:
    return not_there("partner", partner, "ask the partner, or the vendor, to let you see its profile")
