"""A reference list that says each organisation once, and a list of what others call them: acronyms, translations, typing errors.

Organisations are universities, institutes, hospitals, firms and the like of made-up places in six languages. Some share their
name with one in another country, as ministries do.
"""

# ruff: noqa: E501 (tables of words read better unbroken)

from __future__ import annotations

import random
from collections.abc import Mapping

import pyarrow as pa

from _firms import _SYLLABLES, _latin, _mistyped

# kind -> how each language calls one of a place; the first is what English papers write
_KINDS: Mapping[str, Mapping[str, str]] = {
    "university": {"en": "University of {p}", "fr": "Université de {p}", "de": "Universität {p}", "es": "Universidad de {p}", "it": "Università di {p}", "pl": "Uniwersytet {p}"},
    "technical": {"en": "{p} Institute of Technology", "fr": "Institut de Technologie de {p}", "de": "Technische Hochschule {p}", "es": "Instituto Tecnológico de {p}", "it": "Istituto di Tecnologia di {p}", "pl": "Instytut Technologii {p}"},
    "hospital": {"en": "{p} General Hospital", "fr": "Hôpital général de {p}", "de": "Krankenhaus {p}", "es": "Hospital General de {p}", "it": "Ospedale generale di {p}", "pl": "Szpital {p}"},
    "research": {"en": "{p} Research Centre for {s}", "fr": "Centre de recherche en {s} de {p}", "de": "{p} Forschungszentrum für {s}", "es": "Centro de Investigación en {s} de {p}", "it": "Centro di ricerca per {s} di {p}", "pl": "Centrum Badań {s} {p}"},
    "museum": {"en": "{p} Museum of {s}", "fr": "Musée de {s} de {p}", "de": "{s} Museum {p}", "es": "Museo de {s} de {p}", "it": "Museo di {s} di {p}", "pl": "Muzeum {s} {p}"},
    "foundation": {"en": "{r} Foundation", "fr": "Fondation {r}", "de": "{r} Stiftung", "es": "Fundación {r}", "it": "Fondazione {r}", "pl": "Fundacja {r}"},
    "firm": {"en": "{r} {s} Systems", "fr": "{r} Systèmes {s}", "de": "{r} {s} Systeme", "es": "{r} Sistemas {s}", "it": "{r} Sistemi {s}", "pl": "{r} Systemy {s}"},
    "ministry": {"en": "Ministry of {s}", "fr": "Ministère {s}", "de": "Ministerium für {s}", "es": "Ministerio de {s}", "it": "Ministero {s}", "pl": "Ministerstwo {s}"},
}  # fmt: skip
_COUNTRY = {"en": ("GB", "US", "CA", "AU"), "fr": ("FR", "BE"), "de": ("DE", "AT"), "es": ("ES", "MX", "AR"), "it": ("IT",), "pl": ("PL",)}  # fmt: skip
_SUBJECTS = ["Chemistry", "Physics", "Oncology", "Genetics", "Robotics", "Geology", "Cardiology", "Optics", "Statistics", "Botany", "Astronomy", "Acoustics", "Logistics", "Finance", "Energy", "Textiles", "Ceramics", "Aviation", "Forestry", "Fisheries", "Nutrition", "Economics", "Linguistics", "Archaeology"]  # fmt: skip
_FORMS = {"en": "Ltd|Inc.|LLC|PLC", "fr": "SA|SARL|SAS", "de": "GmbH|AG|e.V.", "es": "S.A.|S.L.", "it": "S.p.A.|S.r.l.", "pl": "Sp. z o.o.|S.A."}  # fmt: skip
_SHORT = {"University": "Univ.", "Universität": "Univ.", "Université": "Univ", "Institute": "Inst.", "Institut": "Inst", "National": "Natl", "Hospital": "Hosp",
          "Foundation": "Fdn", "Research": "Res.", "Centre": "Ctr", "General": "Gen", "Technology": "Tech", "Museum": "Mus."}  # fmt: skip
_SMALL = {"of", "for", "de", "di", "für", "en", "per", "la"}
WAYS = ("as it is", "case", "accents", "typing", "legal form", "order", "abbreviated", "translated", "acronym")


def lists(count: int, said: int, seed: int = 1) -> tuple[pa.Table, pa.Table, dict[str, str], dict[str, str]]:
    """The reference (`count` organisations), the variants (`said` of them), variant id -> reference id, and -> which way it is said."""
    dice = random.Random(seed)
    made = [_organisation(dice) for _ in range(count)]
    reference = [
        {
            "id": f"o{number:06}",
            "name": _called(one, one["language"]),
            "country": one["country"],
            "website": one["site"],
        }
        for number, one in enumerate(made)
    ]
    variants, truth, ways = [], {}, {}
    for number in range(said):
        at = dice.randrange(count)
        way, name = _variant(made[at], dice)
        site = made[at]["site"] if dice.random() < 0.7 else None
        key = f"v{number:06}"
        variants.append({"id": key, "name": name, "country": made[at]["country"], "website": site})
        truth[key], ways[key] = f"o{at:06}", way
    columns = ("id", "name", "country", "website")
    tables = [
        pa.table({c: pa.array([row[c] for row in rows], pa.string()) for c in columns})
        for rows in (reference, variants)
    ]
    return tables[0], tables[1], truth, ways


def _organisation(dice: random.Random) -> dict[str, str]:
    language = dice.choice(list(_COUNTRY))
    first, middle, last = (part.split() for part in _SYLLABLES[""])
    place, root = (
        dice.choice(first) + "".join(dice.choice(middle) for _ in range(dice.choice((0, 1, 1)))) + dice.choice(last)
        for _ in "ab"
    )
    kind = dice.choice(
        ("university", "technical", "hospital", "museum", "foundation", "research", "firm", "firm", "firm")
    )
    kind = "ministry" if dice.random() < 0.02 else kind
    if dice.random() < 0.3:
        place = f"{dice.choice(('North', 'Saint', 'Port', 'New', 'Santa'))} {place}"
    if kind == "firm" and dice.random() < 0.3:
        root = f"{root} {dice.choice(first)}{dice.choice(last)}"
    country = dice.choice(_COUNTRY[language])
    site = (
        f"{(root if kind in ('firm', 'foundation') else kind[:3] + place).lower().replace(' ', '')}.{country.lower()}"
    )
    return {
        "language": language,
        "country": country,
        "kind": kind,
        "p": place,
        "r": root,
        "s": dice.choice(_SUBJECTS),
        "site": site,
    }


def _called(one: Mapping[str, str], language: str) -> str:
    return _KINDS[one["kind"]][language].format(**one)


def _variant(one: Mapping[str, str], dice: random.Random) -> tuple[str, str]:
    name, language = _called(one, one["language"]), one["language"]
    way = dice.choice(WAYS)
    words = name.split()
    if way == "case":
        name = name.upper()
    elif way == "accents":
        name = _latin(name)
    elif way == "typing":
        name = _mistyped(name, dice)
    elif way == "legal form":
        name = f"{name} {dice.choice(_FORMS[language].split('|'))}"
    elif way == "order":
        name = (
            " ".join([*words[1:], words[0]])
            if len(words) < 3
            else f"{' '.join(words[2:])} {words[0]} {words[1]}"
            if words[1] in _SMALL
            else " ".join(reversed(words))
        )
        name = " ".join(w for w in name.split() if w not in _SMALL) if dice.random() < 0.5 else name
    elif way == "abbreviated":
        name = " ".join(_SHORT.get(word, word) for word in words)
    elif way == "translated":
        name = _called(one, "en" if language != "en" else dice.choice(("fr", "de", "es")))
    elif way == "acronym":
        letters = [w[0].upper() for w in words if w not in _SMALL]
        name = "".join(letters) if len(letters) > 2 else name
    return way, name
