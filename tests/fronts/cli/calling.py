"""Calls the command line as a user does, in this process, and gives back what it printed."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from hanse.fronts.cli.main import run


@dataclass(frozen=True)
class Answer:
    """The exit code, and the text of both streams."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)

    @property
    def problems(self) -> list[dict[str, str]]:
        """The problems on standard error, as JSON."""
        found: list[dict[str, str]] = json.loads(self.err)["problems"]
        return found


class Calls:
    """`call("check", "odoo/11")` runs `hanse check odoo/11`."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *words: object) -> Answer:
        self._capture.readouterr()
        code = run([str(word) for word in words])
        out, err = self._capture.readouterr()
        return Answer(code, out, err)
