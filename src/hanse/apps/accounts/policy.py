"""Who may do what?

One table for the whole system: action ("imports.undo") to the roles that may. Each app registers its own rows in its
`policy.py`, which is read when the apps are loaded; an action without a row is a mistake of ours and a test finds it.
Which *objects* an actor may touch is not here: that is each app's `visible_to(actor)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from hanse.apps.accounts import roles
from hanse.apps.accounts.actors import Actor
from hanse.apps.audit.refusals import NotThere, Refused, not_there
from hanse.language.problems import Problem

__all__ = [
    "ANYBODY",
    "CHIEF",
    "INTERNAL",
    "PROGRAMME",
    "NotThere",
    "Refused",
    "may",
    "not_there",
    "register",
    "require",
    "rows",
]

CHIEF = frozenset({"channel_chief"})
PROGRAMME = CHIEF | {"programme_manager"}
ANYBODY = frozenset({"anybody"})  # whoever has signed in; the service itself looks whose the object is
INTERNAL: frozenset[str] = frozenset()  # no front may: a service calls it, within its own transaction, having asked

_ROWS: dict[str, frozenset[str]] = {}


def register(given: Mapping[str, Iterable[str]]) -> None:
    """Adds rows to the table. Raises ValueError for an unknown role, or an action that has a row with other roles."""
    for action, roles_allowed in given.items():
        allowed = frozenset(roles_allowed)
        unknown = allowed - roles.ALL - ANYBODY
        if unknown:
            raise ValueError(f"{action}: there is no role {', '.join(sorted(unknown))}")
        if _ROWS.setdefault(action, allowed) != allowed:
            raise ValueError(f"{action} has a row with other roles already")


def rows() -> Mapping[str, frozenset[str]]:
    """The whole table, to read."""
    return MappingProxyType(_ROWS)


def may(actor: Actor, action: str) -> bool:
    """Would `require` let the actor go on? For pages, which show only what can be done. Raises LookupError."""
    try:
        require(actor, action)
    except Refused:
        return False
    return True


def require(actor: Actor, action: str) -> None:
    """Lets the actor go on, or raises Refused with the reason. Raises LookupError for an action that has no row."""
    if action not in _ROWS:
        raise LookupError(f"{action} has no row in the table of who may what: register it in its app's policy.py")
    allowed = _ROWS[action]
    if allowed == ANYBODY or actor.roles & allowed:
        return
    held = _listed(actor.roles) or "no role"
    why = f"it takes {_listed(allowed)}, and {actor.name} has {held}" if allowed else "only the system itself calls it"
    remedy = "ask one of them, or have a channel chief grant you the role (hanse users grant)"
    raise Refused(Problem(action, f"{actor.name} may not do this", why, remedy))


def _listed(names: frozenset[str]) -> str:
    return " or ".join(name.replace("_", " ") for name in sorted(names))


register(
    {
        "audit.record": INTERNAL,
        "accounts.user_add": PROGRAMME | {roles.ADMINISTRATOR},
        "accounts.user_deactivate": CHIEF | {roles.ADMINISTRATOR},
        "accounts.user_reactivate": CHIEF,
        "accounts.role_grant": PROGRAMME | {roles.ADMINISTRATOR},
        "accounts.role_end": ANYBODY,
        "accounts.password_set": ANYBODY,
        "accounts.see_as": PROGRAMME | {roles.SCOPED},
        "accounts.see_as_end": ANYBODY,
        "accounts.view_save": ANYBODY,
        "accounts.view_change": ANYBODY,
        "accounts.view_delete": ANYBODY,
        "accounts.view_first": ANYBODY,
        "accounts.profile_set": ANYBODY,
        "accounts.invite_again": PROGRAMME | {roles.ADMINISTRATOR},
    }
)
