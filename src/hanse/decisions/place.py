"""Where is a firm that names its town, its country and perhaps a region and a postcode?

Decided from the towns of one country, handed in. A name is compared without accents, signs and the case of letters, first
with what a town is called, then with its other names (historic ones and those of other languages). Of several towns of a
name it is the largest, unless the region or the postcode says otherwise. A name that no town has is never guessed: near
ones are suggested, and a person decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from hanse.decisions.place_districts import district_of

EXACT, ALTERNATIVE = "exact", "alternative"  # how a town was found: by its name, by another name or reading of it
FAR_LARGER = 20  # a town of another name is meant where it is so many times as large as the one of the name itself
OVERSEAS = {"971": "GP", "972": "MQ", "973": "GF", "974": "RE", "975": "PM", "976": "YT", "977": "BL", "978": "MF"}
_OVERSEAS_OF = "FR"  # its postcodes reach further than its code in lists of towns
_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t"}
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_SAINTS = dict.fromkeys(("saint", "sankt", "sint"), "st") | {"sainte": "ste"}
_WORD = re.compile(r"[^\W_]+")
_DELIVERY = re.compile(r"\b(?:cedex|cs|bp)\b.*$|\b\d+(?:er|ere|e|eme|nd|th|st|rd)?\b", re.IGNORECASE)
_FULL_NAME = re.compile(r"^departement (?:de la|de l|du|des|de|d) ")
_PART = re.compile(r"[,(/;]| - | – ")


class Town(NamedTuple):
    """A town: its region (a state, a Land) by name and by code, its district by name; empty texts where none is known."""

    name: str
    region: str
    code: str
    district: str
    latitude: float
    longitude: float
    population: int


class Asked(NamedTuple):
    """What a firm says of where it is; empty texts where it says nothing."""

    country: str
    city: str
    region: str = ""
    postcode: str = ""


@dataclass(frozen=True)
class Placed:
    """The answer. Without a town nothing of that name is known. `others` counts further towns of the same name."""

    town: Town | None
    certainty: str = ""
    others: int = 0


NOWHERE = Placed(None)


class Towns:
    """The towns of one country, by every name that they have."""

    def __init__(self, lines: Iterable[str]) -> None:
        """`lines` are texts of eight columns apart by tabs: those of Town, then the other names, apart by `|`."""
        self._lines = tuple(lines)
        self._named: dict[str, tuple[int, ...]] = {}
        self._also: dict[str, tuple[int, ...]] = {}
        for number, line in enumerate(self._lines):
            name, *_, others = line.split("\t")
            own = _forms(name)
            for form in own:
                self._named[form] = (*self._named.get(form, ()), number)
            for form in {form for other in others.split("|") for form in _forms(other)} - own:
                self._also[form] = (*self._also.get(form, ()), number)

    def named(self, name: str) -> list[Town]:
        """The towns that are called so, the name being folded."""
        return [self._town(number) for number in self._named.get(name, ())]

    def also(self, name: str) -> list[Town]:
        """The towns that have this among their other names, the name being folded."""
        return [self._town(number) for number in self._also.get(name, ())]

    def near(self, name: str) -> Iterator[Town]:
        """The towns with a name that is one typing error away from this one, which is folded."""
        for index in (self._named, self._also):
            for other, numbers in index.items():
                if abs(len(other) - len(name)) <= 1 and one_error_apart(name, other):
                    yield from (self._town(number) for number in numbers)

    def beginning(self, name: str) -> Iterator[Town]:
        """The towns whose own name begins so, the beginning being folded."""
        for other, numbers in self._named.items():
            if other.startswith(name):
                yield from (self._town(number) for number in numbers)

    def _town(self, number: int) -> Town:
        name, region, code, district, latitude, longitude, population, _ = self._lines[number].split("\t")
        return Town(name, region, code, district, float(latitude), float(longitude), int(population))


NO_TOWNS = Towns(())


def country_of(asked: Asked) -> str:
    """The country in whose list of towns a place is to be looked up: overseas by its postcode."""
    if asked.country == _OVERSEAS_OF:
        return OVERSEAS.get(asked.postcode.strip()[:3], asked.country)
    return asked.country


def place(asked: Asked, towns: Towns) -> Placed:
    """The town that is meant, out of those of the country (`country_of`); NOWHERE where no town has the name."""
    for nth, name in enumerate(_readings(asked.city)):
        own, also = towns.named(name), towns.also(name)
        if not own and not also:
            continue
        largest = _meant(own, asked) if own else None
        other = _meant(also, asked) if also else None
        if largest is None or (other is not None and other.population > FAR_LARGER * max(largest.population, 1)):
            assert other is not None
            return Placed(other, ALTERNATIVE, len(also) - 1)
        return Placed(largest, ALTERNATIVE if nth else EXACT, len(own) - 1)
    return NOWHERE


def suggestions(asked: Asked, towns: Towns, *, limit: int = 5) -> list[Town]:
    """Towns that may be meant by a name that none has: one typing error away, else with the same beginning; the largest first."""
    name = folded(asked.city)
    if len(name) < 3:
        return []
    found = set(towns.near(name)) or set(towns.beginning(name)) or set(towns.beginning(name[:5]))
    return sorted(found, key=lambda town: (-town.population, town.name, town.latitude))[:limit]


def folded(name: str) -> str:
    """A name as it is compared: small letters without accents and signs, holy persons by their abbreviation."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return " ".join(_SAINTS.get(word, word) for word in _WORD.findall(plain.translate(_LETTERS)))


def one_error_apart(one: str, other: str) -> bool:
    """Do two texts differ by one letter added, left out, mistaken or changed over with the next?"""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    at = next((n for n, letter in enumerate(short) if letter != long[n]), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at + 1 : at + 2] + short[at : at + 1] + short[at + 2 :]
    return short[at + 1 :] == long[at + 1 :] or swapped == long[at:]


def _forms(name: str) -> set[str]:
    """A name as it is compared, and as German writes it where there is no dot above a letter."""
    return {form for form in (folded(name), folded(name.translate(_UMLAUTS))) if form}


def _readings(city: str) -> Iterator[str]:
    """What somebody may mean by a town: all of it; without numbers and offices of delivery; its first part."""
    known = set()
    for text in (city, _DELIVERY.sub(" ", city), _DELIVERY.sub(" ", _PART.split(city)[0])):
        name = folded(text)
        if name and name not in known:
            known.add(name)
            yield name


def _meant(found: list[Town], asked: Asked) -> Town:
    """Of several towns the one of the region, of the district that the postcode names, or the largest."""
    said = {folded(asked.region)} - {""}
    within = [town for town in found if said & {folded(town.region), folded(town.code), folded(town.district)}]
    if not within and (district := district_of(asked.country, asked.postcode)):
        within = [town for town in found if _FULL_NAME.sub("", folded(town.district)) == folded(district)]
    return max(within or found, key=lambda town: (town.population, town.name, town.latitude))
