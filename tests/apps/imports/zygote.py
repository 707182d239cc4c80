"""A process with everything loaded that forks a child per order, and kills it when told to: a kill costs milliseconds.

Orders are lines of JSON on standard input: {"url", "do": "import" | "resume" | "undo" | "evaluate", "path", "number", "edition",
"as_of", "kill_after": seconds or null}. Each is answered with {"killed": bool, "seconds": float, "exit": int}.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

EXPECTED_ERROR = 3


def prepared() -> None:
    """Loads what a child needs; opens nothing, for a connection or a thread would not survive the fork."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hanse.config.settings")
    import django

    django.setup()
    import duckdb  # noqa: F401
    import pyarrow.compute
    import pyarrow.csv
    import pyarrow.parquet  # noqa: F401

    import hanse.engines.run
    import hanse.language.compiler  # noqa: F401
    from hanse.apps.imports import codes, names, services  # noqa: F401
    from hanse.apps.imports.contents import look_at

    for heading in ("partner", "on", "amount", "currency", "customer", "name", "country"):
        for table, columns in names.usual_names().columns.items():
            for column in columns:
                names.weight(heading, table, column)
    look_at(["Deutschland", "EUR", "2017-06-30"])
    codes.currency_code("Euro")
    from procrastinate.contrib.django import app

    app.configure_task("nothing")


def obey(order: dict[str, Any]) -> None:
    """In the child: does one thing to one database."""
    from django.db import connections

    from hanse.apps.accounts.actors import operator
    from hanse.apps.evaluation import services as evaluation
    from hanse.apps.imports import services
    from hanse.installation.address import APPLICATION_ROLE, django_database
    from hanse.language.problems import CallError

    os.environ["HANSE_DATABASE_URL"] = order["url"]
    for alias, role in (("default", APPLICATION_ROLE), ("owner", None)):
        connections[alias].settings_dict.update(django_database(role=role))
    try:
        if order["do"] == "import":
            services.import_file(actor=operator(), path=Path(order["path"]), source="crashes")
        elif order["do"] == "resume":
            services.resume(actor=operator())
        elif order["do"] == "evaluate":
            day = date.fromisoformat(order["as_of"])
            evaluation.evaluate(actor=operator(), edition=order["edition"], as_of=day, reason="a crash test")
        else:
            services.undo(actor=operator(), number=order["number"], reason="a crash test")
    except CallError as error:
        sys.stderr.write(str(error))
        os._exit(EXPECTED_ERROR)


def carry_out(order: dict[str, Any]) -> dict[str, Any]:
    """Forks the child, kills it after a while if so ordered, and waits for its end."""
    began = time.perf_counter()
    child = os.fork()
    if child == 0:
        try:
            obey(order)
        except BaseException:  # noqa: BLE001  whatever it is, the child must end here and say so
            import traceback

            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if order["kill_after"] is not None:
        _, status = _ended_within(child, order["kill_after"])
        if status is None:
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
    else:
        _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return {"killed": code == -signal.SIGKILL, "seconds": time.perf_counter() - began, "exit": code}


def _ended_within(child: int, seconds: float) -> tuple[int, int | None]:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return pid, status
        time.sleep(0.0005)
    return 0, None


if __name__ == "__main__":
    prepared()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(carry_out(json.loads(line))) + "\n")
        sys.stdout.flush()
