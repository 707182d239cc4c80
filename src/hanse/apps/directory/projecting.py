"""How do entries follow the registry, facts and standings?

The statements, for a few partners and for all alike: `wanted_keys` is a temporary table with the keys they are about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from psycopg import sql

from hanse.apps import statements
from hanse.apps.directory import industries, terms
from hanse.apps.places.selectors import as_located
from hanse.apps.registry.profile import PARTNERS, PUBLIC, as_shown
from hanse.apps.registry.selectors import as_found, names_before

KEYS, HELD = "wanted_keys", "held_now"
_READ = (
    "partner", "place", "name", "country", "region", "city", "latitude", "longitude", "type", "called", "certificates", "solutions",
    "industries", "languages", *(f"reach_{part}" for part in terms.PARTS),
)  # fmt: skip
_OURS = (
    "name", "folded", "country", "region", "city", "latitude", "longitude", "type", "called", "certificates", "solutions",
    "industries", "languages", "fades", *(f"reach_{part}" for part in terms.PARTS),
)  # fmt: skip
Row = dict[str, Any]


def keys(wanted: Sequence[str] | None) -> None:
    """Names those that the other statements are about; None is everybody."""
    _run(f'DROP TABLE IF EXISTS {KEYS}; CREATE TEMP TABLE {KEYS} (key text COLLATE "C" PRIMARY KEY) ON COMMIT DROP')
    if wanted is None:
        _run(f"INSERT INTO {KEYS} SELECT key FROM ({_text(as_found())}) AS r UNION SELECT partner FROM directory_entry")
    else:
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {KEYS} SELECT DISTINCT unnest(%s::text[])", [list(wanted)])
    _run(f"ANALYZE {KEYS}")


@contextmanager
def of_everybody() -> Iterator[None]:
    """Statements about everybody: rows that this transaction has written are unknown to the planner, who takes them for few."""
    _run("SET LOCAL enable_nestloop TO off")
    yield
    _run("SET LOCAL enable_nestloop TO on")


def entries(*, few: bool = False) -> None:
    """Brings the entries up to what the registry and facts say. What did not change is not written, nor locked.

    `few`: the keys are so few that facts are looked up by them, instead of all being read.
    """
    named = ", ".join(_OURS)
    update = ", ".join(f"{c} = EXCLUDED.{c}" for c in _OURS)
    was, new = (", ".join(f"{side}.{c}" for c in _OURS) for side in ("e", "EXCLUDED"))
    _run(f"CREATE TEMP TABLE {KEYS}_now ON COMMIT DROP AS {_now(few=few)}; ANALYZE {KEYS}_now")
    _industries()
    theirs = ", ".join(f"n.{c}" for c in _OURS)
    _run(
        f"INSERT INTO directory_entry AS e (partner, {named}) SELECT partner, {named} FROM {KEYS}_now AS n "
        f"WHERE NOT EXISTS (SELECT FROM directory_entry AS e WHERE e.partner = n.partner AND ({was}) IS NOT DISTINCT FROM ({theirs})) "
        f"ON CONFLICT (partner) DO UPDATE SET {update} WHERE ({was}) IS DISTINCT FROM ({new})"
    )
    _run(
        f"DELETE FROM directory_entry AS e USING {KEYS} AS k WHERE k.key = e.partner "
        f"AND NOT EXISTS (SELECT FROM {KEYS}_now AS n WHERE n.partner = e.partner)"
    )
    _run(f"DROP TABLE {KEYS}_now")


def differing(limit: int) -> list[str]:
    """The keys of entries that are not what the registry and facts say."""
    named = ", ".join(_OURS)
    _run(f"DROP TABLE IF EXISTS {KEYS}_now; CREATE TEMP TABLE {KEYS}_now AS {_now()}")
    _industries()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT partner FROM ((SELECT partner, {named} FROM {KEYS}_now EXCEPT SELECT partner, {named} FROM "
            f"directory_entry) UNION ALL (SELECT partner, {named} FROM directory_entry EXCEPT SELECT partner, {named} "
            f"FROM {KEYS}_now)) AS d ORDER BY partner LIMIT %s",
            [limit],
        )
        found = [str(row[0]) for row in cursor.fetchall()]
    _run(f"DROP TABLE {KEYS}_now")
    return found


def number(*, anew: bool) -> None:
    """Gives places: to everybody in the order of names, or to those without one, after all others."""
    if anew:
        _run(
            "UPDATE directory_entry AS e SET place = n.place FROM (SELECT partner, row_number() OVER "
            "(ORDER BY folded, partner) - 1 AS place FROM directory_entry) AS n "
            "WHERE n.partner = e.partner AND e.place IS DISTINCT FROM n.place"
        )
    else:
        _run(
            "UPDATE directory_entry AS e SET place = n.place FROM (SELECT d.partner, COALESCE((SELECT max(place) FROM "
            "directory_entry), -1) + row_number() OVER (ORDER BY d.folded, d.partner) AS place FROM directory_entry AS d "
            f"JOIN {KEYS} AS k ON k.key = d.partner WHERE d.place IS NULL) AS n WHERE n.partner = e.partner"
        )


def rows(*, of_keys: bool = False) -> Iterator[Row]:
    """Entries as terms are made of them, in the order of places, with what is `held`; all, or those of the keys alone."""
    whose = f"JOIN {KEYS} AS k ON k.key = {{}}.partner" if of_keys else ""
    read = ", ".join(f"e.{c}" for c in _READ)
    statement = (
        f"SELECT {read}, h.held FROM directory_entry AS e {whose.format('e')} LEFT JOIN (SELECT h.partner, array_agg("
        "concat_ws(E'\\x1e', h.edition, h.level, array_to_string(h.competencies, E'\\x1f')) ORDER BY h.edition) AS held "
        f"FROM directory_held AS h {whose.format('h')} GROUP BY h.partner) AS h ON h.partner = e.partner "
        "WHERE e.place IS NOT NULL ORDER BY e.place"
    )
    names = (*_READ, "held")
    with connection.cursor() as cursor, cursor.connection.cursor("directory_rows") as reading:
        reading.itersize = 5_000
        reading.execute(sql.SQL(statement))
        for row in reading:
            found = dict(zip(names, row, strict=True))
            found["held"] = [_held(one) for one in found["held"] or ()]
            yield found


def _held(text: str) -> tuple[str, str, list[str]]:
    edition, level, competencies = text.split("\x1e")
    return edition, level, [one for one in competencies.split("\x1f") if one]


def held_changes(edition: str, source: str, only: Sequence[str] | None) -> list[str]:
    """The partners of whom it is new what they hold by an edition now (`source` selects partner, level, competencies).

    `only` names those it is about; of everybody what is held now is noted, for `held`.
    """
    whose = "" if only is None else " AND h.partner = ANY(%s)"
    values: list[Any] = [edition] if only is None else [edition, list(only)]
    if only is None:
        _note_held(source)
    now = HELD if only is None else f"({source.replace('%', '%%')})"
    found = statements.rows(
        f"SELECT COALESCE(n.partner, h.partner) FROM {now} AS n "
        f"FULL JOIN (SELECT * FROM directory_held AS h WHERE h.edition = %s{whose}) AS h ON h.partner = n.partner "
        "WHERE (n.level, n.competencies) IS DISTINCT FROM (h.level, h.competencies)",
        values,
    )
    return [str(row[0]) for row in found]


def _note_held(source: str) -> None:
    _run(f"DROP TABLE IF EXISTS {HELD}; CREATE TEMP TABLE {HELD} ON COMMIT DROP AS {source}; ANALYZE {HELD}")


def held_by_others(in_force: Collection[str]) -> list[str]:
    """The partners of whom is kept what they held by editions that are not in force any more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT partner FROM directory_held WHERE edition <> ALL(%s)", [list(in_force)])
        return [str(row[0]) for row in cursor.fetchall()]


def held(edition: str, source: str, in_force: Collection[str], only: Sequence[str] | None) -> None:
    """Keeps what `held_changes` has found, and of no edition that is not in force. What did not change is not written, nor locked."""
    if only is not None:
        _note_held(source)
    whose = "" if only is None else " AND h.partner = ANY(%s)"
    values: list[Any] = [edition] if only is None else [edition, list(only)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO directory_held AS h (partner, edition, level, competencies) SELECT partner, %s, level, competencies FROM {HELD} AS n "
            "WHERE NOT EXISTS (SELECT FROM directory_held AS h WHERE h.partner = n.partner AND h.edition = %s AND (h.level, h.competencies) "
            "IS NOT DISTINCT FROM (n.level, n.competencies)) ON CONFLICT (partner, edition) DO UPDATE SET level = EXCLUDED.level, "
            "competencies = EXCLUDED.competencies",
            [edition, edition],
        )
        cursor.execute(
            f"DELETE FROM directory_held AS h WHERE h.edition = %s{whose} AND NOT EXISTS (SELECT FROM {HELD} AS n WHERE n.partner = h.partner)",
            values,
        )
        cursor.execute("DELETE FROM directory_held WHERE edition <> ALL(%s)", [list(in_force)])


def _now(*, few: bool = False) -> str:
    """What entries are, by the registry and by the facts of today; of `few`, people and certificates are looked up by their keys."""
    theirs = f"ANY(ARRAY(SELECT key FROM {KEYS}))"
    looked_up = (
        f"AND p.partner = {theirs} AND c.person = ANY(ARRAY(SELECT person FROM facts.people WHERE partner = {theirs})) "
        if few
        else ""
    )
    today = "CURRENT_DATE"
    valid = f"{{0}} <= {today} AND ({{1}} IS NULL OR {{1}} >= {today})"
    kinds = {
        kind: f"SELECT a.partner, {column} AS name FROM facts.attestations AS a JOIN {KEYS} AS k ON k.key = a.partner "
        f"WHERE a.kind = '{kind}' AND {valid.format('a.granted', 'a.expires')}"
        for kind, column in (("solution", "a.name"), ("industry", "a.name"), ("language", "lower(a.name)"))
    }
    on = 'r."on"'
    solved = (
        f'{kinds["solution"]} UNION SELECT r.partner, r.solution FROM facts."references" AS r JOIN {KEYS} AS k '
        f"ON k.key = r.partner WHERE r.solution IS NOT NULL AND {valid.format(on, 'r.expires')}"
    )
    certified = (
        "SELECT p.partner, c.certificate, max(COALESCE(c.expires, DATE '9999-12-31')) AS last FROM facts.people AS p "
        f"JOIN {KEYS} AS k ON k.key = p.partner JOIN facts.certifications AS c ON c.person = p.person WHERE TRUE {looked_up}AND "
        f"{valid.format('p.since', 'p.until')} AND {valid.format('c.earned', 'c.expires')} GROUP BY 1, 2"
    )
    shown = ", ".join(
        f"max(CASE v.audience WHEN '{PUBLIC}' THEN 2 WHEN '{PARTNERS}' THEN 1 ELSE 0 END) "
        f"FILTER (WHERE v.part = '{part}') AS reach_{part}"
        for part in terms.PARTS
    )
    reaches = ", ".join(f"COALESCE(v.reach_{part}, 0)::smallint AS reach_{part}" for part in terms.PARTS)

    def listed(alias: str, of: str) -> str:
        return (
            f"LEFT JOIN (SELECT partner, array_agg(DISTINCT name ORDER BY name) AS listed FROM ({of}) AS o GROUP BY partner) "
            f"AS {alias} ON {alias}.partner = r.key"
        )

    return (
        f"SELECT r.key AS partner, r.name, {_folded('r.name')} AS folded, r.country, r.region, r.city, w.latitude, w.longitude, r.type, COALESCE(n.listed, '{{}}') AS called, "
        "COALESCE(c.listed, '{}') AS certificates, COALESCE(s.listed, '{}') AS solutions, COALESCE(i.listed, '{}') AS industries, "
        f"COALESCE(l.listed, '{{}}') AS languages, c.fades, {reaches} FROM ({_text(as_found())}) AS r JOIN {KEYS} AS k ON k.key = r.key "
        f"LEFT JOIN ({_text(as_located())}) AS w ON w.partner = r.key "
        "LEFT JOIN (SELECT partner, array_agg(certificate ORDER BY certificate) AS listed, NULLIF(min(last), DATE '9999-12-31') AS fades "
        f"FROM ({certified}) AS x GROUP BY partner) AS c ON c.partner = r.key "
        f"{listed('n', names_before(f'IN (SELECT key FROM {KEYS})'))} {listed('s', solved)} {listed('i', kinds['industry'])} {listed('l', kinds['language'])} "
        f"LEFT JOIN (SELECT v.key, {shown} FROM ({_text(as_shown())}) AS v JOIN {KEYS} AS k ON k.key = v.key GROUP BY v.key) AS v ON v.key = r.key"
    )


def _industries() -> None:
    """Industries as they were written become codes of ISIC; what is no code is left out."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT unnest(industries) FROM {KEYS}_now")
        told = [str(row[0]) for row in cursor.fetchall()]
        pairs = [(one, code) for one in told for code in industries.isic_of(one)]
        if told:
            cursor.execute(
                f"UPDATE {KEYS}_now SET industries = COALESCE((SELECT array_agg(DISTINCT m.code ORDER BY m.code) FROM "
                "unnest(%s::text[], %s::text[]) AS m (told, code) WHERE m.told = ANY(industries)), '{}') WHERE industries <> '{}'",
                [[told for told, _ in pairs], [code for _, code in pairs]],
            )


def _folded(text: str) -> str:
    """An SQL text as entries are put in order: small letters without their accents."""
    plain = f"lower(regexp_replace(normalize({text}, NFKD), '[\\u0300-\\u036f]', '', 'g'))"
    return f'(CASE WHEN octet_length({text}) = char_length({text}) THEN lower({text}) ELSE {plain} END COLLATE "C")'


def _text(found: QuerySet[Any, Any]) -> str:
    """A query of the registry, which has no values of its own."""
    text, values = found.query.sql_with_params()
    assert not values
    return str(text)


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.cursor.execute(sql.SQL(statement))
