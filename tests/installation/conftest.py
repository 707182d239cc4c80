"""Installations of the tests' own: homes with an embedded server each, or databases on one that they share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanse.installation import server
from installation.places import Place, database_beside, new_folder


@pytest.fixture
def home_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home for this process; whatever server runs there is stopped at the end."""
    folder = new_folder()
    monkeypatch.setenv("HANSE_HOME", str(folder))
    monkeypatch.delenv("HANSE_DATABASE_URL", raising=False)
    yield folder
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def shared() -> Iterator[Place]:
    """A server that the tests of a module share, with a database that `hanse init` made: the template of others."""
    place = Place(new_folder())
    before = os.environ.get("HANSE_HOME")
    os.environ["HANSE_HOME"] = str(place.home)
    place.url = server.start()
    place.run("init")
    yield place
    server.stop()
    if before is None:
        del os.environ["HANSE_HOME"]
    else:
        os.environ["HANSE_HOME"] = before
    shutil.rmtree(place.home)


@pytest.fixture
def initialised(shared: Place) -> Iterator[Place]:
    """An installation in which nothing has been recorded."""
    yield from database_beside(shared, "hanse")


@pytest.fixture
def bare(shared: Place) -> Iterator[Place]:
    """A home and a database with nothing in them."""
    yield from database_beside(shared)
