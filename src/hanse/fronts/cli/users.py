"""`hanse users`: who may what. Whoever runs it on the machine of the installation acts as its operator."""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hanse.fronts.cli.arguments import day_of

if TYPE_CHECKING:
    from hanse.apps.accounts.selectors import Account, Role

users = typer.Typer(help="Users and the roles they hold, each from a day and perhaps until one.")
Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="The user's e-mail address.")]
RoleName = Annotated[str, typer.Argument(metavar="ROLE", help="channel_chief, partner_manager, partner_member ...")]
Partner = Annotated[str, typer.Option(help="The partner's key, for partner_administrator and partner_member.")]
Why = Annotated[str, typer.Option(help="The reason, for the trail.")]
AsJson = Annotated[bool, typer.Option("--json", help="As data, for programs.")]


@users.command("list")
def list_(
    *,
    role: Annotated[str | None, typer.Option(help="Only those who hold this role today.")] = None,
    partner: Annotated[str | None, typer.Option(help="Only those who hold a role at this partner today.")] = None,
    json: AsJson = False,
) -> None:
    """List users with the roles they hold; --json also tells of those that have ended."""
    from hanse.fronts.cli.tables import console, print_json, table

    _ready()
    from hanse.apps.accounts import selectors
    from hanse.apps.accounts.actors import operator

    found = selectors.users(operator(), role=role, partner=partner)
    if json:
        print_json([_as_data(one) for one in found])
        return
    rows = [row for one in found for row in _rows(one)]
    columns = ("user", "name", "role", "for", "since", "until", "")
    console().print(table("", columns, rows) if rows else "Nobody yet. Add somebody with hanse users add ADDRESS.")


@users.command("add")
def add(
    address: Address,
    *,
    name: Annotated[str, typer.Option(help="What the user is called.")] = "",
    language: Annotated[str, typer.Option(help="en or fr.")] = "en",
    time_zone: Annotated[str, typer.Option(help="Such as Europe/Paris.")] = "UTC",
    why: Why = "",
    json: AsJson = False,
) -> None:
    """Add a user, without a role and without a password yet."""
    _ready()
    from hanse.apps.accounts import services
    from hanse.apps.accounts.actors import operator

    made = services.user_add(
        actor=operator(), username=address, name=name, language=language, time_zone=time_zone, why=why
    )
    _answer(made, "added; now grant a role and set a password", json=json)


@users.command("grant")
def grant(
    address: Address,
    role: RoleName,
    *,
    partner: Partner = "",
    country: Annotated[
        list[str] | None, typer.Option(help="A partner manager's country (FR); may be repeated.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="The first day; else today.")] = None,
    until: Annotated[str | None, typer.Option(help="The last day; else none.")] = None,
    why: Why = "",
    json: AsJson = False,
) -> None:
    """Give a user a role, from a day and perhaps until one."""
    first, last = _day(since, "--since"), _day(until, "--until")
    _ready()
    from hanse.apps.accounts import services
    from hanse.apps.accounts.actors import operator

    services.role_grant(
        actor=operator(), username=address, role=role, partner=partner, countries=country or (), since=first,
        until=last, why=why,
    )  # fmt: skip
    says = f"is {role.replace('_', ' ')}"
    _answer(address, f"{says} now" if first is None else f"{says} from {first} on", json=json)
    if partner and not json:
        _remark_unknown(partner)


@users.command("end")
def end(
    address: Address,
    role: RoleName,
    *,
    partner: Partner = "",
    until: Annotated[str | None, typer.Option(help="The last day; else it ends at once.")] = None,
    why: Why = "",
    json: AsJson = False,
) -> None:
    """Take a role back, at once or after a day still to come."""
    last = _day(until, "--until")
    _ready()
    from hanse.apps.accounts import services
    from hanse.apps.accounts.actors import operator

    services.role_end(actor=operator(), username=address, role=role, partner=partner, until=last, why=why)
    says = f"is {role.replace('_', ' ')}"
    _answer(address, f"{says} until {last}" if last else f"{says} no more", json=json)


@users.command("deactivate")
def deactivate(
    address: Address, *, why: Annotated[str, typer.Option(help="The reason, for the trail.")], json: AsJson = False
) -> None:
    """Let a user act no more. The account and its trail stay."""
    _ready()
    from hanse.apps.accounts import services
    from hanse.apps.accounts.actors import operator

    services.user_deactivate(actor=operator(), username=address, why=why)
    _answer(address, "may act no more", json=json)


@users.command("reactivate")
def reactivate(
    address: Address, *, why: Annotated[str, typer.Option(help="The reason, for the trail.")], json: AsJson = False
) -> None:
    """Let a deactivated user act again, with the roles that still hold."""
    _ready()
    from hanse.apps.accounts import services
    from hanse.apps.accounts.actors import operator

    services.user_reactivate(actor=operator(), username=address, why=why)
    _answer(address, "may act again", json=json)


@users.command("password")
def password(address: Address, *, why: Why = "", json: AsJson = False) -> None:
    """Set a password: asked for twice on a terminal, else the first line of standard input."""
    given = _password()
    _ready()
    from hanse.apps.accounts import services
    from hanse.apps.accounts.actors import operator

    services.password_set(actor=operator(), username=address, password=given, why=why)
    _answer(address, "has a new password", json=json)


def _ready() -> None:
    from hanse.installation import start

    start.ready()


def _day(text: str | None, option: str) -> date | None:
    return day_of(text, option) if text else None


def _password() -> str:
    """Never as an argument: those are seen by everybody on the machine."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _answer(address: str, says: str, *, json: bool) -> None:
    """What was done; for programs, how the user stands now."""
    from hanse.apps.accounts import selectors
    from hanse.apps.accounts.actors import operator
    from hanse.fronts.cli.tables import console, print_json

    found = selectors.user(operator(), address)
    if json:
        print_json(_as_data(found))
    else:
        console().print(f"{found.username} {says}.", soft_wrap=True)


def _remark_unknown(partner: str) -> None:
    """A role may be granted before the partner is imported; a key that is misspelt looks the same, so it is said."""
    from hanse.apps.accounts.actors import operator
    from hanse.apps.registry.selectors import near, visible_partners
    from hanse.fronts.cli.tables import console

    if not visible_partners(operator()).filter(key=partner).exists():
        alike = " or ".join(near(operator(), partner))
        said = f"No partner {partner} is known yet" + (f"; was {alike} meant?" if alike else ".")
        console(stderr=True).print(said, soft_wrap=True)


def _as_data(found: Account) -> dict[str, Any]:
    return {**vars(found), "roles": [{**vars(role), "countries": list(role.countries)} for role in found.roles]}


def _rows(found: Account) -> list[tuple[object, ...]]:
    """A row for each role that has not ended; one without, where there is none."""
    state = "" if found.active else "deactivated"
    held = [role for role in found.roles if role.ended_at is None]
    if not held:
        return [(found.username, found.name, "", "", "", "", state)]
    return [(found.username, found.name, role.role, _reach(role), role.since, role.until or "", state) for role in held]


def _reach(role: Role) -> str:
    return role.partner or ", ".join(role.countries)
