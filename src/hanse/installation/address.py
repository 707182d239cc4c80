"""Where is the database, and as whom does one connect?

`HANSE_DATABASE_URL` names a server (PostgreSQL 15 or later). Without it the embedded server of the installation is
used; whoever starts it (`installation.server`) announces its address in this process by `announce`.
"""

from __future__ import annotations

import os
from typing import Any

import psycopg
from psycopg import conninfo

from hanse.language.problems import CallError, Problem

APPLICATION_ROLE = "hanse_app"
VARIABLE = "HANSE_DATABASE_URL"
_EMBEDDED = "HANSE_EMBEDDED_URL"


def announce(url: str) -> None:
    """Says, to this process and its children, where the embedded server listens."""
    os.environ[_EMBEDDED] = url


def given() -> str | None:
    """The server that the environment names, if any."""
    return os.environ.get(VARIABLE) or None


def url() -> str | None:
    """The address in use; None where the embedded server has not been started."""
    return given() or os.environ.get(_EMBEDDED) or None


def shown() -> str:
    """The address in use as people may see it: without a password."""
    return for_programs()[0]


def connect() -> psycopg.Connection[Any]:
    """A connection as the owner, outside Django, in autocommit. Raises psycopg.Error."""
    return psycopg.connect(url() or "dbname=hanse", autocommit=True, connect_timeout=10)


def for_programs() -> tuple[str, dict[str, str]]:
    """The address for PostgreSQL's own programs: what a command line may show, and the environment with a password."""
    parts = conninfo.conninfo_to_dict(url() or "dbname=hanse")
    password = parts.pop("password", None)
    kept = dict(os.environ) | ({"PGPASSWORD": str(password)} if password else {})
    return conninfo.make_conninfo(**{k: str(v) for k, v in parts.items()}), kept


def django_database(*, role: str | None) -> dict[str, Any]:
    """Django's entry for the database. `role` is taken on right at the start of every connection.

    Raises CallError where the address cannot be read.
    """
    try:
        parts = conninfo.conninfo_to_dict(url() or "dbname=hanse")
    except Exception as error:
        raise CallError(Problem(
            VARIABLE, "the address of the database cannot be read", str(error).splitlines()[0],
            "write postgresql://user@host:5432/database, and the password in PGPASSWORD or ~/.pgpass",
        )) from error  # fmt: skip
    options: dict[str, Any] = {
        k: v for k, v in parts.items() if k not in ("dbname", "user", "password", "host", "port", "options")
    }
    # a statement whose client was killed ends by itself, and lets go of its locks
    switches = [*([str(parts["options"])] if parts.get("options") else []), "-c client_connection_check_interval=2s"]
    if role:
        switches.append(f"-c role={role}")
    options["options"] = " ".join(switches)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname", "hanse"),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": parts.get("port", ""),
        "OPTIONS": options,
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": None,
    }
