"""One partner of the directory, its editions, countries; and whether it is what it is a projection of.

The search itself is search.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from hanse.apps.accounts.policy import not_there
from hanse.apps.accounts.roles import PARTNER, VENDOR
from hanse.apps.directory import index, lines, projecting, terms
from hanse.apps.directory.lines import Line
from hanse.apps.directory.models import Book, Entry, Held, State
from hanse.apps.registry import profile
from hanse.apps.registry.selectors import as_found, names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hanse.apps.accounts.actors import Actor


@dataclass(frozen=True)
class Firm:
    """A partner as this reader may see it. Website and telephones only where the firm shows them to everybody."""

    line: Line
    website: str
    phones: tuple[str, ...]


def firm(*, actor: Actor | None, partner: str, edition: str = "") -> Firm:
    """One partner of the directory; None is somebody who has not signed in.

    What is shown to partners alone of how to reach a firm is the matter of a connection. Raises NotThere for a partner of
    which the reader may see nothing: the same as for none.
    """
    seen = profile.profile_shown(actor=actor, partner=partner)
    found = lines.one(partner, parts=seen.parts, edition=edition)
    if found is None:
        raise not_there("partner", partner, "ask the partner, or the vendor, to let you see its profile")
    open_to_all = actor is not None and bool(actor.roles & VENDOR)
    if not open_to_all and "contact" in seen.parts:
        reach = Entry.objects.filter(partner=partner).values_list("reach_contact", flat=True).first()
        open_to_all = reach == terms.PUBLIC or (actor is not None and partner in actor.partners)
    return Firm(found, seen.website if open_to_all else "", seen.phones if open_to_all else ())


def books(*, actor: Actor | None) -> dict[str, dict[str, Any]]:
    """The editions by which levels and competencies can be looked for, with what they call them; everybody may know."""
    assert actor is None or actor.name
    found: dict[str, dict[str, Any]] = index.current().remembered(
        "books", lambda: dict(Book.objects.order_by("edition").values_list("edition", "says"))
    )
    return found


def levels_of(*, actor: Actor, partners: Iterable[str], edition: str) -> dict[str, str]:
    """The levels of those of these partners that show theirs to the reader, or are its own to see. Three statements at most."""
    asked = set(partners)
    seen = set(names_of(actor, asked))
    if asked - seen:
        reach = terms.PARTNERS if actor.roles & PARTNER else terms.PUBLIC
        shown = Entry.objects.filter(partner__in=asked - seen, reach_level__gte=reach)
        seen |= set(shown.values_list("partner", flat=True))
    return dict(Held.objects.filter(edition=edition, partner__in=seen).values_list("partner", "level"))


def public_countries() -> dict[str, int]:
    """How many partners of each country anybody may see something of."""
    found = index.current()
    there = found.one(f"{terms.SEEN}{terms.BASIC}:{terms.PUBLIC}")
    counted = {
        t.removeprefix(terms.COUNTRY): there.intersection_cardinality(s) for t, s in found.kind(terms.COUNTRY).items()
    }
    return {country: n for country, n in sorted(counted.items()) if n}


def public_keys(first: int, limit: int) -> list[str]:
    """The keys of partners that anybody may see something of, by place: so many from the n-th on."""
    places = list(index.current().one(f"{terms.SEEN}{terms.BASIC}:{terms.PUBLIC}")[first : first + limit])
    return list(Entry.objects.filter(place__in=places).order_by("place").values_list("partner", flat=True))


def behind(editions: Iterable[str]) -> bool:
    """Has it to be made anew: is somebody not in it, or one of the editions in force? Quicker than `differences`, for the system."""
    if State.objects.get().behind or Entry.objects.count() != as_found().count():
        return True
    return bool(set(editions) - set(Book.objects.values_list("edition", flat=True)))


def differences(limit: int = 20) -> list[str]:
    """Where the directory is not what it is a projection of: keys of partners, or what else is wrong. Empty is well."""
    state = State.objects.get()
    if state.behind:
        return ["it waits to be made anew"]
    with transaction.atomic():
        projecting.keys(None)
        with projecting.of_everybody():
            found = projecting.differing(limit)
    return found or list(_index_differs())


def _index_differs() -> Iterator[str]:
    indexed = len(index.current().everybody)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT place) FROM directory_entry")
        entries, places = cursor.fetchone()
    if not indexed == entries == places:
        yield f"{entries} entries have {places} places, and {indexed} are indexed"
