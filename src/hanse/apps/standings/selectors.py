"""Where does everybody stand, how did they come there, and which runs decided it?

Everything here begins with the partners that the actor may see, and with the editions that are shown to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.one_look import once
from hanse.apps.accounts.policy import not_there, require
from hanse.apps.accounts.roles import VENDOR
from hanse.apps.programmes.selectors import JUDGED, rank_on, shown_to
from hanse.apps.registry.selectors import keys_of, names_of, see_partner, visible_partners
from hanse.apps.standings import redaction
from hanse.apps.standings.models import Current, LevelChange, Run, Standing
from hanse.apps.standings.outlines import outline
from hanse.apps.standings.tables import OUTPUTS, table_of
from hanse.apps.statements import dicts
from hanse.language.plan import quoted
from hanse.language.problems import CallError, Problem

Row = dict[str, Any]


@dataclass(frozen=True)
class Books:
    """The run of all partners that an edition's standings are of."""

    run: int
    as_of: date
    rules_as_of: date
    known_at: datetime


@dataclass(frozen=True)
class SideBySide:
    """One partner by two editions in a transition: the level in force, and the one to expect."""

    partner: str
    level: str | None
    granted: str | None
    next_level: str | None
    next_granted: str | None


# -- standings --------------------------------------------------------------------------------------------------------


def standing_list(
    actor: Actor, edition: str, *, level: str | None = None, after: str = "", limit: int = 100
) -> list[Row]:
    """Standings by partner, a page at a time: those after the key `after`."""
    found = visible(actor).filter(edition=edition, partner__gt=after).order_by("partner")
    if level:
        found = found.filter(level=level)
    return [_plain(one) for one in found[:limit]]


def standings_of(actor: Actor, partner: str) -> list[Row]:
    """Where one partner stands, by every edition that is shown to the actor. Raises NotThere."""
    see_partner(actor, partner)
    return [_plain(one) for one in _stands(actor, partner)]


@once
def _stands(actor: Actor, partner: str) -> list[Standing]:
    """The standings of one partner that the actor may see, by edition, each with its run and the digest of its outline."""
    found = visible(actor).filter(partner=partner).order_by("edition")
    return list(found.select_related("run__outline").defer("run__outline__data"))


def visible(actor: Actor) -> QuerySet[Standing]:
    """The standings that an actor may see: of its partners, by the editions shown to them."""
    require(actor, "standings.see")
    found = Standing.objects.all()
    if actor.everywhere:
        return found
    found = found.filter(partner__in=visible_partners(actor).values("key"))
    return found if actor.roles & VENDOR else found.filter(run__version_id__in=_shown(actor))


def _shown(actor: Actor) -> set[int]:
    """The versions that somebody who is none of the vendor's people sees today: no drafts, no strangers' pilots."""
    return shown_to(actor.partners, timezone.now().date())


def levels_of(actor: Actor, edition: str) -> dict[str, dict[str, int]]:
    """How many partners stand at each level: achieved, granted, expected; those without one under the empty text."""
    found: dict[str, dict[str, int]] = {}
    for kind in ("level", "granted", "expected"):
        rows = visible(actor).filter(edition=edition).values_list(kind).annotate(n=Count("partner"))
        found[kind] = {str(name or ""): int(n) for name, n in rows}
    return found


def side_by_side(actor: Actor, old: str, new: str, *, after: str = "", limit: int = 100) -> list[SideBySide]:
    """Partners in a transition: the level by the edition in force, and the one by the edition to come."""
    before = {s.partner: s for s in visible(actor).filter(edition=old, partner__gt=after).order_by("partner")[:limit]}
    last = max(before, default="") if len(before) == limit else None
    follows = visible(actor).filter(edition=new, partner__gt=after).order_by("partner")
    if last is not None:
        follows = follows.filter(partner__lte=last)
    coming = {s.partner: s for s in follows[:limit]}
    return [
        SideBySide(
            key, *((b.level, b.granted) if (b := before.get(key)) else (None, None)),
            *((n.level, n.granted) if (n := coming.get(key)) else (None, None)),
        )
        for key in sorted({*before, *coming})[:limit]
    ]  # fmt: skip


def history(actor: Actor, partner: str, *, edition: str | None = None) -> list[Row]:
    """How a partner's levels moved, and those of the records that went into it, oldest first; each with run, edition hash,
    days and reason. Raises NotThere.
    """
    found = LevelChange.objects.filter(partner__in=keys_of(actor, partner)).order_by("pk")
    if not actor.everywhere:
        found = found.filter(edition__in=[one.edition for one in _stands(actor, partner)])
    if edition:
        found = found.filter(edition=edition)
    return [_plain(one) for one in found]


# -- what is needed to judge -------------------------------------------------------------------------------------------


def books_of(edition: str) -> Books | None:
    """The run of all partners behind an edition's standings; None where none has been made yet."""
    now = Current.objects.filter(edition=edition).select_related("run").first()
    if now is None:
        return None
    run = now.run
    assert run.known_at is not None
    return Books(run.pk, run.as_of, run.rules_as_of, run.known_at)


def judged_since(edition: str, moment: datetime) -> list[str]:
    """The partners judged alone with more knowledge than that of a moment."""
    runs = Run.objects.filter(edition=edition, kind=Run.Kind.SOME, state=Run.State.DONE, known_at__gt=moment)
    return sorted({partner for partners in runs.values_list("partners", flat=True) for partner in partners or ()})


def levels_now(edition: str, partners: Iterable[str]) -> dict[str, str | None]:
    """The levels of some partners by an edition; who has no standing is left out."""
    return dict(Standing.objects.filter(edition=edition, partner__in=list(partners)).values_list("partner", "level"))


def awaited(partner: str, subject: str, edition: str | None) -> Standing:
    """The standing that waits for a person in this matter. Raises CallError where there is none, or there are several."""
    waiting = Standing.objects.filter(partner=partner, awaiting__isnull=False)
    if edition:
        waiting = waiting.filter(edition=edition)
    asked = subject.strip()
    found = [s for s in waiting if asked == s.awaiting or asked in answers_of(str(s.awaiting))]
    if len(found) == 1:
        return found[0]
    listed = "; ".join(f"{s.edition}: {s.awaiting}" for s in waiting)
    if not found:
        raise CallError(Problem(f"partner {partner}", f"no level waits for {subject!r}",
                                f"what waits is: {listed}" if listed else "nothing waits for a person there",
                                "name it as the standing does"))  # fmt: skip
    raise CallError(Problem(f"partner {partner}", f"{subject!r} is awaited by several editions", listed,
                            "say which edition is meant"))  # fmt: skip


def waivable() -> set[str]:
    """What a waiver may name by the editions that standings are of: levels, requirements, and requirements of one subject."""
    known: set[str] = set()
    for current in Current.objects.select_related("run__outline").defer("run__outline__data"):
        outline = outline_of(current.run)
        for entry in outline["levels"]:
            known.add(f"level:{entry['level']}")
            for name in _leaves(entry["tree"]):
                known |= {name, f"{entry['level']}:{name}"}
        for name in outline["competency_asks"]:
            known |= {name, *(f"{competency}:{name}" for competency in outline["competencies"])}
    return known


def _leaves(tree: dict[str, Any]) -> list[str]:
    if tree["kind"] == "leaf":
        return [str(tree["requirement"])]
    return [name for part in tree["parts"] for name in _leaves(part)]


def answers_of(awaiting: str) -> list[str]:
    """The answers that a standing waits for: `gold: review, plan` gives review and plan."""
    return [part.strip() for part in awaiting.partition(":")[2].split(",") if part.strip()]


def waiting_list(actor: Actor) -> list[Row]:
    """The standings that wait for a person."""
    return [_plain(s) for s in visible(actor).filter(awaiting__isnull=False).order_by("edition", "partner")]


def unconfirmed(actor: Actor) -> list[Row]:
    """The runs by editions in force that grant other levels than are held on record: run, edition, as_of, partners.

    Three statements. Raises Refused.
    """
    require(actor, "standings.see_runs")
    ranks = rank_on(timezone.now().date())
    runs = [one.run for one in Current.objects.select_related("run").order_by("edition")]
    runs = [run for run in runs if ranks.get(run.version_id) == 0]
    others = Standing.objects.filter(edition__in=[run.edition for run in runs], granted__isnull=False)
    others = others.filter(Q(held__isnull=True) | ~Q(held=F("granted")))
    differ = dict(others.values_list("edition").annotate(n=Count("partner")))
    return [
        {"run": run.pk, "edition": run.edition, "as_of": run.as_of, "partners": differ[run.edition]}
        for run in runs
        if differ.get(run.edition)
    ]


# -- runs -------------------------------------------------------------------------------------------------------------


def run_list(actor: Actor, *, edition: str | None = None, every: bool = False, limit: int = 50) -> list[Row]:
    """Runs, the latest first; those of a few partners only where `every` is asked for."""
    require(actor, "standings.see_runs")
    found = Run.objects.order_by("-pk")
    if edition:
        found = found.filter(edition=edition)
    if not every:
        found = found.filter(kind=Run.Kind.ALL)
    listed = list(found[:limit])
    digests = redaction.digests_of(listed)
    return [_as_row(run, digests[run.pk]) for run in listed]


def runs_in_trouble(actor: Actor, *, limit: int = 5) -> list[Row]:
    """The newest runs that failed and that no later run of the same edition and kind has made good, or that still go on."""
    require(actor, "standings.see_runs")
    better = Run.objects.filter(
        edition=OuterRef("edition"), kind=OuterRef("kind"), state=Run.State.DONE, pk__gt=OuterRef("pk")
    )
    found = Run.objects.exclude(state=Run.State.DONE).exclude(Exists(better)).order_by("-pk")
    return [run_as_row(run) for run in found[:limit]]


def run_of(actor: Actor, number: int) -> Run:
    """One run. Raises NotThere."""
    require(actor, "standings.see_runs")
    run = Run.objects.filter(pk=number).first()
    if run is None:
        raise not_there("run", number, "hanse runs list names those there are")
    return run


def digests_of(run: Run) -> dict[str, str]:
    """What names each output of a run: the digest it gave, or that of the latest erasure which rewrote it."""
    return redaction.digests_of([run])[run.pk]


def run_as_row(run: Run) -> Row:
    """A run as plain values."""
    return _as_row(run, digests_of(run))


def _as_row(run: Run, digests: dict[str, str]) -> Row:
    names = (
        "uuid", "edition", "edition_hash", "as_of", "rules_as_of", "known_at", "kind", "state", "reason", "actor", "started",
        "finished", "processor_seconds", "rows", "digests", "versions", "partners", "folder", "failure",
    )  # fmt: skip
    found = {"run": run.pk} | {name: getattr(run, name) for name in names}
    return found | {"folder": str(run.place) if run.folder else "", "digests": digests or run.digests}


def levels_of_run(actor: Actor, number: int) -> dict[str, dict[str, int]]:
    """How many partners one run of all put at each level; read from its folder, for the standings may have moved on."""
    from pyarrow import parquet

    run = run_of(actor, number)
    kinds = ("level", "granted", "expected")
    if not run.folder:
        rows = Standing.objects.filter(run=run).values(*kinds)
        return {kind: dict(Counter(str(row[kind] or "") for row in rows)) for kind in kinds}
    table = parquet.read_table(run.place / "standings.parquet", columns=list(kinds))
    return {kind: dict(Counter(str(name or "") for name in table[kind].to_pylist())) for kind in kinds}


def moves_of_run(actor: Actor, number: int) -> dict[str, int]:
    """How many levels one run moved, by direction."""
    run = run_of(actor, number)
    found = LevelChange.objects.filter(run=run).values_list("direction").annotate(n=Count("pk")).order_by("direction")
    return {str(direction): int(n) for direction, n in found}


def moves_of_runs(actor: Actor, runs: Sequence[int], *, limit: int = 10) -> list[Row]:
    """The levels that some runs moved, achieved or granted, of partners that the actor may see, with the partner's `name`."""
    found = LevelChange.objects.filter(run__in=list(runs))
    if not actor.everywhere:
        found = found.filter(partner__in=visible_partners(actor).values("key"))
    changes = [_plain(one) for one in found.order_by("pk")[: 50 * limit]]  # of a few partners judged alone
    kinds = ("level", "granted")
    moved = [one for one in changes if any(one[f"{kind}_before"] != one[f"{kind}_after"] for kind in kinds)][:limit]
    names = names_of(actor, [one["partner"] for one in moved])
    return [one | {"name": names.get(one["partner"], one["partner"])} for one in moved]


def deciding_run(actor: Actor, partner: str, *, edition: str | None, as_of: date | None) -> Run:
    """The run that says where a partner stands: now, or on an earlier day that was judged. Raises NotThere, CallError."""
    edition = edition.partition("@")[0] if edition else None
    now = [one for one in _stands(actor, partner) if edition is None or f"{one.edition}/".startswith(f"{edition}/")]
    if as_of is None:
        if len(now) > 1:
            now = _in_force(now)
        if now:
            return now[0].run
        raise not_there(
            "standing of", partner, "evaluate first, or see which partners there are: hanse evaluate --help"
        )
    see_partner(actor, partner)
    return _earlier(actor, edition, as_of, now)


def _in_force(found: list[Standing]) -> list[Standing]:
    """Of several editions the one that grants levels; else the first by name."""
    rank = rank_on(timezone.now().date())
    return sorted(found, key=lambda s: rank.get(s.run.version_id, len(JUDGED)))


def _earlier(actor: Actor, edition: str | None, as_of: date, now: Iterable[Standing]) -> Run:
    for standing in now:
        if standing.as_of == as_of:
            return standing.run
    runs = Run.objects.filter(state=Run.State.DONE, kind=Run.Kind.ALL)
    if not actor.roles & VENDOR:
        runs = runs.filter(version_id__in=_shown(actor))
    if edition:
        runs = runs.filter(Q(edition=edition) | Q(edition__startswith=f"{edition}/"))
    found = runs.filter(as_of=as_of).select_related("outline").defer("outline__data").order_by("-known_at").first()
    if found is not None:
        return found
    days = sorted({str(d) for d in runs.values_list("as_of", flat=True)}, reverse=True)[:6]
    raise CallError(Problem("--as-of", f"no run judged {as_of}", "a standing is explained by the run that gave it",
                            f"give one of {', '.join(days)}" if days else "evaluate that day first"))  # fmt: skip


def rows_of(actor: Actor, run: Run, partner: str) -> dict[str, list[Row]]:
    """The rows of one partner that a run left in the database; its standing only where it is still decided by that run.

    Raises NotThere for a partner that the actor may not see.
    """
    see_partner(actor, partner)
    found = {output: _rows(output, run.pk, partner) for output in OUTPUTS}
    found["standings"] = [
        _plain(one) for one in _stands(actor, partner) if (one.edition, one.run_id) == (run.edition, run.pk)
    ]
    return found


def outline_of(run: Run) -> dict[str, Any]:
    """How the programme read on the day of a run."""
    assert run.outline is not None
    return outline(run.outline.digest)


def _rows(output: str, run: int, partner: str) -> list[Row]:
    if output == "checks":
        statement = (
            "SELECT c.partner, a.subject, a.requirement, a.metric, c.actual, c.needed, c.met, a.clause, a.comparison, c.note "
            "FROM standings_checks AS c JOIN standings_asked AS a ON a.id = c.asked WHERE c.run = %s AND c.partner = %s ORDER BY a.subject, a.requirement"
        )
    else:
        columns = ", ".join(quoted(c) for c in OUTPUTS[output] if c != "run")
        statement = f"SELECT {columns} FROM {table_of(output)} WHERE run = %s AND partner = %s"
    return dicts(statement, [run, partner])


def _plain(one: Standing | LevelChange) -> Row:
    names = [f.attname for f in one._meta.concrete_fields]
    return {("run" if n == "run_id" else n): getattr(one, n) for n in names if n != "id"}
