"""The channel of the desk's tests, in a committed database that they only read."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from database import TEMPLATE, administered, connect, database_url
from fronts.desk import channel


@pytest.fixture(scope="module")
def desk(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The channel, made once for each file."""
    name = f"hanse_{os.getpid()}_desk"
    connect(None)
    administered(server_url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    connect(database_url(server_url, name))
    try:
        channel.make(tmp_path_factory.mktemp("channel"))
        yield
    finally:
        connect(None)
        administered(server_url, f"DROP DATABASE {name} WITH (FORCE)")
