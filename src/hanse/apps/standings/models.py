"""What did evaluations conclude: the runs, where every partner stands now, and how it came there?

The rows of a run (checks, competencies, benefits, results, problems) lie in tables partitioned by run, which have no
models: see partitions.py. Nobody edits a standing; a later run replaces it.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from hanse.installation import home

BYTES = "C"


class Outline(models.Model):
    """How a programme read on the day of a run: levels, trees, labels (decisions/outline.py). Kept once per content."""

    digest = models.TextField(unique=True)
    data = models.JSONField()


class Asked(models.Model):
    """One requirement of one subject as checks name it. Kept once, for millions of checks say the same."""

    digest = models.UUIDField(unique=True)
    subject = models.TextField()
    requirement = models.TextField()
    metric = models.TextField()
    clause = models.TextField(null=True)
    comparison = models.TextField()


class Run(models.Model):
    """One evaluation. The same edition, days and `known_at` give the same bytes: `digests` says which."""

    class Kind(models.TextChoices):
        ALL = "all"
        SOME = "some"

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey("programmes.Version", models.PROTECT, related_name="+")
    edition = models.TextField()
    edition_hash = models.TextField()
    as_of = models.DateField()
    rules_as_of = models.DateField()
    known_at = models.DateTimeField(null=True)
    kind = models.TextField(choices=Kind.choices)
    reason = models.TextField()
    actor = models.TextField()
    state = models.TextField(choices=State.choices)
    started = models.DateTimeField()
    finished = models.DateTimeField(null=True)
    processor_seconds = models.FloatField(null=True)
    rows = models.JSONField(null=True)
    digests = models.JSONField(null=True)
    versions = models.JSONField(null=True)
    partners = models.JSONField(null=True)
    outline = models.ForeignKey(Outline, models.PROTECT, null=True, related_name="+")
    folder = models.TextField(blank=True)
    failure = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("edition", "as_of"), name="run_by_edition_and_day")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=("all", "some")), name="run_kind"),
            models.CheckConstraint(condition=Q(state__in=("running", "done", "failed")), name="run_state"),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(actor=""), name="run_has_actor_and_reason"),
            models.CheckConstraint(
                condition=~Q(state="done")
                | Q(known_at__isnull=False, digests__isnull=False, finished__isnull=False, outline__isnull=False),
                name="run_done_is_whole",
            ),
            models.CheckConstraint(condition=Q(kind="all") | Q(partners__isnull=False), name="run_of_some_names_them"),
            models.CheckConstraint(
                condition=Q(finished__isnull=True) | Q(finished__gte=F("started")), name="run_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"

    @property
    def place(self) -> Path:
        """Where the outcome of a run of all lies, in whatever home the installation has now; others have no folder."""
        return home.folder() / "runs" / (self.folder or str(self.uuid))


class Standing(models.Model):
    """Where a partner stands by an edition, and the run that decided it. One row for each of the two."""

    pk = models.CompositePrimaryKey("edition", "partner")
    edition = models.TextField(db_collation=BYTES)
    partner = models.TextField(db_collation=BYTES)
    run = models.ForeignKey(Run, models.PROTECT, related_name="+", db_index=False)
    as_of = models.DateField()
    known_at = models.DateTimeField()
    level = models.TextField(null=True)
    granted = models.TextField(null=True)
    expected = models.TextField(null=True)
    path = models.TextField(null=True)
    awaiting = models.TextField(null=True)
    held = models.TextField(null=True)
    granted_from = models.DateField(null=True)
    granted_until = models.DateField(null=True)
    status = models.TextField(null=True)
    country = models.TextField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("partner",), name="standing_by_partner"),
            models.Index(fields=("edition",), condition=Q(awaiting__isnull=False), name="standing_awaiting"),
        ]


class Current(models.Model):
    """The run of all partners that an edition's standings are of: the day of the books, and what was known."""

    edition = models.TextField(primary_key=True, db_collation=BYTES)
    run = models.ForeignKey(Run, models.PROTECT, related_name="+")


class LevelChange(models.Model):
    """A partner's levels before and after a run. `reason` is the requirement that decided, where one did."""

    class Direction(models.TextChoices):
        APPEARS = "appears"
        UP = "up"
        DOWN = "down"
        SAME = "same"  # the level achieved is the same; granted or expected moved
        DISAPPEARS = "disappears"

    edition = models.TextField(db_collation=BYTES)
    partner = models.TextField(db_collation=BYTES)
    run = models.ForeignKey(Run, models.PROTECT, related_name="+")
    edition_hash = models.TextField()
    as_of = models.DateField()
    known_at = models.DateTimeField()
    direction = models.TextField(choices=Direction.choices)
    level_before = models.TextField(null=True)
    level_after = models.TextField(null=True)
    granted_before = models.TextField(null=True)
    granted_after = models.TextField(null=True)
    expected_before = models.TextField(null=True)
    expected_after = models.TextField(null=True)
    reason = models.TextField()

    class Meta:
        db_table = "standings_level_change"
        indexes: ClassVar = [models.Index(fields=("partner", "edition"), name="level_change_by_partner")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("run", "partner"), name="level_change_once_a_run"),
            models.CheckConstraint(
                condition=Q(direction__in=("appears", "up", "down", "same", "disappears")),
                name="level_change_direction",
            ),
        ]


class Listed(models.Model):
    """A partner as lists show it: who it is, where it stands by an edition, how far the level above is, what it may lose.

    A projection of the standing, its checks and the registry, written whenever a run settles a standing (listing.py).
    `folded` is the name as it is sorted, `words` what a search looks in (in the database `searched` beside it, as
    PostgreSQL compares it); `height` counts levels downwards, so that the highest comes first. `closest` and `fails` name
    the one requirement that decides. `x`, `y` and `cell` are where it is on the map, as in the app places.
    """

    pk = models.CompositePrimaryKey("edition", "partner")
    edition = models.TextField(db_collation=BYTES)
    partner = models.TextField(db_collation=BYTES)
    name = models.TextField()
    folded = models.TextField(db_collation=BYTES)
    words = models.TextField()
    country = models.TextField(db_collation=BYTES)
    city = models.TextField(null=True)
    type = models.TextField(db_collation=BYTES)
    group = models.TextField(null=True, db_collation=BYTES)
    stands = models.TextField(db_collation=BYTES)
    height = models.SmallIntegerField()
    level = models.TextField(null=True)
    expected = models.TextField(null=True)
    awaiting = models.TextField(null=True)
    until = models.DateField()
    next = models.TextField(null=True)
    lacking = models.SmallIntegerField(null=True)
    closest = models.ForeignKey(Asked, models.PROTECT, null=True, related_name="+", db_index=False)
    closest_actual = models.FloatField(null=True)
    closest_needed = models.FloatField(null=True)
    nearness = models.FloatField(default=0)
    falling = models.BooleanField()
    fails = models.ForeignKey(Asked, models.PROTECT, null=True, related_name="+", db_index=False)
    fails_actual = models.FloatField(null=True)
    fails_needed = models.FloatField(null=True)
    x = models.IntegerField(null=True)
    y = models.IntegerField(null=True)
    cell = models.IntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=("edition", "cell"),
                include=("x", "y", "country", "type", "stands", "lacking", "falling"),
                condition=Q(cell__isnull=False),
                name="listed_on_map",
            ),
            models.Index(fields=("edition", "folded", "partner"), name="listed_by_name"),
            models.Index(fields=("edition", "height", "folded", "partner"), name="listed_by_height"),
            models.Index(fields=("edition", "country", "folded", "partner"), name="listed_by_country"),
            models.Index(fields=("edition", "until", "folded", "partner"), name="listed_by_until"),
            models.Index(fields=("edition", "stands", "until", "folded", "partner"), name="listed_of_level"),
            models.Index(fields=("edition", "country", "stands", "type"), name="listed_of_country"),
            models.Index(fields=("edition", "type", "country", "stands"), name="listed_of_type"),
            models.Index(fields=("edition", "group"), condition=Q(group__isnull=False), name="listed_of_group"),
            models.Index(
                F("edition"),
                F("nearness").desc(),
                F("partner"),
                condition=Q(lacking=1, falling=False),
                name="listed_rising",
            ),
            models.Index(fields=("edition", "until", "partner"), condition=Q(falling=True), name="listed_falling"),
            models.Index(fields=("edition",), condition=Q(awaiting__isnull=False), name="listed_waiting"),
        ]


class Tally(models.Model):
    """How many partners of one kind are listed; those among them about to rise, and about to fall."""

    pk = models.CompositePrimaryKey("edition", "country", "type", "stands")
    edition = models.TextField(db_collation=BYTES)
    country = models.TextField(db_collation=BYTES)
    type = models.TextField(db_collation=BYTES)
    stands = models.TextField(db_collation=BYTES)
    partners = models.IntegerField()
    rising = models.IntegerField()
    falling = models.IntegerField()


class MapCell(models.Model):
    """How many partners of one kind are in a square of the map, and the sums of their places.

    Of a `grid` there are 2^grid by 2^grid squares, counted from the north-west. Only the coarse grids are counted; what is
    finer is few partners, and read as it is.
    """

    pk = models.CompositePrimaryKey("edition", "grid", "column", "row", "country", "type", "stands")
    edition = models.TextField(db_collation=BYTES)
    grid = models.SmallIntegerField()
    column = models.IntegerField()
    row = models.IntegerField()
    country = models.TextField(db_collation=BYTES)
    type = models.TextField(db_collation=BYTES)
    stands = models.TextField(db_collation=BYTES)
    partners = models.IntegerField()
    rising = models.IntegerField()
    falling = models.IntegerField()
    sum_x = models.BigIntegerField()
    sum_y = models.BigIntegerField()

    class Meta:
        db_table = "standings_map_cell"


class MapTown(models.Model):
    """What a square of the map is called: the town in it that most of its partners name."""

    pk = models.CompositePrimaryKey("edition", "grid", "column", "row")
    edition = models.TextField(db_collation=BYTES)
    grid = models.SmallIntegerField()
    column = models.IntegerField()
    row = models.IntegerField()
    country = models.TextField(db_collation=BYTES)
    city = models.TextField()

    class Meta:
        db_table = "standings_map_town"


class RunLevel(models.Model):
    """How many partners a run of all put at a level; the empty text is none. A run has no such row of nobody."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="+", db_index=False)
    level = models.TextField()
    granted = models.TextField()
    partners = models.IntegerField()

    class Meta:
        db_table = "standings_run_level"
        constraints: ClassVar = [models.UniqueConstraint(fields=("run", "level", "granted"), name="run_level_once")]


class RunFlow(models.Model):
    """How many partners a run of all moved from one granted level to another; the empty text is none."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="+", db_index=False)
    before = models.TextField()
    after = models.TextField()
    partners = models.IntegerField()

    class Meta:
        db_table = "standings_run_flow"
        constraints: ClassVar = [models.UniqueConstraint(fields=("run", "before", "after"), name="run_flow_once")]


class RunBenefit(models.Model):
    """What a run of all gave of a benefit, to how many partners, and what they have used of it."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="+", db_index=False)
    benefit = models.TextField()
    unit = models.TextField(null=True)
    currency = models.TextField(null=True)
    partners = models.IntegerField()
    quantity = models.FloatField()
    used = models.FloatField()

    class Meta:
        db_table = "standings_run_benefit"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("run", "benefit", "unit", "currency"), name="run_benefit_once", nulls_distinct=False)
        ]  # fmt: skip


class Redacted(models.Model):
    """An erasure on legal request rewrote what a run wrote: from here on `digest` names that output, not the run's own."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="redacted")
    output = models.TextField()
    digest = models.TextField()
    at = models.DateTimeField()
    erasure = models.ForeignKey("evidence.Erasure", models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("run", "output", "erasure"), name="redacted_once_an_erasure"),
            models.CheckConstraint(condition=Q(output__in=("results", "problems")), name="redacted_output"),
        ]
