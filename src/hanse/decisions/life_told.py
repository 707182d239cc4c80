"""How does a level live: when it rises and falls, how long it is kept, who shares it, what an older programme counts for?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_skeleton

from hanse.decisions.counting import number, within
from hanse.decisions.naming import Names, plain
from hanse.language import model
from hanse.language.words import mark

_CADENCES = {
    "at_once": mark("on the day"), "never": mark("never"), "monthly": mark("at the end of each month"),
    "quarterly": mark("at the end of each quarter"), "half_yearly": mark("at the end of each half-year"),
    "yearly": mark("at the end of each year"), "anniversary": mark("on the firm's anniversary"),
}  # fmt: skip
_EFFECTIVE = {
    "next_month": mark("A new level takes effect with the following month"),
    "next_quarter": mark("A new level takes effect with the following quarter"),
}


@dataclass(frozen=True)
class Rule:
    """A rule that is no number to reach: a key that two editions share, the sentence, its clause."""

    key: str
    says: str
    clause: str = ""


def of_life(names: Names) -> list[Rule]:
    """How levels rise, fall, lapse and are kept. Nothing where a programme has no levels."""
    life, say = names.edition.programme.life, names.words.say
    if len(names.edition.level_names) < 2:
        return []
    found = [
        Rule("up", say("A level rises {when}, once its requirements are met.", when=_cadence(life.up, names))),
        Rule("down", say("A level falls {when}, where its requirements are no longer met.", when=_cadence(life.down, names))
             if life.down != "never" else say("A level once reached is kept.")),
    ]  # fmt: skip
    if life.effective in _EFFECTIVE:
        found.append(Rule("effective", say(_EFFECTIVE[life.effective]) + "."))
    if life.grace:
        found.append(
            Rule(
                "grace", say("Grace: a level that is lost is kept for another {time}.", time=within(life.grace, names))
            )
        )
    if life.first_year == "keep":
        found.append(Rule("first year", say("Nobody falls within the first twelve months.")))
    if life.lapse:
        time = within(life.lapse.unpublished_after, names)
        found.append(Rule("lapse", say("After {time} without review a level is no longer shown.", time=time)))
    if life.leave_after:
        years = names.words.many("{n} year", "{n} years", life.leave_after.years)
        level = names.level(life.leave_after.level)
        found.append(
            Rule("leave", say("Who stays at {level} for {years} leaves the programme.", level=level, years=years))
        )
    if life.waiting:
        found.append(
            Rule(
                "waiting",
                say(
                    "After a loss one waits for {time} before rising again.",
                    time=within(life.waiting.after_loss, names),
                ),
            )
        )
    return [*found, *_kept(life, names), *_people(names)]


def of_firms(names: Names) -> list[Rule]:
    """What firms of one enterprise share. Nothing where each stands alone."""
    rollup, say = names.edition.rollup, names.words.say
    if rollup is None:
        return []
    if rollup.enterprise.ownership is not None:
        least = number(rollup.enterprise.ownership, ("levels", "rollup", "enterprise", "ownership"), names, "percent")
        found = [
            Rule(
                "enterprise", say("Firms are one enterprise where one owns at least {share} of the other.", share=least)
            )
        ]
    else:
        found = [Rule("enterprise", say("Firms of the same group are one enterprise."))]
    for share in rollup.share:
        says = (
            mark("As soon as one firm of an enterprise has reached {level}, all of them are at least {level}.")
            if share.when == "any"
            else mark("Once all firms of an enterprise have reached {level}, all of them are at least {level}.")
        )
        found.append(Rule(f"share {share.level}", say(says, level=names.level(share.level)), share.clause or ""))
    if rollup.best_of:
        found.append(
            Rule(
                "best of",
                say("The best level among firms of the same {zone} is that of all.", zone=plain(rollup.best_of)),
            )
        )
    for one in rollup.n_of:
        says = (
            mark("{n} firms of an enterprise at {at}, in as many countries, make all of them {level}.")
            if one.countries
            else mark("{n} firms of an enterprise at {at} make all of them {level}.")
        )
        found.append(
            Rule(
                f"n of {one.level}",
                say(says, n=names.words.number(one.n), at=names.level(one.at), level=names.level(one.level)),
                one.clause or "",
            )
        )
    return found


def of_transition(names: Names) -> list[Rule]:
    """What levels of an older programme give here, and until when."""
    transition, say = names.edition.transition, names.words.say
    found = []
    days = names.days(transition.from_, transition.until)
    if transition.levels and days:
        found.append(
            Rule("days", say("Levels of an older programme are matched {days}.", days=days), transition.clause or "")
        )
    for one in transition.levels:
        if one.else_:
            found.append(Rule("else", say("Everybody else: {level}.", level=names.level(one.else_)), one.clause or ""))
            continue
        old = [one.level] if isinstance(one.level, str) else list(one.level or [])
        given = names.level(one.gives) if one.gives else say("no level")
        where = (
            f"{plain(one.programme).title() if one.programme else ''} {', '.join(plain(name) for name in old)}".strip()
        )
        found.append(Rule(f"match {where}", say("{old} gives {level}.", old=where, level=given), one.clause or ""))
    return found


def credits_told(names: Names) -> list[tuple[str, str, str, str]]:
    """Older certificates that count for new ones: the old one, what it counts as, until when, the clause."""
    found = []
    for one in names.edition.transition.credits:
        old, new = ([part] if isinstance(part, str) else list(part) for part in (one.certificate, one.counts_as))
        days = names.days(one.from_, one.until or names.edition.transition.until)
        clause = one.clause or names.edition.transition.clause or ""
        found.append((", ".join(map(code, old)), ", ".join(map(code, new)), days, clause))
    return found


def waivers(names: Names) -> list[Rule]:
    """Requirements that are not asked for a while, of everybody."""
    found: list[Rule] = []

    def visit(raw: Any, level: str) -> None:
        if isinstance(raw, list):
            for part in raw:
                visit(part, level)
        if not isinstance(raw, dict):
            return
        for name, part in raw.items():
            if isinstance(part, dict) and isinstance(part.get("suspended"), list):
                found.extend(_suspended(name, part, level, names))
            visit(part, level)

    for level, raw in names.edition.levels.items():
        visit(raw, level)
    return found


def _suspended(metric: str, raw: dict[str, Any], level: str, names: Names) -> list[Rule]:
    found = []
    for one in raw["suspended"]:
        days = names.days(one.get("from"), one.get("until")) or names.words.say("always")
        reason = str(one.get("reason", ""))
        where = f" ({names.countries(one['countries'])})" if one.get("countries") else ""
        says = names.words.say("{level} · {requirement}: not asked {days}{where}.", level=names.level(level),
                               requirement=names.metric(metric), days=days, where=where)  # fmt: skip
        found.append(
            Rule(
                f"{level} {metric} {days}",
                f"{says} {reason[:1].upper()}{reason[1:]}.".rstrip(". ") + ".",
                str(raw.get("clause", "")),
            )
        )
    return found


def _kept(life: model.Life, names: Names) -> list[Rule]:
    """Levels that end, are kept by those who held them, or are too low for some."""
    say, day, found = names.words.say, names.words.day, []
    for one in life.grandfather:
        where = f" ({names.countries(one.countries)})" if one.countries else ""
        says = say("Who held {level} before {first} keeps it until {last}{where}.", level=names.level(one.level),
                   first=day(one.held_before), last=day(one.until), where=where)  # fmt: skip
        found.append(Rule(f"grandfather {one.level}", says, one.clause or ""))
    for gone in life.retired:
        where = f" ({names.countries(gone.countries)})" if gone.countries else ""
        says = say(
            "{level} takes no new holders from {day} on{where}.",
            level=names.level(gone.level),
            day=day(gone.no_new_from),
            where=where,
        )
        if gone.last_anniversary:
            says += " " + say(
                "Holders keep it to their anniversary, at the latest {day}.", day=day(gone.last_anniversary)
            )
        found.append(Rule(f"retired {gone.level}", says, gone.clause or ""))
    for at, top in enumerate(life.ceiling):
        most = number(top.at_most, ("programme", "life", "ceiling", at, "at_most"), names, names.unit(top.metric))
        says = say("With more than {most} ({metric}), {level} is renewed as {then} only.", most=most, metric=names.metric(top.metric),
                   level=names.level(top.level), then=names.level(top.then))  # fmt: skip
        found.append(Rule(f"ceiling {top.level}", says, top.clause or ""))
    return found


def _people(names: Names) -> list[Rule]:
    lag, say = names.edition.programme.people.counted_after_leaving, names.words.say
    if lag is None:
        return []
    if lag.day:
        months = names.words.many("{n} month", "{n} months", lag.months)
        says = say(
            "Certificates of somebody who has left count until day {day} of the month {months} later.",
            day=names.words.number(lag.day),
            months=months,
        )
    else:
        time = within(f"{lag.months} months" if lag.months else f"{lag.days} days", names)
        says = say("Certificates of somebody who has left count for another {time}.", time=time)
    return [Rule("leaving", says)]


def _cadence(raw: object, names: Names) -> str:
    if isinstance(raw, str):
        return names.words.say(_CADENCES[raw]) if raw in _CADENCES else plain(raw)
    days = [month_day(str(one), names) for one in (raw.get("at") or [])] if isinstance(raw, dict) else []
    return names.words.say("each year on {days}", days=names.words.listed(days, 12))


def month_day(text: str, names: Names) -> str:
    """A day of every year: `01-15` is 15 January."""
    month, _, day = text.partition("-")
    return str(format_skeleton("MMMMd", date(2000, int(month), int(day)), locale=names.words.locale))


def code(name: object) -> str:
    """A code as facts have it; one made of words gets its blanks."""
    text = str(name)
    return plain(text) if text.islower() and "_" in text else text
