"""Which rules did the migrations lay down in the database, and which of them are no longer there?

The migrations are the source: their statements name every trigger and every function, and so what ought to be. The
catalogues of the server say what is. A trigger that is missing or switched off, a function that says something else, a
right that the application should not have: each is one finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from hanse.installation.address import APPLICATION_ROLE
from hanse.installation.health import Finding, run_on_a_new
from hanse.language.problems import Problem

_TRIGGER = re.compile(
    r"CREATE (?:CONSTRAINT )?TRIGGER (\w+)\s.*?\sON\s+([\w.\"]+)\s.*?EXECUTE FUNCTION \w+\(.*?\)", re.DOTALL
)
_FUNCTION = re.compile(r"CREATE (?:OR REPLACE )?FUNCTION (?:public\.)?(\w+)\s*\(.*?AS \$\$(.*?)\$\$", re.DOTALL)
_DROPPED = re.compile(r"DROP (TRIGGER|FUNCTION)(?: IF EXISTS)? (\w+)(?:\([^)]*\))?(?: ON ([\w.\"]+))?")
_GRANTED = re.compile(
    r"(GRANT|REVOKE)\s+([A-Z][^;]*?)\s+ON\s+(?:TABLE\s+)?([^;]*?)\s+(?:TO|FROM)\s+[\w, ]*" + APPLICATION_ROLE
)
_REFUSAL = "refuse_delete"  # every append-only table has a trigger of this name
_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
_TRIGGERS = """
SELECT c.relname, t.tgname, t.tgenabled <> 'D' FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace
"""
_FUNCTIONS = "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace"


@dataclass
class Rules:
    """What ought to be: (table, trigger) with the statement that makes it, function with its body, and what the
    application may do with a table; a right to some columns counts as the right."""

    triggers: dict[tuple[str, str], str] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    granted: dict[str, set[str]] = field(default_factory=dict)

    @property
    def append_only(self) -> list[str]:
        """The tables whose rows are never changed."""
        return sorted(table for table, name in self.triggers if name == _REFUSAL)


def laid_down() -> Rules:
    """Reads the statements of all our migrations, in their order."""
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.operations.special import RunSQL

    graph = MigrationLoader(None, ignore_no_migrations=True).graph
    rules = Rules()
    done: set[tuple[str, str]] = set()
    for leaf in graph.leaf_nodes():
        for key in graph.forwards_plan(leaf):
            migration = graph.nodes[key]
            if key in done or not type(migration).__module__.startswith("hanse."):
                continue
            done.add(key)
            for operation in migration.operations:
                if isinstance(operation, RunSQL):
                    _read(rules, "\n".join(_statements(operation.sql)))
    return rules


def _statements(sql: Any) -> Iterator[str]:
    for part in [sql] if isinstance(sql, str) else sql:
        yield part if isinstance(part, str) else part[0]


def _read(rules: Rules, text: str) -> None:
    for found in _FUNCTION.finditer(text):
        rules.functions[found.group(1)] = found.group(2)
    outside = re.sub(r"\$\$.*?\$\$", "$$ $$", text, flags=re.DOTALL)  # what a function does, it does not lay down
    for kind, name, table in _DROPPED.findall(outside):
        if kind == "FUNCTION":
            rules.functions.pop(name, None)
        else:
            rules.triggers.pop((_bare(table), name), None)
    for found in _TRIGGER.finditer(outside):
        rules.triggers[(_bare(found.group(2)), found.group(1))] = found.group(0)

    for verb, rights, tables in _GRANTED.findall(outside):
        named = {word for word in _RIGHTS if re.search(rf"\b{word}\b", rights)}
        for table in (_bare(name.strip()) for name in tables.split(",")):
            if re.fullmatch(r"\w+", table) and named:
                may = rules.granted.setdefault(table, set())
                rules.granted[table] = may | named if verb == "GRANT" else may - named


def _bare(table: str) -> str:
    return table.replace('"', "").removeprefix("public.")


def of_the_rules(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    """Compares the catalogues of an initialised database with the rules, and tries what must be refused."""
    rules = laid_down()
    found = [*_triggers(connection, rules), *_functions(connection, rules), *_rights(connection, rules)]
    if not found:
        found = list(_tried(connection, rules.append_only))
    yield from found
    if not found:
        triggers, functions = len(rules.triggers), len(rules.functions)
        says = (
            f"{len(rules.append_only)} tables append-only; {triggers} triggers and {functions} functions as laid down"
        )
        yield Finding("rules", says)


def _triggers(connection: psycopg.Connection[Any], rules: Rules) -> Iterator[Finding]:
    there = {(str(table), str(name)): bool(on) for table, name, on in connection.execute(_TRIGGERS.encode())}
    for (table, name), statement in sorted(rules.triggers.items()):
        if (table, name) not in there:
            yield _finding(f"the trigger {name} of {table}", "is missing", statement)
        elif not there[(table, name)]:
            yield _finding(
                f"the trigger {name} of {table}", "is switched off", f"ALTER TABLE {table} ENABLE TRIGGER {name}"
            )


def _functions(connection: psycopg.Connection[Any], rules: Rules) -> Iterator[Finding]:
    there = {str(name): str(body) for name, body in connection.execute(_FUNCTIONS.encode())}
    for name, body in sorted(rules.functions.items()):
        if name not in there:
            yield _finding(f"the function {name}", "is missing", None)
        elif there[name].strip() != body.strip():
            yield _finding(f"the function {name}", "does something else than it did", None)


def _rights(connection: psycopg.Connection[Any], rules: Rules) -> Iterator[Finding]:
    for table, may in sorted(rules.granted.items()):
        if _holds(connection, "to_regclass(%s) IS NULL", table):
            yield _finding(f"the table {table}", "is missing", None)
            continue
        for right in _RIGHTS:
            columns = right in ("SELECT", "INSERT", "UPDATE")
            asks = "has_any_column_privilege" if columns else "has_table_privilege"
            holds = _holds(connection, f"{asks}('{APPLICATION_ROLE}', %s, '{right}')", table)
            if holds and right not in may:
                statement = f"REVOKE {right} ON {table} FROM PUBLIC, {APPLICATION_ROLE}"
                yield _finding(f"the table {table}", f"is open to the application for {right}", statement)
            elif right in may and not holds:
                given = f"GRANT {right} ON {table} TO {APPLICATION_ROLE}" if right != "UPDATE" else None
                yield _finding(f"the table {table}", f"is closed to the application for {right}", given)


def _holds(connection: psycopg.Connection[Any], condition: str, table: str) -> bool:
    row = connection.execute(f"SELECT {condition}".encode(), [table]).fetchone()
    return bool(row and row[0])


def _tried(connection: psycopg.Connection[Any], tables: Sequence[str]) -> Iterator[Finding]:
    """Tries to delete nothing at all from each table, as the owner: the trigger of the statement must refuse that."""
    for table in tables:
        try:
            with connection.transaction(force_rollback=True):
                connection.execute(f"DELETE FROM {table} WHERE false".encode())
        except psycopg.errors.IntegrityConstraintViolation:
            continue
        yield _finding(f"the table {table}", "lets rows be deleted", None)


def _finding(place: str, what: str, statement: str | None) -> Finding:
    problem = Problem(
        place, what, "a migration laid it down, and somebody changed it in the database",
        f"{statement};" if statement else "restore a backup of before; hanse audit verify says whether the trail holds",
    )  # fmt: skip
    if statement is None:
        return Finding("rules", f"{place} {what}", problem)
    return Finding("rules", f"{place} {what}", problem, mend=lambda: run_on_a_new(statement))
