"""`hanse demo` walks the whole way, shows at once what is there, and ends with pages that those it lists sign in to."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from time import sleep

import psutil
import pytest

from hanse.fronts.cli import demo_people, demo_state
from hanse.fronts.cli.demo_state import LogIn, Made
from hanse.language.problems import CallError

WALKED = (
    "migrations", "Platinum", "United States", "MISSING", "requirement is missing", "on '31.02.2017' is not a day",
    "Silver → Gold", "is taken back", "would change level", "is piloted from", "The trail holds", "report.html",
    "channel chief", "partner administrator", "Everybody's password is",
)  # fmt: skip


@pytest.fixture
def out() -> Iterator[Path]:
    """A folder that the embedded database's own user may enter, unlike pytest's."""
    with tempfile.TemporaryDirectory(prefix="hanse-demo-") as folder:
        yield Path(folder) / "demo"


def called(out: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "hanse.fronts.cli.main", "demo", "--partners", "300", "--out", str(out), *more]


def environment() -> dict[str, str]:
    """That of somebody who has an installation of their own: the demo must not touch it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HANSE_", "DJANGO_"))}
    return kept | {"HANSE_DATABASE_URL": "postgresql://nobody@nowhere.invalid/none", "HANSE_HOSTS": "hanse.example"}


def walked(out: Path, *more: str) -> str:
    done = subprocess.run(
        called(out, *more), env=environment(), capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_walks_the_whole_way_then_serves_what_is_there(out: Path) -> None:
    """In processes of their own, for each stays in its installation."""
    said = walked(out, "--no-serve")
    for word in WALKED:
        assert word in said, word
    assert (out / "rehearsal" / "report.html").is_file()
    kept = demo_state.found(out)
    assert kept is not None
    assert {one.role for one in kept.people} >= {"channel_chief", "auditor", "partner_administrator", "partner_member"}
    assert stat.S_IMODE((out / demo_state.KEPT).stat().st_mode) == 0o600

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with subprocess.Popen(
            called(out, "--port", str(port)), env=environment(), stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                _looked_at(process, out, kept, port)
            finally:
                process.kill()


def _looked_at(process: subprocess.Popen[str], out: Path, kept: Made, port: int) -> None:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Hanse is at" in line:
            break
    said = "".join(lines)
    assert "is there already" in said
    assert f"Port {port} is taken" in said
    found = re.search(r"Hanse is at http://localhost:(\d+)/", said)
    assert found is not None, said
    address = f"http://127.0.0.1:{found[1]}/"
    for one in kept.people:
        assert 'action="/logout/"' in _first_page(address, one.address, kept.password), one
    refused = subprocess.run(called(out), env=environment(), capture_output=True, text=True, check=False, timeout=60)
    assert (refused.returncode, "another demo is at work here" in refused.stderr) == (2, True)
    below = psutil.Process(process.pid).children(recursive=True)
    assert any("work" in one.cmdline() for one in below)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0
    psutil.wait_procs(below, timeout=30)
    assert not [one for one in below if one.is_running()]


def _first_page(address: str, username: str, password: str) -> str:
    """Signs in as a browser does, once the server answers."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    for attempt in range(100):
        try:
            page = opener.open(f"{address}login/", timeout=30).read().decode()
            break
        except OSError:
            if attempt == 99:
                raise
            sleep(0.3)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    form = urllib.parse.urlencode({"login": username, "password": password, "csrfmiddlewaretoken": token[1]})
    asked = urllib.request.Request(f"{address}login/", form.encode(), {"Referer": f"{address}login/"})
    return str(opener.open(asked, timeout=30).read().decode())


def test_what_is_kept_is_found_again_and_what_is_cut_short_is_no_demo(tmp_path: Path) -> None:
    assert demo_state.found(tmp_path) is None
    made = Made(demo_state.made_by(300), "a-b-c-d", (LogIn("ann@firm.example", "auditor", "the trail"),))
    demo_state.keep(tmp_path, made)
    assert demo_state.found(tmp_path) == made
    assert demo_state.made_by(301) != made.by
    kept = tmp_path / demo_state.KEPT
    for text in (kept.read_text(encoding="utf-8")[:-20], json.dumps({"by": "x"})):
        kept.write_text(text, encoding="utf-8")
        assert demo_state.found(tmp_path) == Made("", "", ())


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").touch()
    with pytest.raises(CallError, match=r"thesis\.odt"), demo_state.alone(tmp_path):
        pass


def test_two_demos_are_not_in_one_folder(tmp_path: Path) -> None:
    with demo_state.alone(tmp_path), pytest.raises(CallError, match="another demo"), demo_state.alone(tmp_path):
        pass
    with demo_state.alone(tmp_path):
        pass


def test_passwords_differ_and_are_strong_enough() -> None:
    given = {demo_people.password() for _ in range(50)}
    assert len(given) == 50
    assert all(len(one) >= 15 for one in given)
