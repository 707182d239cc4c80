"""What goes with every answer, here and published: headers, cookies, hosts, and errors that give nothing away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from database import connect
from fronts import world
from fronts.addresses import ADDRESSES
from fronts.pages.signed_in import browser

HOST = "partners.example.org"
# in a process of its own: what is published is read from the environment when settings are
_PUBLISHED = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client
def told(answer, client):
    cookies = {name: {key: bool(one[key]) for key in ("secure", "httponly", "domain")} | {"path": one["path"]}
               for name, one in client.cookies.items()}
    return {"status": answer.status_code, "headers": dict(answer.headers), "cookies": cookies, "text": answer.text}
found, https = {}, {"X-Forwarded-Proto": "https"}
for name, host, path, more in (
    ("plain", "HOST", "/login/", {}),
    ("safe", "HOST", "/login/", https),
    ("stranger", "elsewhere.example", "/login/", https),
    ("local", "localhost", "/login/", https),
    ("forwarded", "HOST", "/login/", {**https, "X-Forwarded-Host": "elsewhere.example"}),
):
    client = Client(SERVER_NAME=host, raise_request_exception=False)
    found[name] = told(client.get(path, headers=more), client)
session = {"secure": settings.SESSION_COOKIE_SECURE, "name": settings.SESSION_COOKIE_NAME}
found["settings"] = {**session, "debug": settings.DEBUG}
print(json.dumps(found))
""".replace("HOST", HOST)


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    """What an installation answers that is published at HOST, behind a proxy that speaks HTTPS."""
    environment = {**os.environ, "HANSE_HOSTS": HOST, "DJANGO_SETTINGS_MODULE": "hanse.config.web"}
    done = subprocess.run(
        [sys.executable, "-c", _PUBLISHED], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def test_published_pages_are_for_https_alone(published: dict[str, Any]) -> None:
    assert published["plain"]["status"] == 301
    assert published["plain"]["headers"]["Location"] == f"https://{HOST}/login/"
    assert published["safe"]["status"] == 200
    strict = published["safe"]["headers"]["Strict-Transport-Security"]
    assert "max-age=31536000" in strict
    assert "includeSubDomains" in strict


def test_published_cookies_are_bound_to_the_host_and_to_https(published: dict[str, Any]) -> None:
    assert published["settings"] == {"secure": True, "name": "__Host-hanse", "debug": False}
    assert published["safe"]["cookies"] == {
        "__Host-hanse-form": {"secure": True, "httponly": True, "domain": False, "path": "/"}
    }


def test_other_hosts_are_refused(published: dict[str, Any]) -> None:
    assert published["stranger"]["status"] == published["local"]["status"] == 400
    assert "elsewhere.example" not in published["forwarded"]["text"]
    assert published["forwarded"]["status"] == 200
    answer = Client(SERVER_NAME="elsewhere.example", raise_request_exception=False).get("/login/")
    assert answer.status_code == 400


def test_nothing_is_in_debugging_mode(published: dict[str, Any]) -> None:
    assert settings.DEBUG is False
    for name in ("stranger", "safe"):
        assert "Traceback" not in published[name]["text"]
        assert settings.SECRET_KEY not in published[name]["text"]


@pytest.mark.usefixtures("two_firms")
def test_every_answer_carries_the_headers() -> None:
    clients = {one.by: browser(world.address(one.by) if one.by else "") for one in ADDRESSES.values()}
    for name, one in ADDRESSES.items():
        answer = clients[one.by].get(one.path)
        said = answer.headers
        assert said["X-Frame-Options"] == "DENY", name
        assert said["X-Content-Type-Options"] == "nosniff", name
        assert said["Referrer-Policy"] == "same-origin", name
        assert said["Cross-Origin-Opener-Policy"] == "same-origin", name
        policy = dict(part.strip().partition(" ")[::2] for part in said["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'", name
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'", name
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'", name
        assert "Server" not in said, name
        assert "X-Powered-By" not in said, name
        if one.by:
            assert "no-store" in said["Cache-Control"], name
            assert "private" in said["Cache-Control"], name
        if one.kind == "page":
            assert said["Content-Type"] == "text/html; charset=utf-8", name
        if one.kind == "file":
            assert said["Content-Disposition"].startswith(("attachment; filename", "inline; filename*=")), name


@pytest.mark.usefixtures("two_firms")
@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example/",
        "https:elsewhere.example",
        "javascript:alert(1)",
        "///elsewhere.example",
        "\thttps://elsewhere.example",
        "http:///elsewhere.example",
        "/%0d%0aSet-Cookie:a=b",
        "\\\\elsewhere.example",
    ],
)
def test_no_address_leads_to_another_site(target: str) -> None:
    data = {"login": world.address("finance"), "password": "four words in a row", "next": target, "language": "fr"}
    for path in ("/login/", "/language/", "/logout/"):
        answer = browser().post(path, data)
        assert answer.status_code == 302, path
        assert answer["Location"].startswith("/"), (path, answer["Location"])
        assert not answer["Location"].startswith(("//", "/\\")), (path, answer["Location"])
        assert "\n" not in answer["Location"]


def test_without_a_database_the_page_says_so_and_gives_nothing_away(template: str) -> None:
    connect("postgresql://hanse@/nowhere?host=/nowhere-at-all")
    try:
        client = Client(SERVER_NAME="localhost", raise_request_exception=False)
        client.cookies[settings.SESSION_COOKIE_NAME] = "k" * 32
        for path in ("/standing/", "/partners/P-1/", "/login/"):
            answer = client.get(path)
            assert answer.status_code in ((200, 500) if path == "/login/" else (500,)), path
            for secret in ("nowhere", "Traceback", "psycopg", settings.SECRET_KEY, "OperationalError"):
                assert secret not in answer.text, (path, secret)
            assert answer.status_code == 200 or "Something broke on our side" in answer.text
    finally:
        connect(None)
