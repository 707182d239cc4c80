"""What is logged, and how?

Events go to standard error, one line each: as JSON where nobody looks (or `HANSE_LOG=json`), as text on a terminal (or
`HANSE_LOG=text`). Warnings and worse are shown; `HANSE_LOG_LEVEL` names another level. Modules log through the
standard `logging`, with named values in `extra`; structlog renders them, and is loaded when there is something to say.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_OURS = ("hanse", "procrastinate", "django")


def configure() -> None:
    """Sets logging up for this process, once; a second call changes nothing."""
    ours = logging.getLogger("hanse")
    if any(isinstance(handler, _Events) for handler in ours.handlers):
        return
    handler = _Events()
    for name in _OURS:
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(level())
        logger.propagate = False


def level() -> str:
    """The least severe level that is shown."""
    named = os.environ.get("HANSE_LOG_LEVEL", "").upper()
    return named if named in LEVELS else "WARNING"


def as_json() -> bool:
    """Do events come out as JSON?"""
    wish = os.environ.get("HANSE_LOG", "")
    return wish == "json" or (wish != "text" and not sys.stderr.isatty())


class _Events(logging.Handler):
    """Hands every record to structlog's formatter."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one line to standard error as it is now."""
        if self.formatter is None:
            self.setFormatter(_formatter())
        sys.stderr.write(self.format(record) + "\n")
        sys.stderr.flush()


def _formatter() -> logging.Formatter:
    import structlog

    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if as_json():
        last: list[Any] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str)]
    else:
        last = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=before,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
