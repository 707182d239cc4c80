"""Who works at the partners, and what have they passed? People with dated employment, and their certificates.

A person's key carries the number of the first firm. Whoever moves on takes the certificates along: a second
row of `people` with the same key, at another partner of the same country.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from hanse.demo import profile as size
from hanse.demo.chance import Ints, leaning
from hanse.demo.columns import days, part_keys, rows_of, texts
from hanse.demo.firms import NEVER, World
from hanse.demo.names import Words


@dataclass(frozen=True)
class People:
    """The people who started at some partners: one entry per person, days as in World."""

    firm: Ints  # the first firm
    number: Ints  # within the first firm, from 0
    role: Ints  # position in profile.ROLES
    since: Ints
    until: Ints  # last day at the first firm
    next_firm: Ints  # -1 for those who did not move
    next_since: Ints

    @classmethod
    def of(cls, world: World, firms: Ints) -> People:
        """The people whose first firm is one of these."""
        dice = world.dice
        firm, number = rows_of(world.many(world.profile.people, "people", firms), firms)
        first = np.maximum(world.joined[firm], world.as_of - 3650)
        last = np.minimum(world.left[firm], world.as_of)
        since = first + dice.below(np.maximum(last - first, 1), "since", firm, number)
        since = np.where(number == 0, first, since)  # somebody signed the agreement
        start = np.maximum(since + 60, world.window_start)
        goes = (dice.uniform("goes", firm, number) < size.LEAVERS) & (start < last) & (number > 0)
        until = start + dice.below(np.maximum(last - start, 1), "until", firm, number)
        next_since = until + 1 + dice.below(75, "next since", firm, number)
        next_firm = _neighbour(world, firm, dice.below(6, "next firm", firm, number))
        moves = goes & (dice.uniform("moves", firm, number) < size.MOVERS) & (next_firm != firm)
        moves &= (next_since <= np.minimum(world.as_of, world.left[next_firm])) & (
            world.joined[next_firm] <= next_since
        )
        return cls(
            firm=firm,
            number=number,
            role=dice.which([share for _, share in size.ROLES], "role", firm, number),
            since=since,
            until=np.where(goes, until, NEVER),
            next_firm=np.where(moves, next_firm, -1),
            next_since=next_since,
        )

    def keys(self, world: World) -> pa.Array:
        """The keys of people: PE-0000417-03."""
        return part_keys(world.keys(self.firm), "PE-", self.number + 1)


def _neighbour(world: World, firm: Ints, further: Ints) -> Ints:
    """A partner of the same country, so much further on in the circle of its partners."""
    order, first, count = world.by_country
    country = world.country[firm]
    place = world.place_in_country[firm] + 1 + further
    return order[first[country] + place % count[country]]


def people_table(world: World, firms: Ints) -> dict[str, pa.Array]:
    """The fact table `people`: one row per employment, a mover's second job after the first."""
    people = People.of(world, firms)
    count = 1 + (people.next_firm >= 0)
    person, job = rows_of(count, np.arange(len(count), dtype=np.int64))
    again = job == 1
    until = np.where(again, NEVER, people.until[person])
    columns = {
        "person": people.keys(world).take(pa.array(person)),
        "partner": world.keys(np.where(again, people.next_firm[person], people.firm[person])),
        "since": days(np.where(again, people.next_since[person], people.since[person])),
        "until": days(until, none=NEVER),
        "role": texts([name for name, _ in size.ROLES], people.role[person]),
    }
    if world.profile.details:
        countries = world.places.text("country")
        columns["country"] = countries.take(pa.array(world.country[people.firm[person]]))
    return columns


def certifications_table(world: World, firms: Ints) -> dict[str, pa.Array]:
    """The fact table `certifications`: what the people who started at these partners have passed.

    Two certificates in a row are of the same competency, the first two of one of their firm's best.
    """
    people, dice = People.of(world, firms), world.dice
    scale = dice.uniform("certificate scale", people.firm, people.number) + 0.5
    line = world.profile.certificates
    amount = (line.base + line.slope * world.strength[people.firm]) * scale
    count = np.floor(amount + dice.uniform("certificate count", people.firm, people.number)).astype(np.int64)
    person, nth = rows_of(np.minimum(count, line.most), np.arange(len(people.firm), dtype=np.int64))
    firm, number = people.firm[person], people.number[person]
    first = np.maximum(people.since[person], world.as_of - size.CERTIFICATE_DAYS)
    last = np.where(people.next_firm[person] >= 0, world.as_of, np.minimum(people.until[person], world.as_of))
    early = leaning(dice.uniform("earned", firm, number, nth))
    earned = np.maximum(last - (early * np.maximum(last - first, 0)).astype(np.int64), first)
    lives = np.asarray(size.CERTIFICATE_LIVES)[dice.below(len(size.CERTIFICATE_LIVES), "life", firm, number, nth)]
    forever = dice.uniform("for ever", firm, number, nth) < size.NEVER_EXPIRES
    columns = {
        "person": people.keys(world).take(pa.array(person)),
        "certificate": _certificates(world, people, person, nth, earned),
        "earned": days(earned),
        "expires": days(np.where(forever, NEVER, earned + lives - 1), none=NEVER),
    }
    if not world.profile.details:
        return columns
    versions = np.clip((earned - world.as_of + size.CERTIFICATE_DAYS) // 500, 0, 2)
    columns["version"] = texts(["1", "2", "3"], versions)
    passed = columns["certificate"].dictionary_encode().indices.to_numpy()
    once = pa.array(_first_of_equals(person, passed, earned))
    return {name: column.take(once) for name, column in columns.items()}


def _first_of_equals(*columns: Ints) -> Ints:
    """Where each combination stands first: nobody passes the same exam twice on a day."""
    _, first = np.unique(np.stack(columns, axis=1), axis=0, return_index=True)
    return np.sort(first)


def _certificates(world: World, people: People, person: Ints, nth: Ints, earned: Ints) -> pa.Array:
    """Which certificate each is: technical or sales by the person's role, old or new by the day."""
    dice, catalogue = world.dice, world.catalogue
    firm, number = people.firm[person], people.number[person]
    competency = world.some_focus(firm, dice.uniform("certified in", firm, number, nth // 2))
    sales = people.role[person] != 0
    turn = dice.below(64, "which certificate", firm, number) + nth
    competencies = catalogue.competencies
    words = Words(
        [list(one.skills(sales=kind)) for one in competencies for kind in (False, True)]
        + [list(one.old_skills(sales=kind)) for one in competencies for kind in (False, True)]
        + [list(catalogue.worthless)]
    )
    new = 2 * competency + sales
    old = new + 2 * len(competencies)
    before = earned < world.as_of - size.OLD_CERTIFICATES_BEFORE
    chance = dice.uniform("old certificate", firm, number, nth)
    is_old = before & (chance < size.OLD_CERTIFICATE_SHARE) & (words.lengths[old] > 0)
    worthless = before & (chance >= 1 - size.WORTHLESS_SHARE) & bool(catalogue.worthless)
    return words.at(np.where(worthless, 4 * len(competencies), np.where(is_old, old, new)), turn)
