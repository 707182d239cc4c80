"""The guild of the portal's tests, in a committed database that they only read."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from database import TEMPLATE, administered, connect, database_url
from fronts.portal import guild as firms
from hanse.apps.evaluation import warm


@pytest.fixture(scope="module")
def guild(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The firms, made once for each file."""
    name = f"hanse_{os.getpid()}_guild"
    connect(None)
    administered(server_url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    connect(database_url(server_url, name))
    try:
        firms.make(tmp_path_factory.mktemp("guild"))
        yield
    finally:
        warm.close()
        connect(None)
        administered(server_url, f"DROP DATABASE {name} WITH (FORCE)")
