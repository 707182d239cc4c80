"""A browser, and an installation that it visits: started once for each file, and never while the ORM is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from fronts import world
from fronts.pages.signed_in import browser
from journeys import chromium, serving

LANGUAGES = ("en", "fr")


@dataclass
class Visited:
    """The world, served: its address, and the key of everybody's session."""

    url: str
    sessions: dict[str, str] = field(default_factory=dict)

    def cookies(self, name: str, language: str) -> list[dict[str, Any]]:
        """The cookies of somebody (a stranger without a name) who reads in a language."""
        given = {"hanse-language": language} | ({"hanse": self.sessions[name]} if name else {})
        return [{"name": key, "value": value, "url": self.url} for key, value in given.items()]


@pytest.fixture(scope="module")
def program() -> str:
    """The browser's program; where there is none, the journeys are skipped with a loud line."""
    found = chromium.path()
    if found is None:
        pytest.skip(chromium.ADVICE)
    return found


@pytest.fixture(scope="module")
def visited(
    request: pytest.FixtureRequest,
    program: str,
    server_url: str,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Visited]:
    """The world of two firms in a database of this file's own, served by `hanse serve`, everybody signed in.

    With the worker that does its jobs, where the file says `WORKS = True`.
    """
    made = world.made_once(server_url, tmp_path_factory.mktemp("world"))
    with world.cloned(server_url, made, request.module.__name__.rpartition(".")[2]) as database:
        sessions = {name: browser(world.address(name)).cookies["hanse"].value for name in world.HELD}
        with serving.served(database, worker=getattr(request.module, "WORKS", False)) as url:
            yield Visited(url, sessions)


@pytest.fixture(scope="module")
def window(request: pytest.FixtureRequest, program: str, visited: Visited) -> Iterator[Any]:
    """The browser; one that shows maps, where the file says `DRAWS = True`."""
    with chromium.opened(program, draws=getattr(request.module, "DRAWS", False)) as opened:
        yield opened
