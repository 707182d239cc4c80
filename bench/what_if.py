"""What does one what-if answer cost, server and database together?

    python bench/what_if.py [--partners N] [--answers K] [--json]

The installation of bench/batch_from_database.py, evaluated once. Then the page answers, for partners from all over the
channel, what each of its own suggestions would change; processor time is that of this process, which answers, and of
the server's processes. Besides: the answer for a day that nobody has asked about before, which is prepared first.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import psycopg

import _installation as installation
from _measure import Figure, call, report
from fresh_standing import _evaluated, _partners, _processor, _url
from generate import AS_OF, channel

PARTNERS, ANSWERS, PROCESSOR_MS = 10_000, 200, 60.0
USER = "bench@vendor.example"
_OFFERED = re.compile(r'<a class="grow" href="([^"#]+)#answer"')


def main() -> None:
    """The command."""
    parser = call("What does one what-if answer cost, server and database together?", partners=PARTNERS)
    parser.add_argument("--answers", type=int, default=ANSWERS, help=f"answers asked for ({ANSWERS})")
    asked = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "hanse.config.web"
    installation.ready(asked.data / f"{asked.partners}-installation")
    installation.filled(channel(asked.partners, asked.data))
    _evaluated(installation.in_force("2016-01-01"))
    with psycopg.connect(_url(), autocommit=True) as watch:
        browser = _browser()
        offered = _offered(browser, _partners(watch, asked.answers))[: asked.answers]
        for address in offered[:5]:  # warm after these
            browser.get(address)
        python, server, waits = _measured(browser, offered, watch)
        days = [f"{offered[0]}&on={AS_OF + timedelta(days=n)}" for n in range(1, 6)]
        new = _measured(browser, days, watch)
    figures = [
        Figure("partners", asked.partners, "partners"),
        Figure("answers", len(offered), "answers"),
        Figure("processor, the process that answers", round(python, 1), "ms an answer"),
        Figure("processor, the database", round(server, 1), "ms an answer"),
        Figure("processor, together", round(python + server, 1), "ms an answer", PROCESSOR_MS),
        Figure("on the clock, middle", round(median(waits), 1), "ms"),
        Figure("a day asked about for the first time, processor, together", round(new[0] + new[1], 1), "ms an answer"),
    ]
    report("what_if", figures, as_json=asked.json)


def _browser() -> Any:
    """Somebody of the vendor's, signed in."""
    from django.test import Client

    from hanse.apps.accounts.actors import operator
    from hanse.apps.accounts.models import User
    from hanse.apps.accounts.services import role_grant, user_add

    if not User.objects.filter(username=USER).exists():
        user_add(actor=operator(), username=USER)
        role_grant(actor=operator(), username=USER, role="channel_chief")
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username=USER), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _offered(browser: Any, keys: list[str]) -> list[str]:
    """The addresses of what the page suggests for partners, a few for each."""
    found: list[str] = []
    for key in keys:
        page = browser.get("/what-if/", {"partner": key})
        if page.status_code == 200:
            found += ["/what-if/" + unescape(link) for link in _OFFERED.findall(page.text)[:3]]
    return found


def _measured(browser: Any, addresses: list[str], watch: psycopg.Connection[Any]) -> tuple[float, float, list[float]]:
    """Processor milliseconds an answer, of this process and of the server's others; and the time each took."""
    waits = []
    own, others = process_time(), _others(watch)
    for address in addresses:
        began = perf_counter()
        page = browser.get(address)
        waits.append((perf_counter() - began) * 1000)
        assert page.status_code == 200, (address, page.status_code)
        assert 'id="answer"' in page.text, address
    n = len(addresses) / 1000
    return (process_time() - own) / n, (_others(watch) - others) / n, waits


def _others(watch: psycopg.Connection[Any]) -> float:
    """Processor seconds of the server's processes but the one that is asked here, those that have ended included."""
    (pid,) = watch.execute("SELECT pg_backend_pid()").fetchone() or (0,)
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    parent = int(stat[1])
    fields = Path(f"/proc/{parent}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    ended = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    living = watch.execute("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()").fetchall()
    return ended + sum(_processor(int(row[0])) for row in living)


if __name__ == "__main__":
    main()
