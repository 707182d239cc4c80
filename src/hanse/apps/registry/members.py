"""Who has an account, as far as an actor may see: the vendor's people, and those of the partners?

A partner manager sees the accounts of the partners of its countries too, with the roles held there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from hanse.apps.accounts import invitations, listing, roles, services
from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.selectors import Account
from hanse.apps.registry.selectors import keys_of, near, see_partner, visible_partners
from hanse.language.problems import CallError, Problem


def user_page(*, actor: Actor, wanted: listing.Wanted, after: str = "", limit: int = 50) -> listing.Page:
    """Users by address, those after `after`."""
    inside = visible_partners(actor).filter(country=wanted.country) if wanted.country else None
    return listing.page(actor, wanted, of=_further(actor), inside=inside, after=after, limit=limit)


def users_named(*, actor: Actor, text: str, limit: int = 8) -> list[Account]:
    """A few users whose address or name has words that begin so, with the roles that hold today."""
    return listing.named(actor, text, of=_further(actor), limit=limit)


def user_of(*, actor: Actor, uuid: UUID) -> Account:
    """One user. Raises NotThere."""
    return listing.one(actor, uuid, of=_further(actor))


def accounts_at(*, actor: Actor, partner: str) -> list[Account]:
    """Those who hold a role at a partner today, with the roles held there. Raises NotThere."""
    see_partner(actor, partner)
    if not actor.roles & roles.VENDOR and partner not in actor.administers:
        return []
    return listing.at(keys_of(actor, partner))


def role_grant(
    *, actor: Actor, username: str, role: str, partner: str = "", countries: Sequence[str] = (),
    since: date | None = None, until: date | None = None, why: str = "",
) -> None:  # fmt: skip
    """Gives a role as the accounts do, at a partner that is there. Raises what `accounts.services.role_grant` does."""
    _there(actor, partner)
    services.role_grant(
        actor=actor, username=username, role=role, partner=partner, countries=countries, since=since, until=until, why=why
    )  # fmt: skip


def invite(
    *, actor: Actor, username: str, name: str, language: str, role: str, partner: str = "",
    countries: Sequence[str] = (), why: str = "",
) -> invitations.Link | None:  # fmt: skip
    """Invites somebody as the accounts do, to a partner that is there. Raises what `accounts.invitations.invite` does."""
    _there(actor, partner)
    return invitations.invite(
        actor=actor, username=username, name=name, language=language, role=role, partner=partner, countries=countries,
        why=why,
    )  # fmt: skip


def _there(actor: Actor, partner: str) -> None:
    if partner and not visible_partners(actor).filter(key=partner).exists():
        alike = near(actor, partner)
        remedy = f"did you mean {', '.join(alike)}?" if alike else "look its key up in the list of partners"
        raise CallError(Problem("partner", f"there is no partner {partner!r}", "no partner has this key", remedy))


def _further(actor: Actor) -> listing.Keys | None:
    """The partners whose people an actor sees beyond those that the accounts themselves show."""
    if actor.everywhere or roles.SCOPED not in actor.roles:
        return None
    return visible_partners(actor).filter(country__in=actor.countries)


@dataclass(frozen=True)
class Territory:
    """A partner manager and the countries that are looked after."""

    username: str
    name: str
    uuid: UUID
    countries: tuple[str, ...]


def territories(*, actor: Actor) -> list[Territory]:
    """Whose partners are whose: the partner managers of today, for the vendor's people. One statement."""
    found: list[Territory] = []
    for one in listing.managers() if actor.roles & roles.VENDOR else ():
        countries = {code for role in one.roles if role.holds and role.role == roles.SCOPED for code in role.countries}
        found.append(Territory(one.username, one.name, one.uuid, tuple(sorted(countries))))
    return found
