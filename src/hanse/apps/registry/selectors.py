"""Who is who, for whom? Every selector of every app asks here which partners an actor may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import DateField, F, Func, OuterRef, Q, QuerySet, Subquery

from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.one_look import once
from hanse.apps.accounts.policy import not_there
from hanse.apps.registry.models import Employment, Location, Partner
from hanse.apps.statements import dicts
from hanse.language.structure import EVENTS

Row = dict[str, Any]


def visible_partners(actor: Actor) -> QuerySet[Partner]:
    """The partners that an actor may see: the one door of all selectors."""
    return Partner.objects.filter(within(actor, partner="key", country="country"))


def within(actor: Actor, *, partner: str, country: str) -> Q:
    """The same door for a table that repeats a partner's key and country: the rows that an actor may see."""
    if actor.everywhere:
        return Q()
    return Q(**{f"{partner}__in": actor.partners}) | Q(**{f"{country}__in": actor.countries})


class _Today(Func):
    """The day of the statement, without a value of its own."""

    template = "CURRENT_DATE"
    output_field = DateField()


def there_now() -> QuerySet[Partner]:
    """The firms that others may find: there is a fact of each, it has not closed or left, and went into no other."""
    stays = Q(left__isnull=True) | Q(left__gt=_Today())
    return Partner.objects.filter(stays, present=True, merged_into__isnull=True)


def as_listed() -> QuerySet[Partner, Any]:
    """What lists say of a partner besides its standing: for the system, which keeps it beside each standing."""
    return Partner.objects.values("key", "name", "country", "city", "type", group_key=F("group__key"))


def as_found() -> QuerySet[Partner, Any]:
    """What the directory says of the partners that are there: for the system, which keeps it to be searched."""
    columns = ("key", "name", "country", "region", "city", "type")
    return there_now().values(*columns)


def names_before(keys: str = "IS NOT NULL") -> str:
    """SQL of (partner, name): what firms were called before, and what records are called that went into them; for the system.

    `keys` narrows them, as SQL that follows a key.
    """
    return (
        f"SELECT e.partner, e.name FROM facts.{EVENTS} AS e WHERE e.kind = 'renamed' AND e.name IS NOT NULL AND e.partner {keys} "
        f"UNION SELECT p.merged_into, p.name FROM registry_partner AS p WHERE p.merged_into IS NOT NULL AND p.merged_into {keys}"
    )


def as_placed() -> QuerySet[Partner, Any]:
    """What present partners say of where they are, with their first site in the same country: for the system's own places."""
    sites = Location.objects.filter(Q(country=None) | Q(country=OuterRef("country")), partner=OuterRef("pk")).order_by(
        "key"
    )
    site = {f"site_{name}": Subquery(sites.values(name)[:1]) for name in ("city", "postcode", "latitude", "longitude")}
    return Partner.objects.filter(present=True, merged_into__isnull=True).values(
        "key", "country", "region", "city", "latitude", "longitude", **site
    )


@once
def see_partner(actor: Actor, key: str) -> Partner:
    """One partner. Raises NotThere where there is none of that key, or it is not the actor's to see: the same answer."""
    found = visible_partners(actor).filter(key=key).first()
    if found is None:
        raise not_there("partner", key, "look it up with `hanse import --list`, or ask for access to its country")
    return found


def names_of(actor: Actor, keys: Iterable[str]) -> dict[str, str]:
    """The names of those of these partners that the actor may see, by key. One statement."""
    return dict(visible_partners(actor).filter(key__in=set(keys)).values_list("key", "name"))


def partner_list(
    actor: Actor, *, country: str | None = None, group: str | None = None, text: str | None = None, present: bool = True,
    limit: int = 100, after: str = "",
) -> list[Partner]:  # fmt: skip
    """Partners by key, a page at a time: those after the key `after`."""
    found = (
        visible_partners(actor)
        .filter(present=present, merged_into__isnull=True, key__gt=after)
        .select_related("group")
        .order_by("key")
    )
    if country:
        found = found.filter(country=country)
    if group:
        found = found.filter(group__key=group)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(key=text) | Q(city__icontains=text))
    return list(found[:limit])


@once
def keys_of(actor: Actor, partner: str) -> tuple[str, ...]:
    """The key of a firm and those of the records that it answers for today. Raises NotThere."""
    see_partner(actor, partner)
    went = Partner.objects.filter(merged_into=partner).order_by("key").values_list("key", flat=True)
    return (partner, *went)


def followed(actor: Actor) -> Actor:
    """The actor at the firms that its own went into: who worked for what was merged works for what it was merged into."""
    if not actor.partners:
        return actor
    went = dict(
        Partner.objects.filter(key__in=actor.partners, merged_into__isnull=False).values_list("key", "merged_into")
    )
    if not went:
        return actor
    partners, administers = (
        frozenset(str(went.get(key, key)) for key in keys) for keys in (actor.partners, actor.administers)
    )
    return replace(actor, partners=partners, administers=administers)


def records_of(firms: Iterable[str]) -> dict[str, str]:
    """These firms and all records that went into them, by key the firm: for apps that keep what was said of either. One statement."""
    asked = set(firms)
    went = Partner.objects.filter(merged_into__in=asked).values_list("key", "merged_into") if asked else ()
    return {key: key for key in sorted(asked)} | {key: str(into) for key, into in went}


def firms_of(records: Iterable[str]) -> dict[str, str]:
    """The firms that answer for these records today, by record. One statement."""
    asked = set(records)
    went = Partner.objects.filter(key__in=asked, merged_into__isnull=False).values_list("key", "merged_into")
    return {key: key for key in sorted(asked)} | {key: str(into) for key, into in went}


def records_of_firms(keys: Sequence[str] | None = None, *, after: str = "", limit: int | None = None) -> list[Row]:
    """Every record that went into no other, as the decision same_firm reads it, by key: for the system, which compares them.

    `keys` are those asked for, None all of them; a page at a time: those after the key `after`.
    """
    asked = "TRUE" if keys is None else "p.key = ANY(%(keys)s)"
    return dicts(
        "SELECT p.key AS id, p.name, l.street AS address, l.postcode, COALESCE(l.city, p.city) AS city, p.country, l.phone, "
        "p.website, p.vat AS registration FROM registry_partner AS p LEFT JOIN LATERAL (SELECT * FROM registry_location AS l "
        "WHERE l.partner_id = p.id ORDER BY l.key LIMIT 1) AS l ON TRUE WHERE p.present AND p.merged_into IS NULL "
        f"AND {asked} AND p.key > %(after)s ORDER BY p.key LIMIT %(limit)s",
        {"keys": list(keys or ()), "after": after, "limit": limit},
    )


def count_of_firms() -> int:
    """How many records went into no other: for the system."""
    return as_found().count()


def newest() -> int:
    """The number of the partner that came last: for `newcomers`."""
    return Partner.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def newcomers(*, since: int, limit: int) -> list[str]:
    """The keys of the present partners that came after the one with this number, in that order: for the system, which compares them."""
    found = Partner.objects.filter(pk__gt=since, present=True, merged_into__isnull=True).order_by("pk")
    return list(found.values_list("key", flat=True)[:limit])


def is_there(key: str) -> bool:
    """Is there a record of this key, whoever may see it? For the system, which gives a key once."""
    return Partner.objects.filter(key=key, present=True).exists()


def near(actor: Actor, key: str, n: int = 3) -> list[str]:
    """The visible keys that look most like a misspelt one."""
    from difflib import get_close_matches

    alike = visible_partners(actor).filter(key__istartswith=key[:2]).values_list("key", flat=True)[:20_000]
    return get_close_matches(key, list(alike), n=n, cutoff=0.6)


def people_of(actor: Actor, partner: str, on: date | None = None) -> list[Employment]:
    """Who works, or has worked, at a partner; with a day, who did on that day. Raises NotThere."""
    found = (
        Employment.objects.filter(partner__in=keys_of(actor, partner))
        .select_related("person")
        .order_by("since", "person__key")
    )
    if on is not None:
        found = found.filter(Q(until__isnull=True) | Q(until__gte=on), since__lte=on)
    return list(found)


def differences(limit: int = 20) -> list[str]:
    """Where the registry is not what the facts say; empty when all is well. Keys of partners, with what differs."""
    statement = """
        SELECT COALESCE(f.partner, p.key), CASE WHEN f.partner IS NULL THEN 'no fact says that it is there'
            WHEN p.key IS NULL THEN 'is missing in the registry' ELSE 'differs from its fact' END
        FROM facts.partners AS f FULL JOIN (SELECT p.*, g.key AS "group" FROM registry_partner AS p
            LEFT JOIN registry_group AS g ON g.id = p.group_id WHERE p.present) AS p ON p.key = f.partner
        WHERE f.partner IS NULL OR p.key IS NULL OR (f.name, f.country, f.city, f.joined, f."left", f."group")
            IS DISTINCT FROM (p.name, p.country, p.city, p.joined, p."left", p."group")
        UNION ALL
        SELECT e.partner, 'employments differ from their facts' FROM (
            SELECT f.person, f.partner, f.since, f.until, f.role FROM facts.people AS f
            EXCEPT SELECT p.key, e.partner, e.since, e.until, e.role FROM registry_employment AS e JOIN registry_person AS p ON p.id = e.person_id
        ) AS e ORDER BY 1 LIMIT %s
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [limit])
        return [f"{key}: {what}" for key, what in cursor.fetchall()]
