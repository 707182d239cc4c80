"""Who are the partners? Where they are, how strong, since when, in which group, and what they are good at.

Everything about a partner that several tables need is computed once, for all partners, as columns of numbers
(about 120 bytes a partner). The tables of facts are then made piece by piece from them.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanse.demo import profile as size
from hanse.demo.catalogue import Catalogue
from hanse.demo.chance import Dice, Floats, Ints, exponential, leaning, lognormal, normal, raised, whole
from hanse.demo.columns import days, decimals, keys, texts, together
from hanse.demo.names import Names
from hanse.demo.profile import Line, Profile

Flags = npt.NDArray[np.bool_]

NEVER = 1 << 30  # a day after all days
CURRENCIES = ("EUR", "USD", "GBP", "JPY", "CHF", "SEK", "PLN", "CAD", "AUD", "BRL", "INR", "CNY")


@dataclass(frozen=True)
class Places:
    """The towns of the world in which partners may be, and their countries."""

    countries: tuple[dict[str, str], ...]
    towns: tuple[dict[str, str], ...]

    @classmethod
    def read(cls) -> Places:
        """The places that come with the package."""
        here = files("hanse.demo")
        tables = []
        for name in ("countries.csv", "places.csv"):
            with here.joinpath(name).open(encoding="utf-8") as file:
                tables.append(tuple(csv.DictReader(file)))
        return cls(*tables)

    @cached_property
    def country_of_town(self) -> Ints:
        """For each town the position of its country."""
        position = {row["country"]: number for number, row in enumerate(self.countries)}
        return np.asarray([position[row["country"]] for row in self.towns], dtype=np.int64)

    @cached_property
    def shares(self) -> Floats:
        """For each town its share of the partners: the country's share, divided among its towns."""
        towns, countries = self.number("weight", of_towns=True), self.number("weight")
        within = np.bincount(self.country_of_town, weights=towns)
        return np.asarray((countries / within)[self.country_of_town] * towns, dtype=np.float64)

    def number(self, column: str, *, of_towns: bool = False) -> Floats:
        """A column of numbers of the countries, or of the towns."""
        return np.asarray([float(row[column]) for row in (self.towns if of_towns else self.countries)])

    def text(self, column: str, *, of_towns: bool = False) -> pa.Array:
        """A column of texts of the countries, or of the towns."""
        return pa.array([row[column] for row in (self.towns if of_towns else self.countries)], pa.string())


@dataclass(frozen=True)
class World:
    """All partners: one entry per partner in each array. Days count from 1970-01-01; NEVER is no end."""

    dice: Dice
    profile: Profile
    catalogue: Catalogue
    places: Places
    as_of: int
    currencies: tuple[str, ...]
    town: Ints
    country: Ints
    currency: Ints  # position in `currencies`
    strength: Floats
    head: Ints  # the head of the partner's group, else the partner itself
    share: Ints  # percent of the partner that its head owns; 0 for heads and partners without one
    joined: Ints
    left: Ints
    focus_first: Ints  # position of the first competency pursued
    focus_count: Ints
    revenue: Floats  # USD a year, in the middle of the window
    growth: Floats  # a year

    @property
    def size(self) -> int:
        return len(self.town)

    @property
    def window_start(self) -> int:
        return self.as_of - size.WINDOW_DAYS + 1

    @cached_property
    def by_country(self) -> tuple[Ints, Ints, Ints]:
        """All partners by country; where each country begins in that order, and how many it has."""
        count = np.bincount(self.country, minlength=len(self.places.countries))
        return np.argsort(self.country, kind="stable"), np.cumsum(count) - count, count

    @cached_property
    def place_in_country(self) -> Ints:
        """The place of each partner among those of its country, from 0."""
        order, first, _ = self.by_country
        place = np.empty(self.size, dtype=np.int64)
        place[order] = np.arange(self.size) - first[self.country[order]]
        return place

    @cached_property
    def names(self) -> Names:
        """The words of which names are made."""
        countries = self.places.countries
        return Names(
            tuple(row["speech"] for row in countries),
            tuple(tuple(row["forms"].split("|")) for row in countries),
        )

    def active(self, firm: Ints) -> tuple[Ints, Ints]:
        """The first and the last day on which these partners did business inside the window."""
        return np.maximum(self.joined[firm], self.window_start), np.minimum(self.left[firm], self.as_of)

    def focus(self, firm: Ints, rank: Ints) -> Ints:
        """The competency (position in the catalogue) that a partner pursues in this rank, 0 being its best.

        The competencies of a partner stand near one another in the catalogue, and those first in it are the
        most popular; the last find few partners. Ranks from 0 to 4 give different competencies, if there are
        five.
        """
        competencies = len(self.catalogue.competencies)
        step = max(1, (competencies - 1) // 6)
        position = self.focus_first[firm] + rank * (1 + self.dice.below(step, "focus step", firm))
        return position % competencies

    def some_focus(self, firm: Ints, uniform: Floats) -> Ints:
        """One of a partner's competencies, the better ones more often."""
        return self.focus(firm, (leaning(uniform) * self.focus_count[firm]).astype(np.int64))

    def many(self, line: Line, draw: str, firm: Ints) -> Ints:
        """How many of something each of these partners has."""
        scale = 0.5 + self.dice.uniform(f"{draw} scale", firm)
        amount = (line.base + line.slope * self.strength[firm]) * scale
        return np.minimum(whole(amount, self.dice.uniform(f"{draw} count", firm)), line.most)

    def keys(self, firm: Ints) -> pa.Array:
        """The keys of partners: BP-0000417."""
        return keys("BP-", firm + 1, 7)


def world(
    *,
    partners: int,
    seed: int,
    profile: Profile,
    catalogue: Catalogue,
    as_of: date,
    currencies: Sequence[str],
) -> World:
    """All partners of a channel; the same arguments give the same world."""
    dice, places, firm = Dice(seed), Places.read(), np.arange(partners, dtype=np.int64)
    day = as_of.toordinal() - date(1970, 1, 1).toordinal()
    town = dice.which(places.shares.tolist(), "town", firm)
    country = places.country_of_town[town]
    billed = [row["currency"] for row in places.countries]
    currency = np.asarray([list(currencies).index(c if c in currencies else currencies[0]) for c in billed])
    head, share = _groups(dice, firm)
    leads = np.zeros(partners, dtype=bool)
    leads[head[head != firm]] = True
    strength = exponential(dice.uniform("strength", firm)) + size.GROUP_HEAD_STRENGTH * leads
    joined, left = _membership(dice, firm, leads, day)
    competencies = len(catalogue.competencies)
    focus_scale = dice.uniform("focus scale", firm) + 0.5
    focus = (profile.focus.base + profile.focus.slope * strength) * focus_scale
    counted = np.minimum(strength, size.REVENUE_KNEE)
    counted = counted + size.REVENUE_BEYOND * (strength - counted)
    revenue = size.REVENUE_AT_ZERO * raised(size.REVENUE_EXPONENT, counted)
    revenue *= places.number("wealth")[country] * lognormal(dice.uniform("revenue", firm), size.REVENUE_SPREAD)
    growth = size.GROWTH_MEAN + size.GROWTH_SPREAD * normal(dice.uniform("growth", firm))
    return World(
        dice=dice,
        profile=profile,
        catalogue=catalogue,
        places=places,
        as_of=day,
        currencies=tuple(currencies),
        town=town,
        country=country,
        currency=currency[country],
        strength=strength,
        head=head,
        share=share,
        joined=joined,
        left=left,
        focus_first=(leaning(leaning(dice.uniform("focus", firm))) * competencies).astype(np.int64),
        focus_count=np.clip(whole(focus, dice.uniform("focus count", firm)), 1, min(profile.focus.most, competencies)),
        revenue=revenue,
        growth=np.clip(growth, -0.5, 0.6),
    )


def _groups(dice: Dice, firm: Ints) -> tuple[Ints, Ints]:
    """The head of each partner's group, and the percent it owns. A group lies within one block."""
    block, place = firm // size.GROUP_BLOCK, firm % size.GROUP_BLOCK
    first = dice.below(size.GROUP_BLOCK - 7, "group head", block)
    last = first + 2 + dice.below(5, "group size", block)
    inside = (dice.uniform("group", block) < size.GROUP_SHARE) & (place > first) & (place <= last)
    majority = dice.uniform("majority", firm) < size.MAJORITY_SHARE
    wholly = dice.uniform("wholly owned", firm) < 0.4
    percent = np.where(
        majority,
        np.where(wholly, 100, 51 + dice.below(49, "percent", firm)),
        10 + dice.below(40, "percent", firm),
    )
    return np.where(inside, block * size.GROUP_BLOCK + first, firm), np.where(inside, percent, 0)


def _membership(dice: Dice, firm: Ints, leads: Flags, as_of: int) -> tuple[Ints, Ints]:
    """The days on which partners joined, and on which the few that left did so (at least 90 days later)."""
    start = as_of - size.WINDOW_DAYS + 1
    lately = (dice.uniform("joined lately", firm) < size.JOINED_IN_WINDOW) & ~leads
    joined = np.where(
        lately,
        start + dice.below(size.WINDOW_DAYS - 30, "joined in window", firm),
        start - 1 - dice.below(size.JOINED_EARLIEST_DAYS, "joined before", firm),
    )
    leaves = (dice.uniform("leaves", firm) < size.LEFT_SHARE) & ~leads & (joined + 90 < as_of)
    earliest = np.maximum(joined + 90, start)
    left = earliest + dice.below(np.maximum(as_of - earliest, 1), "left", firm)
    return joined, np.where(leaves, left, NEVER)


def partners_table(world: World, firm: Ints) -> dict[str, pa.Array]:
    """The fact table `partners`."""
    places, dice, head = world.places, world.dice, world.head[firm]
    country, town = world.country[firm], world.town[firm]
    codes = places.text("country").take(pa.array(country))
    columns = {
        "partner": world.keys(firm),
        "name": world.names.full(dice, firm, head, country, world.country[head]),
        "country": codes,
        "region": places.text("region").take(pa.array(country)),
        "city": places.text("city", of_towns=True).take(pa.array(town)),
        "latitude": _near(places.number("latitude", of_towns=True)[town], dice.uniform("north", firm)),
        "longitude": _near(places.number("longitude", of_towns=True)[town], dice.uniform("east", firm)),
        "type": texts([name for name, _ in size.TYPES], dice.which([s for _, s in size.TYPES], "type", head)),
        "joined": days(world.joined[firm]),
        "left": days(world.left[firm], none=NEVER),
    }
    if world.profile.details:
        columns |= _details(world, firm, codes)
    return columns


def _near(degrees: Floats, uniform: Floats) -> pa.Array:
    """Coordinates within 0.03 degrees (3 km) of the middle of the town: firms do not hide one another."""
    return pa.array(np.round(degrees + (uniform - 0.5) * 0.06, 4))


def _details(world: World, firm: Ints, codes: pa.Array) -> dict[str, pa.Array]:
    """Group, employees, website (a domain that nobody can own) and VAT number (plainly made up)."""
    people = world.many(world.profile.people, "people", firm)
    employees = 2 + (people * (2 + 10 * world.dice.uniform("employees", firm))).astype(np.int64)
    return {
        "group": group_keys(world, firm),
        "employees": pa.array(employees),
        "website": together(keys("https://bp", firm + 1, 7), pa.scalar(".example")),
        "vat": together(codes, keys("", firm + 1, 9)),
    }


def group_keys(world: World, firm: Ints) -> pa.Array:
    """The group of heads and of subsidiaries held by majority, after the head's number; else none."""
    held = world.share > 50
    heads = np.zeros(world.size, dtype=bool)
    heads[world.head[held]] = True
    member = (held | heads)[firm]
    return keys("GR-", world.head[firm] + 1, 7, present=member)


def ownership_table(world: World, firm: Ints) -> dict[str, pa.Array]:
    """The fact table `ownership`: who of these partners is owned, by whom, and how far."""
    owned = firm[world.share[firm] > 0]
    dice = world.dice
    bought = world.joined[owned] - dice.below(2500, "bought", owned)
    sold = bought + 400 + dice.below(2500, "sold", owned)
    ends = (dice.uniform("sells", owned) < 0.06) & (world.share[owned] <= 50)
    return {
        "owner": world.keys(world.head[owned]),
        "owned": world.keys(owned),
        "percent": decimals(world.share[owned] * 100, precision=5, scale=2),
        "from": days(bought),
        "until": days(np.where(ends, sold, NEVER), none=NEVER),
    }
