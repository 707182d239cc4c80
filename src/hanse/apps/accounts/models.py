"""Users, their memberships, and the views of lists that they keep.

A membership is ended, never deleted; the database lets nothing else through.
"""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from hanse.apps.accounts import roles

LANGUAGES = ("en", "fr")


class Users(BaseUserManager["User"]):
    """Finds a user by e-mail address, however it is written."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=(username or "").strip().lower())


class User(AbstractBaseUser):
    """Somebody who signs in. What a user may comes from memberships alone: there is no superuser and no group."""

    username = models.TextField(unique=True)  # the e-mail address in lower case
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.TextField(default="", blank=True)
    language = models.TextField(default="en")
    time_zone = models.TextField(default="UTC")
    is_active = models.BooleanField(default=True)
    added_by = models.TextField()
    added_at = models.DateTimeField()

    objects = Users()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "username"
    REQUIRED_FIELDS = ["added_by", "added_at"]  # noqa: RUF012 (Django says a list)

    class Meta:
        db_table = "accounts_user"
        constraints = (
            # no colon, so that nobody can be called like an operator of the machine or the system
            models.CheckConstraint(
                condition=Q(username__regex=r"^[^[:space:][:upper:]@:]+@[^[:space:][:upper:]@:]+$"),
                name="accounts_user_name_is_an_address",
            ),
            models.CheckConstraint(condition=Q(language__in=LANGUAGES), name="accounts_user_language_is_spoken"),
            models.CheckConstraint(condition=~Q(time_zone=""), name="accounts_user_has_a_time_zone"),
            models.CheckConstraint(condition=~Q(added_by=""), name="accounts_user_was_added_by_somebody"),
        )

    def __str__(self) -> str:
        return self.username


class Membership(models.Model):
    """One role of one user, from a day and perhaps until one, both included.

    `partner` is named for partner roles and for no other; `countries` (ISO 3166-1 alpha-2) for partner managers and for
    no other. `ended_at` takes it back at once, whatever its days say.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.TextField()
    partner = models.TextField(default="", blank=True)
    countries = ArrayField(models.TextField(), default=list, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    granted_by = models.TextField()
    granted_at = models.DateTimeField()
    why = models.TextField(default="", db_default="", blank=True)
    ended_by = models.TextField(default="", blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.TextField(default="", db_default="", blank=True)

    class Meta:
        db_table = "accounts_membership"
        indexes = (
            models.Index(fields=["partner"], condition=~Q(partner=""), name="accounts_membership_partner"),
            models.Index(fields=["role"], condition=Q(partner=""), name="accounts_membership_of_vendor"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(role__in=sorted(roles.ALL)), name="accounts_membership_role_is_known"),
            models.CheckConstraint(
                condition=(Q(role__in=sorted(roles.PARTNER)) & ~Q(partner=""))
                | (~Q(role__in=sorted(roles.PARTNER)) & Q(partner="")),
                name="accounts_membership_partner_where_due",
            ),
            models.CheckConstraint(
                condition=(Q(role=roles.SCOPED) & Q(countries__len__gt=0))
                | (~Q(role=roles.SCOPED) & Q(countries__len=0)),
                name="accounts_membership_countries_where_due",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="accounts_membership_ends_after_start"
            ),
            models.CheckConstraint(condition=~Q(granted_by=""), name="accounts_membership_granted_by_somebody"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by="") | (Q(ended_at__isnull=False) & ~Q(ended_by="")),
                name="accounts_membership_ended_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "partner"],
                condition=Q(ended_at__isnull=True, until__isnull=True),
                name="accounts_membership_open_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.partner}".rstrip()


class SavedView(models.Model):
    """What a user wants to see of a list again: the filters and the order, as the address of the page has them.

    `page` names the list; `shared` shows the view to all of the vendor's people.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="saved_views")
    page = models.TextField()
    name = models.TextField()
    query = models.TextField(blank=True)
    shared = models.BooleanField(default=False)
    saved_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_saved_view"
        indexes = (models.Index(fields=["page"], condition=Q(shared=True), name="accounts_saved_view_shared"),)
        constraints = (
            models.UniqueConstraint(fields=["user", "page", "name"], name="accounts_saved_view_named_once"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(page=""), name="accounts_saved_view_has_a_name"),
        )

    def __str__(self) -> str:
        return f"{self.page}: {self.name}"


class FirstView(models.Model):
    """The view with which a list opens for a user: one of their own, or one that is shared."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    page = models.TextField()
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "accounts_first_view"
        constraints = (models.UniqueConstraint(fields=["user", "page"], name="accounts_first_view_one_a_page"),)

    def __str__(self) -> str:
        return f"{self.user_id} {self.page}"
