"""Keeping the places of partners equal to what the registry says of them, and writing down what a person knows better."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.policy import not_there, require
from hanse.apps.audit import services as audit
from hanse.apps.places.models import FACT, FOUND, HAND, Choice, Place
from hanse.apps.places.towns import towns_of, version
from hanse.apps.registry.selectors import as_placed, see_partner
from hanse.decisions.place import Asked, country_of, place
from hanse.language.plan import literal
from hanse.language.problems import CallError, Problem
from hanse.language.words import mark

_ASKED = "places_asked"
_SAYS = ("country", "city", "region", "postcode")
_WHOLE = 1 << 24  # parts of the world's square in x and y
_CELL = 14  # of them a cell has 2^14 in each direction, so there are 1024 by 1024 cells
_FARTHEST = 85.0511  # degrees north and south to which the square reaches


@dataclass(frozen=True)
class Chosen:
    """Where a person says that a place is. `town` is what the place is called."""

    town: str
    latitude: float
    longitude: float


def refresh(partners: Sequence[str] | None) -> None:
    """Brings the places up to the registry for some partners; None means all. What did not change is not written.

    Part of the caller's transaction, after the registry was brought up to the facts. A fact's own coordinates win, then what
    a person has chosen, then the town that is found; each distinct question is decided once.
    """
    if partners is not None and not partners:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        run = cursor.cursor.execute
        for statement in _gather(partners):
            run(sql.SQL(statement))
        run(sql.SQL(_questions()))
        questions = sorted(Asked(*row) for row in cursor.fetchall())  # by country: one list of towns after the other
        run(_placed(_put()), {"answers": json.dumps([_answer(one) for one in questions])})
        run(sql.SQL(_leave(partners)))
        run(sql.SQL(f"DROP TABLE {_ASKED}"))


def choose(*, actor: Actor, country: str, city: str, partner: str, chosen: Chosen | None, reason: str) -> list[str]:
    """Says where a partner is, or with an empty `partner` all that name this town so; returns the partners whose place moved.

    Without `chosen` what was said before is taken back. The latest counts, until facts bring coordinates of their own. For whoever
    looks after the partner or the country. Raises Refused, NotThere, and CallError for coordinates that are nowhere.
    """
    require(actor, "places.choose")
    city = city.strip()
    if partner:
        known = see_partner(actor, partner)
        country, city = known.country, ""
    elif not (actor.everywhere or country in actor.countries):
        raise not_there("country", country, "ask for access to its partners")
    elif not city:
        raise CallError(Problem("city", mark("no town is named"), mark("a choice is about a town's name, or about one partner"),
                                mark("name the town as the partners do")))  # fmt: skip
    if chosen is not None:
        _require_on_the_map(chosen)
    if not reason.strip():
        raise CallError(
            Problem("reason", mark("it says nothing"), mark("the trail keeps why"), mark("say how you know"))
        )
    with transaction.atomic():
        before = _now(country, city, partner)
        Choice.objects.create(
            partner=partner, country=country, city=city, town=chosen.town if chosen else "",
            latitude=chosen.latitude if chosen else None, longitude=chosen.longitude if chosen else None,
            author=actor.name, reason=reason.strip(), at=timezone.now(),
        )  # fmt: skip
        refresh(list(before))
        after = _now(country, city, partner)
        audit.record(
            actor=actor.name, action="places.choose", why=reason.strip(),
            subject=f"partner {partner}" if partner else f"town {city}, {country}",
            after={**(asdict(chosen) if chosen else {"town": None}), "partners": len(before)},
        )  # fmt: skip
    return sorted(key for key, now in after.items() if before.get(key) != now)


def _require_on_the_map(chosen: Chosen) -> None:
    within = -90 <= chosen.latitude <= 90 and -180 <= chosen.longitude <= 180
    if not within or (chosen.latitude == 0 and chosen.longitude == 0):
        raise CallError(Problem("coordinates", mark("there is no such place"),
                                mark("latitudes go from -90 to 90, longitudes from -180 to 180, and at 0, 0 is the sea"),
                                mark("choose a town, or look the place up on a map")))  # fmt: skip


def _now(country: str, city: str, partner: str) -> dict[str, tuple[float | None, float | None]]:
    """Where those are that a choice is about."""
    about = (
        Place.objects.filter(partner=partner) if partner else Place.objects.filter(country=country, city__iexact=city)
    )
    return {
        key: (latitude, longitude) for key, latitude, longitude in about.values_list("partner", "latitude", "longitude")
    }


# -- statements -------------------------------------------------------------------------------------------------------


def _answer(asked: Asked) -> dict[str, object]:
    found = place(asked, towns_of(country_of(asked)))
    said: dict[str, object] = dict(zip(_SAYS, (asked.country, asked.city, asked.region, asked.postcode), strict=True))
    if found.town is not None:
        said |= {"town": found.town.name, "latitude": found.town.latitude, "longitude": found.town.longitude,
                 "certainty": found.certainty}  # fmt: skip
    return said


def _gather(partners: Sequence[str] | None) -> list[str]:
    """What each partner says of where it is; with its coordinates, where it gives some that can be."""
    asking, values = as_placed().query.sql_with_params()
    assert not values
    whose = "" if partners is None else f" WHERE key = ANY({_texts(partners)})"
    real = "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180 AND NOT (latitude = 0 AND longitude = 0)"
    site = real.replace("latitude", "site_latitude").replace("longitude", "site_longitude")
    said = ", ".join(
        f"btrim(COALESCE({column}, '')) COLLATE \"C\" AS {name}"
        for name, column in (("country", "country"), ("city", "COALESCE(NULLIF(city, ''), site_city)"),
                             ("region", "region"), ("postcode", "site_postcode"))
    )  # fmt: skip
    return [
        f"DROP TABLE IF EXISTS {_ASKED}",
        f"CREATE TEMP TABLE {_ASKED} AS SELECT key AS partner, {said}, "
        f"CASE WHEN {real} THEN latitude WHEN {site} THEN site_latitude END AS latitude, "
        f"CASE WHEN {real} THEN longitude WHEN {site} THEN site_longitude END AS longitude FROM ({asking}) AS r{whose}",
        f"ANALYZE {_ASKED}",
    ]


def _questions() -> str:
    """What is to be looked up: what no fact answers, and what was not asked before of this list of towns."""
    same = " AND ".join(f"p.{one} = a.{one}" for one in _SAYS)
    return (
        f"SELECT DISTINCT {', '.join(f'a.{one}' for one in ('country', 'city', 'region', 'postcode'))} FROM {_ASKED} AS a "
        f"WHERE a.latitude IS NULL AND a.city <> '' AND NOT EXISTS (SELECT FROM places_place AS p WHERE p.partner = a.partner "
        f"AND p.towns = {literal(version())} AND p.source = {literal(FOUND)} AND {same})"
    )


def _put() -> str:
    """Writes each place anew that is otherwise than before; an answer of before stands where nothing was asked again."""
    columns = (
        "country", "city", "region", "postcode", "source", "certainty", "town", "latitude", "longitude", "x", "y", "cell", "towns",
    )  # fmt: skip
    named = ", ".join(columns)
    update = ", ".join(f"{c} = EXCLUDED.{c}" for c in columns)
    was, new = (", ".join(f"{side}.{c}" for c in columns) for side in ("p", "EXCLUDED"))
    east = f"LEAST({_WHOLE - 1}, floor((w.longitude + 180) / 360 * {_WHOLE}))::integer"
    angle = f"radians(GREATEST(-{_FARTHEST}, LEAST({_FARTHEST}, w.latitude)))"
    south = f"LEAST({_WHOLE - 1}, GREATEST(0, floor((1 - ln(tan({angle}) + 1 / cos({angle})) / pi()) / 2 * {_WHOLE})))::integer"
    same = " AND ".join(f"n.{one} = a.{one}" for one in _SAYS)
    kept = " AND ".join(f"k.{one} = a.{one}" for one in _SAYS)
    return f"""
        WITH chosen AS (
            SELECT DISTINCT ON (partner, CASE WHEN partner = '' THEN country END, CASE WHEN partner = '' THEN lower(city) END)
                partner, country, lower(city) AS city, town, latitude, longitude
            FROM places_choice WHERE partner = '' OR partner IN (SELECT partner FROM {_ASKED})
            ORDER BY partner, CASE WHEN partner = '' THEN country END, CASE WHEN partner = '' THEN lower(city) END, id DESC
        ), said AS (
            SELECT a.*, CASE WHEN a.latitude IS NOT NULL THEN {literal(FACT)} WHEN h.latitude IS NOT NULL OR c.latitude IS NOT NULL
                THEN {literal(HAND)} WHEN n.latitude IS NOT NULL OR k.partner IS NOT NULL THEN {literal(FOUND)} ELSE '' END AS source,
                COALESCE(h.town, c.town) AS hand_town, COALESCE(h.latitude, c.latitude) AS hand_latitude,
                COALESCE(h.longitude, c.longitude) AS hand_longitude, COALESCE(n.town, k.town) AS found_town,
                COALESCE(n.latitude, k.latitude) AS found_latitude, COALESCE(n.longitude, k.longitude) AS found_longitude,
                COALESCE(n.certainty, k.certainty) AS found_certainty
            FROM {_ASKED} AS a
            LEFT JOIN chosen AS h ON h.partner = a.partner AND h.latitude IS NOT NULL
            LEFT JOIN chosen AS c ON c.partner = '' AND c.country = a.country AND c.city = lower(a.city) AND c.latitude IS NOT NULL
            LEFT JOIN jsonb_to_recordset(%(answers)s::jsonb) AS n(country text, city text, region text, postcode text, town text,
                latitude double precision, longitude double precision, certainty text) ON {same}
            LEFT JOIN places_place AS k ON k.partner = a.partner AND k.towns = {literal(version())}
                AND k.source = {literal(FOUND)} AND {kept}
        ), wanted AS (
            SELECT partner, country, city, region, postcode, source,
                CASE source WHEN {literal(FOUND)} THEN found_certainty ELSE '' END AS certainty,
                CASE source WHEN {literal(FACT)} THEN NULLIF(city, '') WHEN {literal(HAND)} THEN hand_town
                    WHEN {literal(FOUND)} THEN found_town END AS town,
                CASE source WHEN {literal(FACT)} THEN latitude WHEN {literal(HAND)} THEN hand_latitude
                    WHEN {literal(FOUND)} THEN found_latitude END AS latitude,
                CASE source WHEN {literal(FACT)} THEN longitude WHEN {literal(HAND)} THEN hand_longitude
                    WHEN {literal(FOUND)} THEN found_longitude END AS longitude
            FROM said
        ), placed AS (
            SELECT w.*, CASE WHEN w.latitude IS NOT NULL THEN {east} END AS x, CASE WHEN w.latitude IS NOT NULL THEN {south} END AS y
            FROM wanted AS w
        )
        INSERT INTO places_place AS p (partner, {named}) SELECT partner, country, city, region, postcode, source, certainty, town,
            latitude, longitude, x, y, (x >> {_CELL}) * 1024 + (y >> {_CELL}), {literal(version())} FROM placed
        ON CONFLICT (partner) DO UPDATE SET {update} WHERE ({was}) IS DISTINCT FROM ({new})
    """


def _leave(partners: Sequence[str] | None) -> str:
    """Partners that are there no more have no place."""
    whose = "" if partners is None else f" AND p.partner = ANY({_texts(partners)})"
    return (
        f"DELETE FROM places_place AS p WHERE NOT EXISTS (SELECT FROM {_ASKED} AS a WHERE a.partner = p.partner){whose}"
    )


def _texts(given: Sequence[str]) -> str:
    return f"ARRAY[{', '.join(literal(one) for one in given)}]::text[]"


def _placed(statement: str) -> sql.SQL:
    """The statement with its one value; other percent signs stand for themselves."""
    return sql.SQL(statement.replace("%", "%%").replace("%%(answers)s", "%(answers)s"))
