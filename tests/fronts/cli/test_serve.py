"""`hanse serve` says clearly where it cannot listen; that it serves is seen in the demo's test."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from fronts.cli.calling import Calls
from hanse.fronts.cli import serve
from hanse.language.problems import CallError


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Calls:
    return Calls(capsys)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port at which somebody listens."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield int(listening.getsockname()[1])


def test_a_taken_port_is_said_with_a_free_one(call: Calls, taken: int) -> None:
    said = call("serve", "--port", str(taken))
    assert said.code == 2
    assert f"the port {taken} of 127.0.0.1 is taken" in said.err
    assert "hanse serve --port" in said.err


def test_the_next_free_port_is_free(taken: int) -> None:
    assert not serve.is_free("127.0.0.1", taken)
    found = serve.next_free("127.0.0.1", taken)
    assert found > taken
    assert serve.is_free("127.0.0.1", found)


def test_an_address_that_is_none_is_said() -> None:
    with pytest.raises(CallError, match="no address of this machine"):
        serve.is_free("no such host.invalid", 8000)


def test_everywhere_is_opened_as_this_machine() -> None:
    assert serve.address_of("0.0.0.0", 8000) == "http://localhost:8000/"
    assert serve.address_of("192.0.2.1", 80) == "http://192.0.2.1:80/"
