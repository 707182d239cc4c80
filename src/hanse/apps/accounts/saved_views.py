"""Which views of a list does a user keep, which are shared by the others, and with which does the list open?

A view is a name for the filters and the order of one page. Nobody else's private view can be seen; a shared one can be
used by all of the vendor's people, and changed by who made it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from hanse.apps.accounts import roles
from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.models import FirstView, SavedView, User
from hanse.apps.accounts.policy import Refused, not_there, require
from hanse.apps.audit import services as audit
from hanse.language.problems import CallError, Problem

LONGEST_NAME, LONGEST_QUERY = 60, 2_000
MOST = 50  # so many a user keeps of one page


@dataclass(frozen=True)
class View:
    """A view as its reader has it: `own` may be changed, `first` is the one that the page opens with."""

    number: int
    name: str
    query: str
    shared: bool
    own: bool
    by: str
    first: bool


def views(*, actor: Actor, page: str) -> list[View]:
    """The views of a page that the actor may use: its own, then those that others share. One statement."""
    first = Exists(FirstView.objects.filter(user__username=actor.name, view=OuterRef("pk")))
    found = _visible(actor).filter(page=page).select_related("user").annotate(first=first)
    shown = [
        View(v.pk, v.name, v.query, v.shared, v.user.username == actor.name, v.user.name or v.user.username, v.first)
        for v in found
    ]
    return sorted(shown, key=lambda v: (not v.own, v.name.lower(), v.by))


@transaction.atomic
def view_save(*, actor: Actor, page: str, name: str, query: str, shared: bool = False) -> int:
    """Keeps a view under a name; the one of that name is replaced. Returns its number. Raises Refused, CallError."""
    require(actor, "accounts.view_save")
    user, name = _user(actor, "accounts.view_save"), _name(name)
    if len(query) > LONGEST_QUERY:
        why = f"it has {len(query)} characters, and {LONGEST_QUERY} are kept"
        raise CallError(Problem("view", "the view is too long to keep", why, "take filters away"))
    before = SavedView.objects.filter(user=user, page=page, name=name).first()
    if before is None and SavedView.objects.filter(user=user, page=page).count() >= MOST:
        raise CallError(Problem("view", f"{MOST} views of this page are kept", "no more are", "delete one first"))
    values = {"query": query, "shared": shared, "saved_at": timezone.now()}
    kept, _ = SavedView.objects.update_or_create(user=user, page=page, name=name, defaults=values)
    was = {"query": before.query, "shared": before.shared} if before else None
    _record(actor, "view_save", kept, was)
    return int(kept.pk)


@transaction.atomic
def view_change(*, actor: Actor, number: int, name: str, shared: bool) -> None:
    """Gives one's own view another name, or shares it (no more). Raises Refused, NotThere, CallError."""
    require(actor, "accounts.view_change")
    kept = _own(actor, number)
    was = {"name": kept.name, "shared": kept.shared}
    kept.name, kept.shared = _name(name), shared
    try:
        with transaction.atomic():
            kept.save(update_fields=["name", "shared"])
    except IntegrityError as error:
        why = "a name stands for one view of a page"
        raise CallError(Problem("name", "another view of yours has this name", why, "choose another name")) from error
    if not shared:
        FirstView.objects.filter(view=kept).exclude(user=kept.user).delete()
    _record(actor, "view_change", kept, was)


@transaction.atomic
def view_delete(*, actor: Actor, number: int) -> View:
    """Forgets one's own view, and returns what it was. Raises Refused, NotThere."""
    require(actor, "accounts.view_delete")
    kept = _own(actor, number)
    gone = View(number, kept.name, kept.query, kept.shared, True, actor.name, False)
    subject = f"view:{kept.page}/{kept.name}"
    kept.delete()
    before = {"query": gone.query, "shared": gone.shared}
    audit.record(actor=actor.name, action="accounts.view_delete", subject=subject, before=before)
    return gone


@transaction.atomic
def view_first(*, actor: Actor, page: str, number: int | None) -> None:
    """Has a page open with a view; None: as it is without one. Raises Refused, NotThere."""
    require(actor, "accounts.view_first")
    user = _user(actor, "accounts.view_first")
    kept = None
    if number is not None:
        kept = _visible(actor).filter(pk=number, page=page).first()
        if kept is None:
            raise _missing(number)
    FirstView.objects.filter(user=user, page=page).delete()
    if kept is not None:
        FirstView.objects.create(user=user, page=page, view=kept)
    after = {"view": kept.name if kept else None}
    audit.record(actor=actor.name, action="accounts.view_first", subject=f"view:{page}", after=after)


def _visible(actor: Actor) -> QuerySet[SavedView]:
    seen = Q(user__username=actor.name)
    if actor.roles & roles.VENDOR:
        seen |= Q(shared=True)
    return SavedView.objects.filter(seen)


def _own(actor: Actor, number: int) -> SavedView:
    kept = SavedView.objects.filter(pk=number, user__username=actor.name).select_for_update(of=("self",)).first()
    if kept is None:
        raise _missing(number)
    return kept


def _missing(number: int) -> Exception:
    return not_there("view", number, "the page lists the views that there are")


def _user(actor: Actor, action: str) -> User:
    user = User.objects.filter(username=actor.name).first()
    if user is None:
        why = "a view belongs to a user, and this actor is none"
        raise Refused(Problem(action, f"{actor.name} keeps no views", why, "sign in to the pages"))
    return user


def _name(given: str) -> str:
    name = " ".join(given.split())
    if not name or len(name) > LONGEST_NAME:
        what = "the view has no name" if not name else "the name is too long"
        why = f"a view is found again by its name, of at most {LONGEST_NAME} characters"
        raise CallError(Problem("name", what, why, "give it a short name"))
    return name


def _record(actor: Actor, verb: str, kept: SavedView, before: object) -> None:
    after = {"name": kept.name, "query": kept.query, "shared": kept.shared}
    subject = f"view:{kept.page}/{kept.name}"
    audit.record(actor=actor.name, action=f"accounts.{verb}", subject=subject, before=before, after=after)
