"""Which lists name firms of a channel once more? Two that overlap: of a web form, and of a distributor.

Each names partners of the channel and firms that are new, under numbers of its own, and some of them are in both. They
are said as lists say firms: with typing errors, another legal form, in capitals, without the trade word, moved to
another town, without a web site. Among them are firms that look alike and are two: a sister at the same site with the
same web site, and a namesake in another country. A few rows of the distributor carry the vendor's own key, so that two
sources speak of one record. The same channel gives the same lists.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from hanse.demo import profile as size
from hanse.demo.catalogue import Catalogue
from hanse.demo.chance import Dice
from hanse.demo.channel import AS_OF
from hanse.demo.firms import CURRENCIES, Places, partners_table, world

FILES = ("web-registrations.csv", "distributor-report.csv")
KNOWN, NEW = 36, 24  # firms of the channel, and new ones, in each list
KNOWN_IN_BOTH, NEW_IN_BOTH = 24, 12
OWN_KEYS = 6  # rows of the distributor that carry the vendor's key
_SISTERS = ("Academy", "Leasing", "Academy", "Logistics")
_HEADINGS = (
    ("Partner no.", "Company", "City", "Country", "Website", "VAT number", "Employees", "Registered"),
    ("Code revendeur", "Raison sociale", "Ville", "Pays", "Site web", "N° TVA", "Effectif", "Partenaire depuis"),
)


@dataclass(frozen=True)
class Firm:
    """A firm as a list says it. `key` is the vendor's, empty for one that is new."""

    key: str
    name: str
    city: str
    country: str
    website: str
    vat: str
    employees: int | None
    joined: str


Change = Callable[[Firm, Places, int], Firm]


def write_lists(facts: Path, out: Path, *, seed: int, catalogue: Catalogue) -> tuple[Path, Path]:
    """Writes both lists of a channel whose tables lie in `facts`; returns the files. Overwrites what is there."""
    places, known = Places.read(), _known(facts, 2 * KNOWN - KNOWN_IN_BOTH)
    new = _new(2 * NEW - NEW_IN_BOTH, seed, catalogue)
    web = [*known[:KNOWN], *new[:NEW]]
    distributor = [*known[-KNOWN:], *new[-NEW:]]
    out.mkdir(parents=True, exist_ok=True)
    files = (out / FILES[0], out / FILES[1])
    told = [_said(firm, at, places, WEB) for at, firm in enumerate(web)]
    sisters = [_sister(firm, at) for at, firm in enumerate(web[5:KNOWN:8])]
    _write(files[0], _HEADINGS[0], [(f"WEB-{1001 + at}", one) for at, one in enumerate([*told, *sisters])], ",")
    told = [_said(firm, at, places, DISTRIBUTOR) for at, firm in enumerate(distributor)]
    namesakes = [_elsewhere(firm, places, at) for at, firm in enumerate(distributor[3:KNOWN:9])]
    keys = [firm.key if at % 6 == 4 and at < 6 * OWN_KEYS and firm.key else "" for at, firm in enumerate(distributor)]
    listed = [
        (key or f"V{20417 + 3 * at}", one)
        for at, (key, one) in enumerate(zip([*keys, *[""] * len(namesakes)], [*told, *namesakes], strict=True))
    ]
    _write(files[1], _HEADINGS[1], listed, ";")
    return files


def _known(facts: Path, wanted: int) -> list[Firm]:
    """Firms from all over a channel that a list could name: those with a web site and a town."""
    read = parquet.read_table(facts / "partners.parquet")
    rows = [row for row in read.to_pylist() if row["name"] and row["city"] and row.get("website") and not row["left"]]
    chosen = rows[:: max(1, len(rows) // wanted)][:wanted]
    return [
        Firm(
            r["partner"],
            r["name"],
            r["city"],
            r["country"],
            r["website"],
            r["vat"] or "",
            r["employees"],
            str(r["joined"]),
        )
        for r in chosen
    ]


def _new(wanted: int, seed: int, catalogue: Catalogue) -> list[Firm]:
    """Firms that no channel of this seed has."""
    whole = world(
        partners=wanted, seed=seed + 1, profile=size.DEMO, catalogue=catalogue, as_of=AS_OF, currencies=CURRENCIES
    )
    rows = pa.table(partners_table(whole, np.arange(wanted, dtype=np.int64))).to_pylist()
    return [
        Firm(
            "",
            r["name"],
            r["city"],
            r["country"],
            f"https://{_slug(r['name'])}.example",
            "",
            r["employees"],
            str(r["joined"]),
        )
        for r in rows
    ]


# -- how lists say firms ----------------------------------------------------------------------------------------------


def _as_it_is(firm: Firm, _places: Places, _at: int) -> Firm:
    return firm


def _mistyped(firm: Firm, _places: Places, at: int) -> Firm:
    """Two letters in the middle of the first word change places, or one is left out."""
    word, _, rest = firm.name.partition(" ")
    middle = len(word) // 2
    swapped = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
    left_out = word[:middle] + word[middle + 1 :]
    return replace(firm, name=f"{left_out if at % 2 else swapped} {rest}".strip())


def _other_form(firm: Firm, places: Places, _at: int) -> Firm:
    """Another legal form of the country, or none."""
    forms = [
        form.partition("*")
        for row in places.countries
        if row["country"] == firm.country
        for form in row["forms"].split("|")
    ]
    plain = firm.name
    for before, _, after in sorted(forms, key=lambda form: -len(form[0] + form[2])):
        if plain.startswith(before) and plain.endswith(after):
            plain = plain[len(before) : len(plain) - len(after)]
            break
    others = [f"{before}{plain}{after}" for before, _, after in forms if f"{before}{plain}{after}" != firm.name]
    return replace(firm, name=(others or [plain])[0])


def _capitals(firm: Firm, _places: Places, _at: int) -> Firm:
    return replace(firm, name=_plain(firm.name).upper(), website=firm.website.replace("https://", "www."))


def _moved(firm: Firm, places: Places, at: int) -> Firm:
    """In another town of the country, where there is one."""
    towns = [t["city"] for t in places.towns if t["country"] == firm.country and t["city"] != firm.city]
    return replace(firm, city=towns[at % len(towns)] if towns else firm.city)


def _bare(firm: Firm, _places: Places, _at: int) -> Firm:
    return replace(firm, website="", vat="", employees=None)


def _short(firm: Firm, _places: Places, _at: int) -> Firm:
    """Only the first words: without the legal form, and without accents."""
    return replace(firm, name=" ".join(_plain(firm.name).split()[:2]), vat="")


WEB: tuple[Change, ...] = (_mistyped, _as_it_is, _other_form, _capitals, _moved, _short)
DISTRIBUTOR: tuple[Change, ...] = (_other_form, _mistyped, _bare, _as_it_is, _capitals, _moved, _other_form)


def _said(firm: Firm, at: int, places: Places, changes: Sequence[Change]) -> Firm:
    """The firm as the list says it, with another number of employees and another day than elsewhere."""
    said = changes[at % len(changes)](firm, places, at)
    employees = None if said.employees is None else max(1, said.employees + (at % 5 - 2) * 3)
    return replace(said, employees=employees, joined=f"20{12 + at % 5}-{1 + at % 12:02}-{1 + at * 7 % 28:02}")


def _sister(firm: Firm, at: int) -> Firm:
    """Another firm of the same people, at the same site with the same web site: two firms."""
    root = firm.name.split()[0]
    return replace(firm, key="", name=f"{root} {_SISTERS[at % len(_SISTERS)]}", vat="", employees=4 + at)


def _elsewhere(firm: Firm, places: Places, at: int) -> Firm:
    """A firm of the same name in another country: two firms."""
    dice = Dice(at)
    town = places.towns[int(dice.below(len(places.towns), "namesake", at)[0])]
    if town["country"] == firm.country:
        town = next(one for one in places.towns if one["country"] != firm.country)
    root = " ".join(firm.name.split()[:2])
    return replace(firm, key="", name=root, city=town["city"], country=town["country"], vat="", employees=9 + at,
                   website=f"https://{_slug(root)}-{town['country'].lower()}.example")  # fmt: skip


def _plain(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", _plain(name).lower()).strip("-")


def _write(path: Path, headings: Sequence[str], rows: Sequence[tuple[str, Firm]], comma: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as opened:
        to = csv.writer(opened, delimiter=comma)
        to.writerow(headings)
        for key, firm in rows:
            to.writerow((key, firm.name, firm.city, firm.country, firm.website, firm.vat, firm.employees, firm.joined))
