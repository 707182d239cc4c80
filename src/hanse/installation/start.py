"""What does a process do before it works with the installation?

It finds the database (that of HANSE_DATABASE_URL, or the embedded server, which it starts), sets Django up, and makes
sure that the database is one this Hanse can use. Everything here is on the way of every command, so it is kept short:
the migrations are compared by their names, without loading one.
"""

from __future__ import annotations

import os
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from hanse.installation import address, home, logs
from hanse.installation.address import APPLICATION_ROLE
from hanse.language.problems import CallError, Problem

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

SETTINGS = "hanse.config.settings"
SETTINGS_OF_PAGES = "hanse.config.web"  # those and what only pages need, tables among it
OLDEST = 150_000  # the first server version that is tested: 15
_ONE_INIT = 0x494E4954  # the advisory lock of whoever migrates (INIT in ASCII)
_GRANTS = f"""
GRANT USAGE ON SCHEMA public TO {APPLICATION_ROLE};
GRANT SELECT ON django_migrations TO {APPLICATION_ROLE};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APPLICATION_ROLE};
"""
_FOREIGN_TABLES = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
AND (relname LIKE 'procrastinate\\_%' OR relname LIKE 'auth\\_%'
OR relname LIKE 'account\\_%' OR relname LIKE 'axes\\_%' OR relname IN ('django_content_type', 'django_session'))
"""


@dataclass(frozen=True)
class Migrated:
    """What `migrate` did: whether it made the application's role, and the migrations it applied, `app.name` each."""

    role_made: bool
    applied: tuple[str, ...]


def ready(*, must_be_initialised: bool = True, pages: bool = False) -> None:
    """Makes this process ready to use the installation: the database answers, Django is set up.

    With `pages` it is set up with what only pages need; most commands do without, and start sooner.
    Raises CallError where there is no database, its server is too old, or (unless told otherwise) it has not been
    initialised by this Hanse.
    """
    import django

    logs.configure()
    if address.given() is None:
        from hanse.installation import server

        if must_be_initialised and not server.is_made():
            raise CallError(_uninitialised("there is no database in it"))
        address.announce(server.start())
    if pages:
        os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS_OF_PAGES
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    django.setup()
    if must_be_initialised:
        check_initialised()
    else:
        from django.db import connections

        _connect(connections["owner"])


def begun() -> bool:
    """Has `hanse init` ever made a database here, or does the address name one?"""
    from hanse.installation import server

    return address.given() is not None or server.is_made()


def _connect(connection: BaseDatabaseWrapper) -> None:
    """Raises CallError where the server does not answer or is too old."""
    from django.db.utils import Error

    try:
        connection.ensure_connection()
    except Error as error:
        said = str(error).strip().splitlines()[0]
        if f'"{APPLICATION_ROLE}"' in said:
            raise CallError(_uninitialised(said)) from error
        raise CallError(Problem(
            address.VARIABLE if address.given() else str(home.folder() / "database"),
            "the database cannot be reached", said,
            "see that the server runs, that the address is right and that the user may connect; hanse doctor says more",
        )) from error  # fmt: skip
    version = getattr(connection, "pg_version")  # noqa: B009  Django's stubs know only what all databases have
    if version < OLDEST:
        raise CallError(Problem(
            address.VARIABLE, f"the server is PostgreSQL {version // 10_000}", "15 is the oldest that is tested",
            "upgrade the server; or leave the variable out, and the embedded server is used",
        ))  # fmt: skip


def check_initialised() -> None:
    """Raises CallError where the database lacks a migration of this hanse, or has one of a newer hanse."""
    from django.db import connection
    from django.db.utils import ProgrammingError

    _connect(connection)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            applied = {(str(app), str(name)) for app, name in cursor.fetchall()}
    except ProgrammingError as error:
        raise CallError(_uninitialised(str(error).splitlines()[0])) from error
    known, ours = _known_migrations()
    missing = sorted(known - applied)
    if missing:
        shown = ", ".join(f"{app}.{name}" for app, name in missing[:3]) + (" ..." if len(missing) > 3 else "")
        raise CallError(_uninitialised(f"{len(missing)} migrations have not been applied: {shown}"))
    newer = sorted((app, name) for app, name in applied - known if app in ours)
    if newer:
        raise CallError(Problem(
            str(home.folder()), "the database was initialised by a newer hanse",
            f"it knows {newer[-1][0]}.{newer[-1][1]}, which this one does not", "install the newer hanse",
        ))  # fmt: skip


def _uninitialised(why: str) -> Problem:
    return Problem(
        address.VARIABLE if address.given() else str(home.folder()), "the installation is not initialised, or is older",
        why, "run hanse init",
    )  # fmt: skip


def _known_migrations() -> tuple[set[tuple[str, str]], set[str]]:
    """All migrations that this program brings, by app and name; and which of the apps are ours."""
    from django.apps import apps

    known: set[tuple[str, str]] = set()
    ours: set[str] = set()
    for app in apps.get_app_configs():
        found = find_spec(f"{app.name}.migrations")
        places = list(found.submodule_search_locations or ()) if found else []
        known |= {(app.label, module.name) for module in pkgutil.iter_modules(places) if module.name[0] not in "_~"}
        ours |= {app.label} if app.name.startswith("hanse.") else set()
    return known, ours


def brought() -> set[str]:
    """All migrations that this program brings, `app.name` each."""
    return {f"{app}.{name}" for app, name in _known_migrations()[0]}


def ours(migrations: Iterable[str]) -> set[str]:
    """Those of the migrations that belong to an app of ours."""
    labels = _known_migrations()[1]
    return {name for name in migrations if name.partition(".")[0] in labels}


def migrate() -> Migrated:
    """Applies every migration that the database lacks, as its owner; two at once wait for each other.

    Raises CallError where the application's role is missing and this user may not make it.
    """
    from django.core.management import call_command
    from django.db import connections

    owner = connections["owner"]
    _connect(owner)
    with owner.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_ONE_INIT])
        try:
            role_made = make_role()
            before = _applied(owner)
            call_command("migrate", database="owner", interactive=False, verbosity=0)
            cursor.execute(_GRANTS)
            cursor.execute(_FOREIGN_TABLES)
            for (table,) in cursor.fetchall():
                cursor.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO {APPLICATION_ROLE}')
            applied = _applied(owner)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_ONE_INIT])
    return Migrated(role_made, tuple(name for name in applied if name not in before))


def _applied(owner: BaseDatabaseWrapper) -> list[str]:
    with owner.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.django_migrations')")
        if cursor.fetchone() == (None,):
            return []
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY id")
        return [str(row[0]) for row in cursor.fetchall()]


def make_role() -> bool:
    """Makes the application's role and lets this user take it on; says whether it was made.

    Raises CallError with what the administrator of the database must do, where this user may not.
    """
    from django.db import connections
    from django.db.utils import Error, ProgrammingError

    owner = connections["owner"]
    version = getattr(owner, "pg_version")  # noqa: B009
    may = "SET" if version >= 160_000 else "MEMBER"
    try:
        with owner.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION_ROLE])
            made = cursor.fetchone() is None
            if made:
                cursor.execute(f"CREATE ROLE {APPLICATION_ROLE} NOLOGIN")
            cursor.execute("SELECT pg_has_role(current_user, %s, %s)", [APPLICATION_ROLE, may])
            if cursor.fetchone() != (True,):
                cursor.execute(f"GRANT {APPLICATION_ROLE} TO CURRENT_USER")
    except ProgrammingError as error:
        user = owner.settings_dict["USER"] or "the user of hanse"
        raise CallError(Problem(
            f"the role {APPLICATION_ROLE}", "the role of the application is missing and cannot be made",
            str(error).splitlines()[0],
            f'have the administrator of the database run: CREATE ROLE {APPLICATION_ROLE} NOLOGIN; '
            f'GRANT {APPLICATION_ROLE} TO "{user}"; -- and then run hanse init again',
        )) from error  # fmt: skip
    except Error as error:  # another installation on the same server made it at this moment
        raise CallError(Problem(
            f"the role {APPLICATION_ROLE}", "the role of the application could not be made", str(error).splitlines()[0],
            "run hanse init again",
        )) from error  # fmt: skip
    return made
