"""Which files were imported, what became of their rows, and how is each source read?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Import(models.Model):
    """One file on its way, or arrived. Its facts, counts and state become true in one transaction."""

    class State(models.TextChoices):
        WAITING = "waiting"  # the file is kept; its facts are not recorded yet
        DONE = "done"
        UNDONE = "undone"
        DROPPED = "dropped"  # given up before anything was recorded

    state = models.TextField(choices=State.choices)
    file = models.TextField()
    sha256 = models.TextField(db_index=True)
    size = models.BigIntegerField()
    source = models.TextField()
    author = models.TextField()
    reason = models.TextField(blank=True)
    mapping = models.JSONField()
    recipe = models.TextField()  # the digest of the mapping: the same file read the same way is the same import
    headings = models.JSONField()
    batch = models.OneToOneField("evidence.Batch", models.PROTECT, null=True, related_name="+")
    created = models.DateTimeField()
    finished = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)
    rows = models.BigIntegerField(default=0)
    added = models.BigIntegerField(default=0)
    already = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    kinds = models.JSONField(default=dict)
    file_erased = models.DateTimeField(null=True)  # since then no copy is kept, for it names a person who was erased
    mends = models.ForeignKey("self", models.PROTECT, null=True, related_name="mended_by")
    mended = models.JSONField(
        null=True
    )  # of that import, the refused rows that were mended, by their number; null: not known

    class Meta:
        db_table = "imports_import"
        constraints = (
            models.CheckConstraint(condition=Q(state__in=("waiting", "done", "undone", "dropped")), name="import_state"),
            models.CheckConstraint(
                condition=Q(state__in=("done", "undone"), batch__isnull=False, finished__isnull=False)
                | Q(state__in=("waiting", "dropped"), batch__isnull=True, finished__isnull=True),
                name="import_has_batch_when_done",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "done"), ended__isnull=True)
                | Q(state__in=("undone", "dropped"), ended__isnull=False),
                name="import_ends_when_undone",
            ),
            models.CheckConstraint(condition=Q(rows__gte=0, added__gte=0, already__gte=0, refused__gte=0), name="import_counts"),
            models.UniqueConstraint(fields=("sha256", "recipe"), condition=Q(state="waiting"), name="import_waits_once"),
        )  # fmt: skip


class Refused(models.Model):
    """A row that could not be read: where it stood, what was wrong (as codes), and its cells as given."""

    of = models.ForeignKey(Import, models.PROTECT, related_name="+")
    sheet = models.TextField(blank=True)
    line = models.BigIntegerField()
    tbl = models.TextField()
    codes = models.JSONField()
    cells = models.JSONField()

    class Meta:
        db_table = "imports_refused"


class SourceMapping(models.Model):
    """How a table of a source was read at last; the newest of a source and a table counts."""

    source = models.TextField()
    tbl = models.TextField()
    mapping = models.JSONField()
    author = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "imports_mapping"
        indexes = (models.Index(fields=("source", "-id"), name="imports_mapping_source"),)


class Upload(models.Model):
    """A file that somebody dropped on a page, on its way to becoming an import: nothing of it is recorded yet.

    `answers` is what people said about it, `seen` what was found in it (looking.py says in which form), `progress` how far
    whoever works on it has come.
    """

    class State(models.TextChoices):
        LOOKING = "looking"  # it is being read, or about to be
        ASKED = "asked"  # something is left that only people know
        READY = "ready"  # what it would do is known
        IMPORTING = "importing"
        DONE = "done"
        FAILED = "failed"

    state = models.TextField(choices=State.choices)
    file = models.TextField()
    sha256 = models.TextField(db_index=True)
    size = models.BigIntegerField()
    source = models.TextField()
    reason = models.TextField(blank=True)
    author = models.TextField()
    created = models.DateTimeField()
    changed = models.DateTimeField()
    remember = models.BooleanField(default=True)
    answers = models.JSONField(default=dict)
    seen = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    progress = models.JSONField(default=dict)
    mends = models.ForeignKey(Import, models.PROTECT, null=True, related_name="+")
    mended = models.JSONField(null=True)
    made = models.ForeignKey(Import, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=("looking", "asked", "ready", "importing", "done", "failed")), name="upload_state"
            ),
            models.CheckConstraint(condition=Q(state="done") | Q(made__isnull=True), name="upload_made_when_done"),
        )
        indexes = (models.Index(fields=("-id",), condition=~Q(state="done"), name="imports_upload_open"),)
