"""The table of the trail. One row per act; a trigger numbers and chains it, and nothing changes it afterwards."""

from __future__ import annotations

from typing import Any

from django.db import models


class JsonText(models.TextField):
    """A `json` column read and written as the text that it is, so that a hash over it can be recomputed."""

    def db_type(self, connection: Any) -> str:  # noqa: ARG002 (Django says what is handed in)
        return "json"

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:  # noqa: ARG002
        return f"({sql})::text", params

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:  # noqa: ARG002
        return "%s::json"


class Entry(models.Model):
    """One act: who did what to which subject, why, and what was so before and after.

    `number`, `at`, `previous` and `hash` are given by the trigger, whatever an INSERT says.
    """

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.TextField()
    action = models.TextField()
    subject = models.TextField()
    why = models.TextField(default="", blank=True)
    before = JsonText(null=True)
    after = JsonText(null=True)
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "audit_entry"
        indexes = (
            models.Index(fields=["actor", "number"], name="audit_entry_by_actor"),
            models.Index(fields=["action", "number"], name="audit_entry_by_action"),
            models.Index(fields=["subject", "number"], name="audit_entry_by_subject"),
            models.Index(fields=["at"], name="audit_entry_by_moment"),
        )
        constraints = (
            models.CheckConstraint(condition=models.Q(number__gte=1), name="audit_entry_numbered_from_one"),
            models.CheckConstraint(condition=~models.Q(actor=""), name="audit_entry_has_an_actor"),
            models.CheckConstraint(
                condition=models.Q(action__regex=r"^[a-z_]+\.[a-z0-9_]+$"), name="audit_entry_action_is_app_and_verb"
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.action} {self.subject} by {self.actor}"
