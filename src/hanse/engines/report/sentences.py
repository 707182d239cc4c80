"""What a rehearsal comes to, in sentences that a channel chief can read aloud."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hanse.decisions.rehearsal import ACROSS, APPEARS, DISAPPEARS, DOWN, UP
from hanse.engines.report.reading import Reading

Summary = Mapping[str, Any]
_MOST = 0.5  # from this share on "most" is true
_TOLD = 2  # benefits that are told, the ones that change most


def told(summary: Summary, read: Reading) -> list[str]:
    """The sentences, the most important first."""
    return [sentence for paragraph in paragraphs(summary, read) for sentence in paragraph]


def paragraphs(summary: Summary, read: Reading) -> list[list[str]]:
    """The sentences as paragraphs: how many move, why and where, and what follows. The first is never empty."""
    moves = summary["moves"]
    if not moves["all"]:
        first, second = read.phrase("nobody", n=summary["partners"]["after"]), []
    else:
        first = _moved(summary, read)
        second = [s for way in _by_size(moves) for s in _why(summary, read, way)] + _where(summary, read)
    third = _in_force(summary, read) + _benefits(summary, read) + _competencies(summary, read)
    return [[first], *(p for p in (second, third) if p)]


def reason(row: Mapping[str, Any], read: Reading) -> str:
    """`Gold's revenue`, or what else decided."""
    if row["because"] is None:
        return read.phrase(
            row["change"] or (row["direction"] if row["direction"] in (APPEARS, DISAPPEARS) else "no_reason")
        )
    requirement = read.requirement(row["because"], row["metric"])
    return read.phrase("reason", level=read.level(row["because_level"]), requirement=requirement)


def _moved(summary: Summary, read: Reading) -> str:
    moves, everybody = summary["moves"], max(summary["partners"].values())
    ways = [read.phrase("ways", up=moves[UP], down=moves[DOWN])]
    for way, key in ((ACROSS, "across"), (APPEARS, "appear"), (DISAPPEARS, "disappear")):
        if moves[way]:
            ways.append(read.some(key, moves[way]))
    moved = read.some("moved", moves["all"], all=everybody)
    return read.phrase("would_move", moved=moved, share=read.share(moves["all"], everybody), ways=", ".join(ways))


def _by_size(moves: Mapping[str, int]) -> list[str]:
    return sorted((w for w in (DOWN, UP) if moves[w]), key=lambda w: -moves[w])


def by_reason(summary: Summary, read: Reading, way: str) -> list[tuple[str, int]]:
    """Reasons of one way with their partners, the commonest first; however the requirement changed."""
    found: dict[str, int] = {}
    for row in summary["because"]:
        if row["direction"] == way:
            name = reason(row, read)
            found[name] = found.get(name, 0) + row["partners"]
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def _by_requirement(summary: Summary, read: Reading, way: str) -> list[tuple[str, int]]:
    """As `by_reason`, whatever the level."""
    found: dict[str, int] = {}
    for row in summary["because"]:
        if row["direction"] == way:
            name = reason(row, read)
            if row["because"] is None:
                name = name[:1].lower() + name[1:]
            else:
                name = read.phrase("named", requirement=read.requirement(row["because"], row["metric"]))
            found[name] = found.get(name, 0) + row["partners"]
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def _why(summary: Summary, read: Reading, way: str) -> list[str]:
    """One requirement of one level where that decides most of the moves, else requirements whatever the level."""
    reasons, everybody = by_reason(summary, read, way), summary["moves"][way]
    named = all(row["because"] is not None for row in summary["because"] if row["direction"] == way)
    if not named or reasons[0][1] / everybody <= _MOST:
        reasons = _by_requirement(summary, read, way)
    (name, count), rest = reasons[0], reasons[1:]
    key = "why_first" if count / everybody > _MOST else "why_part"
    found = [read.phrase(key, way=read.phrase(f"way_{way}"), reason=name, n=count, all=everybody)]
    if rest:
        found.append(read.phrase("why_next", reason=rest[0][0], n=rest[0][1]))
    return found


def _where(summary: Summary, read: Reading) -> list[str]:
    rows: Sequence[Mapping[str, Any]] = summary["countries"]
    if len(rows) == 1:
        return [read.phrase("where_only", country=read.country(rows[0]["country"]))]
    first, following = rows[0], rows[1:3]
    following_text = read.phrase("and").join(
        read.phrase("where_next", country=read.country(r["country"]), n=r["moves"]) for r in following
    )
    country = read.country(first["country"])
    return [read.phrase("where", country=country, n=first["moves"], partners=first["partners"], next=following_text)]


def _in_force(summary: Summary, read: Reading) -> list[str]:
    now, moves = summary["granted_moves"]["all"], summary["moves"]["all"]
    if now:
        return [read.phrase("at_once" if now < moves else "at_once_all", n=read.some("partners", now))]
    return [read.phrase("at_once_none")] if moves else []


def _benefits(summary: Summary, read: Reading) -> list[str]:
    """The benefits that change most, as a share of what they were."""
    changed = [b for b in summary["benefits"] if b["difference"]]
    changed.sort(key=lambda b: (not b["currency"], -abs(b["difference"])))
    return [
        _capital(read.phrase(
            "benefit_more" if b["difference"] > 0 else "benefit_less", benefit=read.benefit(b["benefit"]), before=read.number(b["before"], b["currency"]),
            after=read.number(b["after"], b["currency"]), difference=read.signed(b["difference"], b["currency"]),
        ))
        for b in changed[:_TOLD]
    ]  # fmt: skip


def _competencies(summary: Summary, read: Reading) -> list[str]:
    listed = summary["competencies"]
    retired = [c for c in listed if c["in_force_before"] and not c["in_force_after"]]
    few = sum(1 for c in listed if c["few_after"])
    parts = []
    if retired:
        parts.append(read.some("retire", len(retired), holders=sum(c["before"] for c in retired)))
    if few:
        parts.append(read.some("few", few, limit=summary["fewer_than"]))
    return [_capital(f"{part}.") for part in parts]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
