"""Ten thousand requests that mean no good: none breaks a page or shows a firm what is another's; no forged form counts.

HANSE_REQUESTS says how many (for a long look: HANSE_REQUESTS=200000). They come in walks of one user each, twenty of
them over one database, where all that they do stays done.
"""

from __future__ import annotations

import copy
import os
import random
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import got_request_exception
from django.http import HttpResponseBase
from django.test import Client
from django.urls import Resolver404, resolve

from database import connect
from fronts import world
from fronts.addresses import ADDRESSES, CHIEF, PAGES, PARTNER
from fronts.pages.signed_in import browser
from hanse.config.urls import ROUTES
from security.requests import SAFE, Asked, Found, crawl, drawn

REQUESTS = int(os.environ.get("HANSE_REQUESTS", "10000"))
WALK, PARTS = 25, 20  # requests of one walk; parts, so that workers share them
EXPLORERS, FAR, NEAR = {CHIEF, "programme_manager", PARTNER}, 120, 30  # how many pages a crawl looks at
NAMES = ["", *world.HELD]
NAMED: list[str] = []  # what users of one database called themselves
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Prepared:
    """A database in which everybody has signed in; their cookies, and the links and forms of their pages."""

    database: str
    cookies: dict[str, Any]
    found: dict[str, Found]


@pytest.fixture(scope="module")
def prepared(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """Everybody signed in, and what a crawl finds; nobody is connected afterwards, so that it can be cloned."""
    made = world.made_once(server_url, tmp_path_factory.mktemp("world"))
    with world.cloned(server_url, made, "signed_in"):
        clients = {name: browser(world.address(name) if name else "") for name in NAMES}
        known = [one.path for one in ADDRESSES.values()]
        for client in clients.values():
            client.raise_request_exception = False
        found = {name: crawl(client, known, FAR if name in EXPLORERS else NEAR) for name, client in clients.items()}
        cookies = {name: client.cookies for name, client in clients.items()}
        connect(None)
        yield Prepared(f"hanse_{os.getpid()}_signed_in", cookies, found)


@pytest.fixture
def town(server_url: str, prepared: Prepared) -> Iterator[Prepared]:
    """The same in a database of the test's own, where all that is done stays done."""
    with world.cloned(server_url, prepared.database, "walked"):
        yield prepared


@pytest.fixture
def broken() -> Iterator[list[str]]:
    """What broke inside a view, with the place."""
    said: list[str] = []

    def note(**_: object) -> None:
        said.append("".join(traceback.format_exc(limit=-6)))

    got_request_exception.connect(note)
    yield said
    got_request_exception.disconnect(note)


def test_the_crawl_finds_the_pages(prepared: Prepared) -> None:
    found = prepared.found
    assert {path for one in found.values() for path in one.broken} == set()
    forms = {form.address.partition("?")[0] for one in found.values() for form in one.forms}
    links = {link.partition("?")[0] for one in found.values() for link in one.links}
    assert {"/login/", "/language/", "/logout/"} <= forms
    reached = forms | links
    # reached by a refusal, from a letter, where a firm shows itself to everybody, or from one to which it is connected
    by_letter = {"account_inactive", "accept", "directory_firm", "together"}
    led_to = {pattern for link in reached if (pattern := pattern_of(link)) is not None}
    orphans = {one.name for one in ROUTES if one.name in PAGES and one.path not in led_to} - by_letter
    assert orphans == set(), "nobody is led there"


def pattern_of(path: str) -> str | None:
    """The path of the table that an address belongs to."""
    try:
        return resolve(path).route
    except Resolver404:
        return None


@pytest.mark.parametrize("part", range(PARTS))
def test_generated_requests(part: int, town: Prepared, broken: list[str]) -> None:
    draw = random.Random(part)
    wrong: list[str] = []
    NAMED.clear()
    for walk in range(max(1, REQUESTS // PARTS // WALK)):
        name = draw.choice(NAMES)
        wrong += walked(part * 10_000 + walk, name, town, broken)
    assert not wrong, f"{len(wrong)} of them, such as:\n" + "\n".join(wrong[:5])


def walked(seed: int, name: str, town: Prepared, broken: list[str]) -> Iterator[str]:
    """One walk; what is wrong with its answers."""
    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    client.cookies = copy.deepcopy(town.cookies[name])
    asked_so_far = ""
    for asked in drawn(seed, name, town.found, WALK):
        asked_so_far += str(asked)
        if asked.path.startswith("/account/"):  # who gives themselves another name is called so in later walks too
            NAMED.append(str(asked))
        answer = sent(client, asked)
        if answer.status_code >= 500:
            yield f"{name or 'a stranger'} broke a page: {asked}\n{broken[-1] if broken else ''}"
            return
        if asked.forged and asked.method not in SAFE and answer.status_code != 403:
            yield f"{name or 'a stranger'} was let through with a forged form: {asked} -> {answer.status_code}"
        seen = world.strange(name, text_of(answer) + str(answer.headers), asked_so_far + "".join(NAMED))
        if seen:
            yield f"{name or 'a stranger'} was shown {sorted(seen)[:5]}: {asked}"


def sent(client: Client, asked: Asked) -> Any:
    """Sends a request as a browser would, and a forged one as another site would."""
    client.handler.enforce_csrf_checks = asked.forged
    if asked.method in SAFE:
        query = urlencode(asked.data, errors="replace")
        path = asked.path + ("&" if "?" in asked.path else "?") + query if query else asked.path
        return client.generic(asked.method, path, headers=asked.headers)
    if any(isinstance(value, SimpleUploadedFile) for value in asked.data.values()):
        plain = {k: v.encode("utf-8", "replace").decode() if isinstance(v, str) else v for k, v in asked.data.items()}
        return client.post(asked.path, plain, headers=asked.headers)
    body = urlencode(asked.data, errors="surrogatepass")
    return client.generic(asked.method, asked.path, body, FORM, headers=asked.headers)


def text_of(answer: HttpResponseBase) -> str:
    """Everything an answer says, be it a page or a stream."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined, arg-type]
    return content.decode("utf-8", "replace")
