"""Where are the style sheet and the scripts? frontend/build.mjs names each by its content, and lists them here."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from hanse.language.problems import CallError, Problem

FOLDER = Path(__file__).resolve().parent / "static" / "pages"
IMMUTABLE = (
    r"^/static/pages/.+\.[0-9a-f]{12}\.(css|js|json)$"  # a name that holds its content's hash never changes its content
)
_LISTED = FOLDER / "manifest.json"


def address_of(name: str) -> str:
    """The address of a built file, such as `pages.css`. Raises CallError where nothing, or not this, was built."""
    found = _built().get(name)
    if found is None:
        raise CallError(Problem(str(_LISTED), f"{name} is not among the files that were built",
                                "a page asks for it", "name one of: " + ", ".join(sorted(_built()))))  # fmt: skip
    return f"/static/pages/{found}"


def check_built() -> None:
    """Raises CallError where the browser's files have not been built."""
    _built()


@lru_cache(maxsize=1)
def _built() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(_LISTED.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        why = "they are made at set-up, and are not in the repository"
        problem = Problem(str(_LISTED), "the browser's files have not been built", why, "run make frontend")
        raise CallError(problem) from error
    return found
