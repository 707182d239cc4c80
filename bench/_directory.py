"""A directory made for benchmarks: N partners straight in the projection, indexed as the application does.

Names are of a few words, some of which a tenth of all firms have; towns are of very different size; a fifth of the
firms shows its level to nobody, a tenth shows nothing at all.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np

EDITION = "bench/2026"
LEVELS = ("registered", "silver", "gold", "platinum")
COUNTRIES = [
    "US", "DE", "FR", "GB", "CN", "JP", "IN", "IT", "ES", "BR", "CA", "NL", "PL", "SE", "BE", "AT", "CH", "AU",
    "MX", "PT", "CZ", "DK", "NO", "FI", "IE", "GR", "HU", "RO", "TR", "ZA", "KR", "SG", "MA", "TN", "VN", "CL",
]  # fmt: skip
_COMMON = (
    "Systeme", "Systems", "Solutions", "Conseil", "Consulting", "Data", "Software", "Networks", "Technologies",
    "Informatique",
)  # fmt: skip
_FORMS = ("GmbH", "SARL", "Ltd", "Inc", "AB", "SpA", "SA", "BV", "Oy")
_STARTS = (
    "nord", "süd", "hav", "bel", "mar", "lor", "ten", "vik", "sal", "dor", "gar", "fen", "ros", "tal", "bru", "cam",
    "alt", "ver", "ost", "wes", "élan", "ørn", "stål",
)  # fmt: skip
_MIDDLES = (
    "licht", "quai", "berg", "stein", "mont", "ville", "ford", "haven", "port", "wick", "dal", "sund", "bach", "rive",
    "field", "croft",
)  # fmt: skip
_ENDS = ("a", "e", "o", "is", "us", "ia", "en", "er", "in", "ix", "or", "um", "at", "el")
TYPES = ("reseller", "distributor", "system_integrator", "consultancy", "software_house", "service_provider")
_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "fi", "ja", "zh", "ko", "tr", "ar")
_ISIC = (
    "6201", "6202", "6209", "6311", "6399", "5820", "4651", "4741", "7020", "7110", "6120", "6190", "9511", "8220",
    "2620", "2651", "8559", "6419", "8610", "4520",
)  # fmt: skip


def filled(partners: int) -> None:
    """Puts so many partners into the directory of this process's installation, unless they are there."""
    from django.db import connection, connections, transaction

    from hanse.apps.directory import postings, projecting
    from hanse.apps.directory.models import Book, Entry

    if Entry.objects.count() == partners:
        return
    entries, held = io.StringIO(), io.StringIO()
    for entry, level in _firms(partners):
        entries.write(entry)
        held.write(level)
    columns = (
        "partner, name, folded, country, region, city, latitude, longitude, type, certificates, solutions, industries, "
        "languages, reach_contact, reach_competencies, reach_level, reach_people, reach_references"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM directory_entry; DELETE FROM directory_held")
        Book.objects.get_or_create(edition=EDITION, defaults={"says": {"levels": [(name, None) for name in LEVELS]}})
        for into, text in ((f"directory_entry ({columns})", entries), ("directory_held", held)):
            with cursor.copy(f"COPY {into} FROM STDIN") as copy:
                copy.write(text.getvalue())
        version = postings.new_version()
        with projecting.of_everybody():
            projecting.number(anew=True)
            postings.write_all(projecting.rows(), version)
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connections["owner"].close()


def _firms(partners: int) -> Iterator[tuple[str, str]]:
    dice = np.random.default_rng(2026)
    towns = _towns(dice)
    size = 1 / np.arange(1, len(towns) + 1) ** 0.8
    where = dice.choice(len(towns), partners, p=size / size.sum())
    words = [a + b + c for a in _STARTS for b in _MIDDLES for c in _ENDS]
    first, second = dice.integers(0, len(words), partners), dice.zipf(1.3, partners) % (3 * len(words))
    common, form = dice.integers(0, len(_COMMON), partners), dice.integers(0, len(_FORMS), partners)
    reach = np.where(dice.random((partners, 5)) < 0.2, 0, dice.integers(1, 3, (partners, 5)))
    reach[dice.random(partners) < 0.1] = 0
    for n in range(partners):
        country, region, city, north, east = towns[where[n]]
        rare = words[second[n] % len(words)] + (str(second[n]) if second[n] >= len(words) else "")
        name = f"{words[first[n]].capitalize()} {rare.capitalize()} {_COMMON[common[n]]} {_FORMS[form[n]]}"
        row = (
            f"P-{n:07}", name, name.lower(), country, region, city, f"{north + dice.normal(0, 0.05):.4f}",
            f"{east + dice.normal(0, 0.05):.4f}", TYPES[n % 6], _some(dice, "CERT-", 60, 4),
            _some(dice, "Solution ", 40, 2),
            "{" + ",".join(sorted({_ISIC[i] for i in dice.integers(0, len(_ISIC), 2)})) + "}",
            "{" + ",".join(sorted({_LANGUAGES[i] for i in dice.zipf(1.6, 2) % len(_LANGUAGES)})) + "}",
            *map(str, reach[n]),
        )  # fmt: skip
        level = LEVELS[min(3, int(dice.exponential(0.8)))]
        yield "\t".join(row) + "\n", f"P-{n:07}\t{EDITION}\t{level}\t{_some(dice, 'comp-', 50, 3)}\n"


def _some(dice: np.random.Generator, begins: str, kinds: int, most: int) -> str:
    found = {int(i) % kinds for i in dice.zipf(1.4, int(dice.integers(0, most + 1)))}
    return "{" + ",".join(f'"{begins}{i:02}"' for i in sorted(found)) + "}"


def town(n: int) -> str:
    """The name of the n-th of the five thousand towns, the largest first."""
    return f"{_STARTS[n % len(_STARTS)]}{_MIDDLES[n // 7 % len(_MIDDLES)]}{n // 300}".capitalize()


def _towns(dice: np.random.Generator) -> list[tuple[str, str, str, float, float]]:
    """Five thousand towns, the largest first."""
    found = []
    for n in range(5_000):
        country = COUNTRIES[min(len(COUNTRIES) - 1, int(dice.exponential(7)))]
        at = COUNTRIES.index(country)
        north, east = 35 + at * 0.9 + dice.normal(0, 2), -20 + at * 3 + dice.normal(0, 3)
        found.append((country, f"Region {n % 12 + 1}", town(n), float(np.clip(north, -80, 80)), float(east)))
    return found
