"""What do lists say of a partner: where it stands, how far the level above is, and what it may lose?

Written when a run settles standings, in its transaction; the pages only read. What is missing is asked of the same
decision that explains a standing (`explanation.missing`), once for each pattern of met requirements: a channel has few.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from psycopg import sql

from hanse.apps.directory import services as directory
from hanse.apps.places.selectors import as_mapped
from hanse.apps.programmes.selectors import in_force_on
from hanse.apps.registry.selectors import as_listed, names_before
from hanse.apps.standings import counts, mapped, tallies
from hanse.apps.standings.models import Asked, Listed, Run
from hanse.apps.standings.outlines import outline
from hanse.decisions.explanation import missing
from hanse.language.plan import literal

NEVER = "9999-12-31"  # the end of a level that has none
_PATTERN = "stands_pattern"
_KIND = "level, granted, expected, met"
_KEPT = ("edition", "partner")
_STANDS = "COALESCE(s.granted, s.level, '')"


@dataclass(frozen=True)
class Pattern:
    """Partners that hold the same levels and meet the same requirements (by number)."""

    level: str
    granted: str
    expected: str
    met: tuple[int, ...]


@dataclass(frozen=True)
class Said:
    """What a pattern means: the level above, how many requirements it lacks, the ones that decide (by all their numbers)."""

    pattern: str
    height: int
    next: str | None
    lacking: int | None
    closest: list[int] | None
    falling: bool
    fails: list[int] | None


def refresh(run: Run, *, only: Sequence[str] | None = None) -> None:
    """Brings the lists up to what a run has settled, for everybody or for those it judged.

    The caller holds the lock of the edition's standings.
    """
    levels = _levels(run)
    subjects = [str(entry["level"]) for entry in levels]
    asked = {a.pk: (a.subject, a.requirement) for a in Asked.objects.filter(subject__in=subjects)}
    with connection.cursor() as cursor:
        execute = cursor.cursor.execute
        patterns, having = _having(cursor, _patterns(run, sorted(asked), only), few=only is not None)
        said = [_said(name, pattern, levels, asked) for name, pattern in patterns.items()]
        was = counts.of(run.edition, only) if only is not None else {}
        execute(_placed(_put(run, only, having)), {"said": json.dumps([asdict(one) for one in said])})
        execute(sql.SQL(_leave(run, only)))
        if only is None:
            tallies.count(cursor, run.edition)
            mapped.count(run.edition)
            execute(sql.SQL(f"DROP TABLE {_PATTERN}"))
        elif more := counts.difference(was, counts.of(run.edition, only)):
            tallies.add(cursor, run.edition, more)
            mapped.add(run.edition, more)
    tell_directory(run, only)


def _having(cursor: Any, found: str, *, few: bool) -> tuple[dict[str, Pattern], str]:
    """The patterns there are, by name, and what says which partner has which: of a few themselves, of everybody a table."""
    execute = cursor.cursor.execute
    if few:  # known to the planner by their number, which a table that nobody has analyzed is not
        execute(sql.SQL(found))
        rows = cursor.fetchall()
        kinds = [row[1:] for row in rows]
        having = f"unnest({_texts(row[0] for row in rows)}, {_texts(row[1] for row in rows)})"
    else:
        # standings that this transaction has written are unknown to the planner: for one it would go through everybody
        execute("SET LOCAL enable_nestloop TO off")
        execute(sql.SQL(f"CREATE TEMP TABLE {_PATTERN} ON COMMIT DROP AS {found}; ANALYZE {_PATTERN}"))
        execute("SET LOCAL enable_nestloop TO on")
        execute(sql.SQL(f"SELECT DISTINCT pattern, {_KIND} FROM {_PATTERN} ORDER BY pattern"))
        kinds, having = cursor.fetchall(), f"(SELECT partner, pattern FROM {_PATTERN})"
    patterns = {name: Pattern(level, granted, expected, tuple(met)) for name, level, granted, expected, met in kinds}
    return patterns, f"{having} AS p(partner, pattern)"


def tell_directory(run: Run, only: Sequence[str] | None = None) -> None:
    """What partners hold by an edition in force can be found: level and competencies. Others show nobody's level."""
    day = timezone.now().date()
    in_force = in_force_on(day)
    if run.version_id not in in_force:
        return
    read = outline(run.outline.digest) if run.outline else {}
    says = {"title": read.get("title"), "levels": [(one["level"], one["label"]) for one in read.get("levels", ())],
            "competencies": read.get("competencies", {}), "depths": read.get("depths", {})}  # fmt: skip
    whose = f"s.edition = {literal(run.edition)}" + ("" if only is None else f" AND s.partner = ANY({_texts(only)})")
    directory.stood(
        edition=run.edition, says=says, only=only, others=sorted({*in_force.values()} - {run.edition}),
        source=f"SELECT s.partner, {_STANDS} AS level, COALESCE(c.held, ARRAY[]::text[]) AS competencies "
        "FROM standings_standing AS s LEFT JOIN (SELECT s.partner, array_agg(concat_ws('/', c.competency, NULLIF(c.depth, '')) "
        "ORDER BY c.competency, c.depth) AS held FROM standings_standing AS s JOIN standings_competencies AS c "
        f"ON c.run = s.run_id AND c.partner = s.partner WHERE c.held AND {whose} GROUP BY s.partner) AS c "
        f"ON c.partner = s.partner WHERE {whose}",
    )  # fmt: skip


def _levels(run: Run) -> list[Mapping[str, Any]]:
    assert run.outline is not None
    return list(run.outline.data["levels"])


def _said(
    name: str, pattern: Pattern, levels: Sequence[Mapping[str, Any]], asked: Mapping[int, tuple[str, str]]
) -> Said:
    """What the level above lacks, and whether the level held is in danger: by the decision that explains a standing."""
    names = [str(entry["level"]) for entry in levels]
    rank = {name: at for at, name in enumerate(names)}
    stands = rank.get(pattern.granted or pattern.level, -1)
    above = next((n for n in names[max(stands, rank.get(pattern.level, -1)) + 1 :] if _asks(levels[rank[n]])), None)
    lacking = None if above is None else _missing(above, pattern, levels, asked)
    fails = [] if stands < 0 else _missing(names[stands], pattern, levels, asked)
    falling = stands >= 0 and (bool(fails) or rank.get(pattern.expected or pattern.level, -1) < stands)
    return Said(
        name, -stands, above, None if lacking is None else len(lacking),
        lacking[0] if lacking is not None and len(lacking) == 1 else None, falling, fails[0] if fails else None,
    )  # fmt: skip


def _asks(level: Mapping[str, Any]) -> bool:
    return bool(level["asks"]) and not level["retired"]


def _missing(
    level: str, pattern: Pattern, levels: Sequence[Mapping[str, Any]], asked: Mapping[int, tuple[str, str]]
) -> list[list[int]]:
    """What a level lacks, the first to mend first: each requirement by every number it has had, of whatever clause."""
    trees = {str(entry["level"]): entry["tree"] for entry in levels}
    met: dict[str, bool] = {}
    for number in pattern.met:
        subject, requirement = asked[number]
        if subject == level:
            met[requirement] = True
    own = {requirement for subject, requirement in asked.values() if subject == level}
    for number in pattern.met:  # of a level that this one asks for first, as that level's own checks say
        subject, requirement = asked[number]
        if requirement not in own and subject in _below(trees[level]):
            met.setdefault(requirement, True)
    names = dict.fromkeys(missing(trees[level], met, {n: t for n, t in trees.items() if n != level})[0])
    subjects = {level} | _below(trees[level])
    return [sorted(n for n, (s, r) in asked.items() if r == name and s in subjects) for name in names]


def _below(tree: Mapping[str, Any]) -> set[str]:
    if tree["kind"] == "level":
        return {str(tree["level"])}
    return {name for part in tree.get("parts", ()) for name in _below(part)}


# -- statements -------------------------------------------------------------------------------------------------------


def _patterns(run: Run, asked: Sequence[int], only: Sequence[str] | None) -> str:
    """Names the patterns of the standings that the run decided: partner, name, and what it holds and meets."""
    whose, judged = ("" if only is None else f" AND {one}partner = ANY({_texts(only)})" for one in ("", "s."))
    return (
        f"SELECT s.partner, md5(concat_ws('|', level, granted, expected, array_to_string(met, ','))) AS pattern, {_KIND} "
        "FROM (SELECT s.partner, COALESCE(s.level, '') AS level, COALESCE(s.granted, '') AS granted, "
        "COALESCE(s.expected, '') AS expected, COALESCE(c.met, ARRAY[]::bigint[]) AS met FROM standings_standing AS s LEFT JOIN "
        "(SELECT partner, array_agg(asked ORDER BY asked) AS met FROM standings_checks "
        f"WHERE run = {run.pk} AND met AND asked = ANY(ARRAY[{', '.join(map(str, asked))}]::bigint[]){whose} GROUP BY partner) AS c "
        f"ON c.partner = s.partner WHERE s.edition = {literal(run.edition)} AND s.run_id = {run.pk}{judged}) AS s"
    )


def _put(run: Run, only: Sequence[str] | None, having: str) -> str:
    before = names_before("IS NOT NULL" if only is None else f"= ANY({_texts(only)})")
    columns = [str(f.column) for f in Listed._meta.concrete_fields]
    names = ", ".join(f'"{c}"' for c in columns)
    update = ", ".join(f'"{c}" = EXCLUDED."{c}"' for c in columns if c not in _KEPT)
    was, new = (", ".join(f'{side}."{c}"' for c in columns if c not in _KEPT) for side in ("l", "n"))
    values = {
        "edition": literal(run.edition), "partner": "s.partner", "name": "COALESCE(r.name, s.partner)",
        "folded": _folded("COALESCE(r.name, s.partner)"),
        "words": _folded("concat_ws(' ', s.partner, r.name, r.city, r.group_key, n.called)"),
        "country": "COALESCE(r.country, s.country, '')", "city": "r.city", "type": "COALESCE(r.type, '')", "group": "r.group_key",
        "stands": _STANDS, "height": "t.height", "level": "s.level", "expected": "s.expected", "awaiting": "s.awaiting",
        "until": f"COALESCE(s.granted_until, DATE '{NEVER}')", "next": "t.next", "lacking": "t.lacking",
        "closest_id": "c.asked", "closest_actual": "c.actual", "closest_needed": "c.needed", "nearness": _nearness("c"),
        "falling": "t.falling", "fails_id": "f.asked", "fails_actual": "f.actual", "fails_needed": "f.needed",
        "x": "m.x", "y": "m.y", "cell": "m.cell",
    }  # fmt: skip
    said = ", ".join(f'{values[c]} AS "{c}"' for c in columns)
    return (
        f"INSERT INTO standings_listed AS l ({names}) SELECT {names} FROM (SELECT {said} "
        f"FROM {having} JOIN standings_standing AS s ON s.edition = {literal(run.edition)} AND s.partner = p.partner "
        "JOIN jsonb_to_recordset(%(said)s::jsonb) AS t(pattern text, height smallint, next text, lacking smallint, closest bigint[], "
        f"falling boolean, fails bigint[]) ON t.pattern = p.pattern LEFT JOIN ({_of_system(as_listed())}) AS r ON r.key = p.partner "
        f"LEFT JOIN ({_of_system(as_mapped())}) AS m ON m.partner = p.partner "
        f"LEFT JOIN (SELECT partner, string_agg(name, ' ' ORDER BY name) AS called FROM ({before}) AS o GROUP BY partner) AS n "
        "ON n.partner = p.partner "
        f"{_check(run, 'c', 't.closest')} {_check(run, 'f', 't.fails')} "
        ") AS n WHERE NOT EXISTS (SELECT FROM standings_listed AS l WHERE l.edition = n.edition AND l.partner = n.partner "
        f"AND ({was}) IS NOT DISTINCT FROM ({new})) ON CONFLICT (edition, partner) DO UPDATE SET {update}"
    )


def _check(run: Run, alias: str, numbers: str) -> str:
    return (
        f"LEFT JOIN LATERAL (SELECT k.asked, k.actual, k.needed FROM standings_checks AS k WHERE k.run = {run.pk} "
        f"AND k.partner = p.partner AND k.asked = ANY({numbers}) AND {numbers} IS NOT NULL ORDER BY k.met, k.asked LIMIT 1) "
        f"AS {alias} ON TRUE"
    )


def _nearness(check: str) -> str:
    """How much of what is needed is there, from 0 to 1; 0 where it is no matter of a number."""
    share = f"{check}.actual / {check}.needed"
    return f"COALESCE(CASE WHEN {check}.needed > 0 AND {check}.actual BETWEEN 0 AND {check}.needed THEN {share} END, 0)"


def _leave(run: Run, only: Sequence[str] | None) -> str:
    whose = "" if only is None else f" AND l.partner = ANY({_texts(only)})"
    return (
        f"DELETE FROM standings_listed AS l WHERE l.edition = {literal(run.edition)}{whose} AND NOT EXISTS "
        "(SELECT FROM standings_standing AS s WHERE s.edition = l.edition AND s.partner = l.partner)"
    )


def _folded(text: str) -> str:
    """An SQL text as it is sorted and searched: small letters without their accents."""
    plain = f"lower(regexp_replace(normalize({text}, NFKD), '[\\u0300-\\u036f]', '', 'g'))"
    return f'(CASE WHEN octet_length({text}) = char_length({text}) THEN lower({text}) ELSE {plain} END COLLATE "C")'


def _of_system(query: QuerySet[Any, Any]) -> str:
    """A query of another app for the system, which has no values of its own."""
    text, values = query.query.sql_with_params()
    assert not values
    return str(text)


def _texts(given: Iterable[str]) -> str:
    return f"ARRAY[{', '.join(literal(one) for one in given)}]::text[]"


def _placed(statement: str) -> sql.SQL:
    """The statement with its one value; other percent signs stand for themselves."""
    return sql.SQL(statement.replace("%", "%%").replace("%%(said)s", "%(said)s"))


__all__ = ["NEVER", "refresh", "tell_directory"]
