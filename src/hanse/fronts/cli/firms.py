"""`hanse firms`: which records are one firm, merged and taken back, and where does each field of a firm come from?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hanse.apps.evaluation.foreseeing import Move
    from hanse.apps.evidence.structure import Merging

firms = typer.Typer(help="One record per firm: likely pairs, merging and taking it back, where each field comes from.")
Partner = Annotated[str, typer.Argument(metavar="PARTNER", help="The partner's key.")]
Why = Annotated[str, typer.Option(help="The reason; it stays on record.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Evaluate = Annotated[bool, typer.Option("--evaluate/--no-evaluate", help="Judge the partners concerned at once.")]
AsJson = Annotated[bool, typer.Option("--json", help="As data, for programs.")]
_SIDES = ("one", "other")


@firms.command("duplicates")
def duplicates(
    *,
    partner: Annotated[str, typer.Option(help="Only the pairs of this partner.")] = "",
    at_least: Annotated[float, typer.Option(min=0, max=1, help="Only pairs at least so likely, such as 0.9.")] = 0.0,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the likeliest first.")] = 20,
    look: Annotated[bool, typer.Option("--look", help="Compare all records first.")] = False,
    json: AsJson = False,
) -> None:
    """List the pairs of records that may be one firm, with what speaks for and against each."""
    from hanse.fronts.cli.tables import progress

    _ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.duplicates import looking, queue

    if look:
        with progress("Comparing all records"):
            looking.run()
    me = operator()
    found = (
        queue.likely_of(actor=me, partner=partner)
        if partner
        else queue.likely(actor=me, at_least=at_least, limit=limit)
    )
    shown = [one for one in found if one.probability >= at_least][:limit]
    _pairs(shown, waiting=queue.waiting(actor=me), json=json)


@firms.command("merge")
def merge(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="The record that goes into the other.")],
    into: Annotated[str, typer.Argument(metavar="INTO", help="The record that stays.")],
    *,
    kind: Annotated[str, typer.Option(help="duplicate, acquired or merged.")] = "duplicate",
    on: Annotated[str | None, typer.Option(metavar="DATE", help="Since when; a duplicate needs no day.")] = None,
    why: Why,
    yes: Yes = False,
    evaluate: Evaluate = True,
    json: AsJson = False,
) -> None:
    """Merge two records of one firm, once you have seen what would move. It can be taken back at any time."""
    from hanse.fronts.cli.arguments import day_of
    from hanse.fronts.cli.tables import console, print_json

    day = day_of(on, "--on") if on else None
    _ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.evaluation import mergers
    from hanse.apps.evidence import structure

    me = operator()
    found = structure.merging(actor=me, partner=partner, into=into)
    moves = mergers.foreseen(actor=me, partner=partner, into=into, kind=kind, on=day)
    if not json:
        _preview(found, moves)
    if not yes:
        typer.confirm(f"Merge {partner} into {into}?", abort=True, err=json)
    batch = mergers.merge(actor=me, partner=partner, into=into, kind=kind, on=day, reason=why)
    judged = _judged([batch], evaluate)
    if json:
        print_json({"batch": batch, "judged": judged, "fields": _fields(found), "facts": dict(found.facts),
                    "moves": None if moves is None else [vars(one) for one in moves]})  # fmt: skip
        return
    console().print(
        f"{partner} is one firm with {into} now. hanse firms unmerge {partner} takes it back.", soft_wrap=True
    )


@firms.command("merge-likely")
def merge_likely(
    *,
    at_least: Annotated[float, typer.Option(min=0.5, max=1, help="How likely a pair must be, such as 0.99.")],
    why: Why,
    yes: Yes = False,
    evaluate: Evaluate = True,
    json: AsJson = False,
) -> None:
    """Merge every pair that is at least so likely, into the record whose key comes first. Each can be taken back."""
    from hanse.fronts.cli.tables import console, print_json

    _ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.duplicates import deciding, queue

    me = operator()
    many = queue.waiting(actor=me, at_least=at_least)
    if many and not yes:
        typer.confirm(f"Merge {many:,} pairs that are at least {at_least:.2%} likely?", abort=True, err=json)
    batches = deciding.all_at_least(actor=me, probability=at_least, reason=why) if many else []
    judged = _judged(batches, evaluate)
    if json:
        print_json({"batches": batches, "judged": judged, "waiting": queue.waiting(actor=me)})
        return
    said = (
        f"{len(batches):,} pairs are merged; hanse firms unmerge takes each back."
        if batches
        else "No pair is so likely."
    )
    console().print(f"{said} {queue.waiting(actor=me):,} pairs wait.", soft_wrap=True)


@firms.command("unmerge")
def unmerge(partner: Partner, *, why: Why, evaluate: Evaluate = True, json: AsJson = False) -> None:
    """Take the latest merger of a record back: it is a firm of its own again, with all that was said of it."""
    from hanse.fronts.cli.tables import console, print_json

    _ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.evaluation import mergers

    batch = mergers.unmerge(actor=operator(), partner=partner, reason=why)
    judged = _judged([batch], evaluate)
    if json:
        print_json({"batch": batch, "judged": judged})
        return
    console().print(f"{partner} is a firm of its own again, with all that was said of it.", soft_wrap=True)


@firms.command("record")
def record(partner: Partner, *, json: AsJson = False) -> None:
    """Show where each field of a firm comes from: which source said it and when, why it won, and who says otherwise."""
    from hanse.fronts.cli.tables import console, print_json, table

    _ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.evidence import golden
    from hanse.decisions.golden_record import SAYS

    found = golden.lineage(actor=operator(), partner=partner)
    if json:
        print_json([
            {**vars(one.choice), "others": dict(one.choice.others), "said": [vars(said) for said in one.said]}
            for one in found
        ])  # fmt: skip
        return
    rows = []
    for one in (line for line in found if line.said):
        learned = [f"{said.learned:%Y-%m-%d}" for said in one.said if said.fact == one.choice.fact]
        others = "; ".join(f"{source}: {_plain(value)}" for source, value in one.choice.others)
        why = SAYS[one.choice.because]
        rows.append((one.choice.field, _plain(one.choice.value), one.choice.source, "".join(learned), why, others))
    console().print(table(partner, ("field", "value", "source", "learned", "why", "others say"), rows))
    silent = ", ".join(line.choice.field for line in found if not line.said)
    if silent:
        console().print(f"\nNobody says anything of: {silent}", soft_wrap=True)


def _ready() -> None:
    from hanse.installation import start

    start.ready()


def _judged(batches: Sequence[int], evaluate: bool) -> list[int]:
    """Judges whom these mergers concern now, rather than when the jobs get to it; the runs."""
    from hanse.apps.evaluation.services import evaluate_touched

    return [run for batch in batches for run in evaluate_touched(batch=batch)] if evaluate else []


# -- what is shown ----------------------------------------------------------------------------------------------------


def _pairs(found: Sequence[Any], *, waiting: int, json: bool) -> None:
    from hanse.apps.accounts.actors import operator
    from hanse.apps.registry.selectors import names_of
    from hanse.fronts.cli.tables import console, print_json, table

    names = names_of(operator(), [getattr(one, side) for one in found for side in _SIDES])
    if json:
        print_json([
            {**vars(one), "probability": one.probability, "names": [names.get(one.one), names.get(one.other)]}
            for one in found
        ])  # fmt: skip
        return
    to = console()
    if not found:
        to.print(
            "No such pair waits." if waiting else "No pair waits. hanse firms duplicates --look compares all records."
        )
        return
    rows = [
        (
            f"{min(one.probability, 0.9999):.2%}",
            *_named(one.one, names),
            *_named(one.other, names),
            _because(one.because),
        )
        for one in found
    ]
    to.print(table("", ("likely", "record", "name", "record", "name", "for (+) and against (-), in bits"), rows))
    if waiting > len(found):
        to.print(f"\n{waiting:,} pairs wait; --limit shows more.")


def _named(key: str, names: dict[str, str]) -> tuple[str, str]:
    return key, names.get(key, "")


def _because(parts: Sequence[dict[str, Any]]) -> str:
    """What weighs most, first; how rarely two records are one firm at all is left out."""
    told = sorted((part for part in parts if part["what"] != "prior"), key=lambda part: -abs(part["bits"]))
    return ", ".join(f"{part['what']} {part['bits']:+.1f}" for part in told)


def _preview(found: Merging, moves: Sequence[Move] | None) -> None:
    """Both records field by field, what would count for the one that stays, and whose level would move."""
    from hanse.fronts.cli.tables import console, table

    to = console()
    rows = [
        ("" if _plain(one) == _plain(other) else "*", name, _plain(one), _plain(other))
        for name, one, other in found.fields
        if one is not None or other is not None
    ]
    to.print(table("", ("", "field", found.partner, f"{found.into} (stays)"), rows))
    told = ", ".join(f"{name.replace('_', ' ')}: {n:,}" for name, n in found.facts.items()) or "no facts"
    to.print(f"\nFacts that would count for {found.into}: {told}", soft_wrap=True)
    if found.answers_for:
        to.print(f"With those of what went into {found.partner}: {', '.join(found.answers_for)}", soft_wrap=True)
    if moves is None:
        to.print("Levels: everybody must be judged to know.")
    for one in moves or ():
        to.print(
            f"{one.partner}, {one.edition}: {one.before or 'no level'} → {one.after or 'no level'}", soft_wrap=True
        )
    if moves == []:
        to.print("No level would move.")


def _fields(found: Merging) -> dict[str, dict[str, Any]]:
    return {name: {found.partner: one, found.into: other} for name, one, other in found.fields}


def _plain(value: Any) -> str:
    return "" if value is None else str(value)
