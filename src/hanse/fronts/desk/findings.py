"""What does a picture say? Its title is its finding, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hanse.apps.standings.lists import RISING
from hanse.fronts.desk.deciding import level_label
from hanse.language.words import mark

if TYPE_CHECKING:
    from datetime import date

    from hanse.apps.standings.between import Cost
    from hanse.apps.standings.outlook import Flow, Given, JudgedDay
    from hanse.fronts.desk.pictures import CountryRow, TerritoryRow
    from hanse.language.words import Words

Read = Mapping[str, Any]


def levels(days: Sequence[JudgedDay], read: Read, words: Words) -> str:
    """Which level changed most since the day judged before."""
    if len(days) < 2:
        return words.say("Partners at each level")
    before, now = days[-2], days[-1]
    names = [str(entry["level"]) for entry in read["levels"] if entry["asks"]]
    moved = {name: now.levels.get(name, 0) - before.levels.get(name, 0) for name in names}
    name = max(reversed(names), key=lambda n: abs(moved[n]), default="")
    if not name or not moved[name]:
        return words.say("Every level has as many partners as on {day}", day=words.day(before.as_of))
    text = (
        mark("{level} grew by {n} to {now} partners since {day}")
        if moved[name] > 0
        else mark("{level} shrank by {n} to {now} partners since {day}")
    )
    return words.say(
        text,
        level=level_label(words, read, name),
        n=words.number(abs(moved[name])),
        now=words.number(now.levels.get(name, 0)),
        day=words.day(before.as_of),
    )


def moving(direction: str, number: int, words: Words) -> str:
    """How many are about to rise, or to fall."""
    if direction == RISING:
        if not number:
            return words.say("Nobody is one requirement short of the next level")
        return words.many(
            "{n} partner is one requirement short of the next level",
            "{n} partners are one requirement short of the next level",
            number,
        )
    if not number:
        return words.say("Nobody is about to lose a level")
    return words.many("{n} partner is about to lose its level", "{n} partners are about to lose their level", number)


def countries(rows: Sequence[CountryRow], words: Words) -> str:
    """Where most partners are."""
    total = sum(row.partners for row in rows)
    if not total:
        return words.say("No country has a partner yet")
    first = rows[:3]
    share = 100 * sum(row.partners for row in first) / total
    where = words.listed(words.country(row.country) if row.country else words.say("no country") for row in first)
    return words.say(
        "{share} of all partners are in: {countries}", share=words.quantity(share, "percent", 0), countries=where
    )


def flows(found: Sequence[Flow], read: Read, words: Words, since: date | None) -> str:
    """How many rose and how many fell since a day."""
    rank = {"": -1} | {str(entry["level"]): at for at, entry in enumerate(read["levels"])}
    between = [f for f in found if f.before and f.after]
    up = sum(f.partners for f in between if rank.get(f.after, -1) > rank.get(f.before, -1))
    down = sum(f.partners for f in between if rank.get(f.after, -1) < rank.get(f.before, -1))
    if since is None:
        return words.say("Who rises and falls is seen once a second day has been judged")
    day = words.day(since)
    if not up and not down:
        return words.say("Nobody went from one level to another since {day}", day=day)
    if up and down:
        rose = words.many("{n} partner rose", "{n} partners rose", up)
        fell = words.many("{n} fell since {day}", "{n} fell since {day}", down, day=day)
        return words.say("{rose}, {fell}", rose=rose, fell=fell)
    if up:
        return words.many(
            "{n} partner rose since {day}, nobody fell", "{n} partners rose since {day}, nobody fell", up, day=day
        )
    return words.many(
        "{n} partner fell since {day}, nobody rose", "{n} partners fell since {day}, nobody rose", down, day=day
    )


def territories(rows: Sequence[TerritoryRow], words: Words) -> str:
    """Is somebody looking after everybody?"""
    alone = sum(row.partners for row in rows if not row.manager)
    if not alone:
        return words.say("Every country has a partner manager")
    return words.many(
        "{n} partner is in a country that no partner manager looks after",
        "{n} partners are in countries that no partner manager looks after",
        alone,
    )


def costs(found: Sequence[Cost], words: Words) -> str:
    """What the benefits given come to, and how much of it is used."""
    sums: dict[str, list[float]] = {}
    for one in found:
        given = sums.setdefault(one.currency, [0.0, 0.0])
        given[0] += one.given
        given[1] += one.used
    if not sums:
        return ""
    amounts = words.listed(words.money(given, currency) for currency, (given, _) in sums.items())
    used = words.listed(words.money(used, currency) for currency, (_, used) in sums.items())
    return words.say("The benefits given cost {amount}; {used} of it is used", amount=amounts, used=used)


def benefits(found: Sequence[Given], read: Read, words: Words) -> str:
    """Of which benefit most is left."""
    counted = [one for one in found if one.used and one.quantity]
    if not counted:
        return words.say("No use of a benefit is on record")
    most = max(counted, key=lambda one: one.quantity - one.used)
    return words.say(
        "{share} of what was given is used: {benefit}",
        share=words.quantity(100 * most.used / most.quantity, "percent", 0),
        benefit=words.label(read["benefits"].get(most.benefit), most.benefit),
    )
