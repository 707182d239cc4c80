"""The world of two firms, in a committed database that each file here only reads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fronts import world


@pytest.fixture(scope="module")
def two_firms(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The world, made once for each worker and cloned for each file."""
    made = world.made_once(server_url, tmp_path_factory.mktemp("world"))
    with world.cloned(server_url, made, "security"):
        yield
