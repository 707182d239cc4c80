"""Is what is logged one line each, for a program where nobody looks, and nothing at all where all is well?"""

from __future__ import annotations

import json
import subprocess
import sys

PROGRAM = """
import logging
from hanse.installation import logs
logs.configure()
logs.configure()
log = logging.getLogger("hanse.somewhere")
log.info("not shown")
log.warning("waiting for %s", "the database", extra={"seconds": 5})
logging.getLogger("procrastinate.worker").warning("a job failed")
try:
    1 / 0
except ZeroDivisionError:
    log.exception("failed")
"""


def lines(**environment: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_as_json_where_nobody_looks() -> None:
    first, second, third = [json.loads(line) for line in lines()]
    assert (first["event"], first["level"], first["logger"]) == (
        "waiting for the database",
        "warning",
        "hanse.somewhere",
    )
    assert first["seconds"] == 5
    assert first["timestamp"].endswith("Z")
    assert (second["event"], second["logger"]) == ("a job failed", "procrastinate.worker")
    assert "ZeroDivisionError" in third["exception"]


def test_as_text_when_asked() -> None:
    said = lines(HANSE_LOG="text")
    assert any("waiting for the database" in line and "seconds=5" in line for line in said)
    assert "ZeroDivisionError: division by zero" in said


def test_more_when_asked() -> None:
    assert json.loads(lines(HANSE_LOG_LEVEL="info")[0])["event"] == "not shown"
    assert json.loads(lines(HANSE_LOG_LEVEL="nonsense")[0])["level"] == "warning"
