"""Requests as nobody means them: links and forms of the pages, with keys of others, hostile values, wrong methods.

A crawl of the pages of every user finds the links and forms there are. A generator then draws requests from them: by
the user whose page it was or by another, some of the values exchanged. The same seed draws the same requests.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from fronts.addresses import ADDRESSES
from fronts.world import QUARZ, ZEPHYR
from hanse.config.urls import ROUTES

FRONTS = Path(__file__).resolve().parents[2] / "src/hanse/fronts"
_PARAMETER = re.compile(r'(?:GET(?:\.get\(|\.getlist\(|\[)|\(request, )"([a-z_][\w-]*)"')
PARAMETERS = sorted({name for path in FRONTS.rglob("*.py") for name in _PARAMETER.findall(path.read_text("utf-8"))})

KEYS = [
    one
    for firm in (ZEPHYR, QUARZ)
    for one in (firm.key, f"T-{firm.word}-1", f"C-{firm.word}", f"D-{firm.word}",
    f"administrator.{firm.word}@harbour.example")
]  # fmt: skip
PLAIN = [
    "1", "2", "3", "4", "99", "harbour/2026", "harbour/2027", "harbour", "2026-06-30", "2026-03-31", "2027-01-01",
    "silver", "gold",
    "revenue", "certified_people", "cloud", "security", "sales", "people", "FR", "DE", "on", "csv", "channel_chief",
    "en", "fr",
    "partner_administrator", "a reason in a few words", "training_places", "5", "level:gold",
]  # fmt: skip
HOSTILE = [
    "", " ", "0", "-1", "1e400", str(2**63), str(10**30), "%00", "\x00", "\r\nSet-Cookie: a=b", "\ud800", "\u202e",
    "é" * 50, "x" * 5_000,
    "P-404", "' OR 1=1 --", "1; DROP TABLE accounts_user; --", "1' UNION SELECT username FROM accounts_user --",
    "%' OR '%'='",
    "../../../../etc/passwd", "..%2f..%2fsecret_key", "/etc/passwd", "file:///etc/passwd", "//elsewhere.example/",
    "javascript:alert(1)",
    "https://elsewhere.example/", "<script>alert(1)</script>", "{{ settings.SECRET_KEY }}", "{% debug %}",
    "{0.__class__}", "${7*7}",
    "0001-01-01", "9999-12-31", "2026-02-30", "NaN", "Infinity", "null", "[]", '{"a": 1}', "a\\b", "a,b;c", "*",
    "_%", "1_000", "١٢٣", "operator:root",
]  # fmt: skip
FILES = [
    ("sales.csv", b"partner,on,amount,currency\nP-zephyr,2026-04-01,10,EUR\nP-zephyr,2026-04-31,10,EUR\n"),
    ("../../etc/passwd", b"partner,on,amount,currency\n"),
    ("empty.csv", b""),
    ("sums.xlsx", b"PK\x03\x04 this is no workbook"),
    ("=cmd.csv", b"a;b\n=1+1;@x\n"),
    ("binary.parquet", bytes(range(256)) * 4),
    ("page.html", b"<script>alert(1)</script>"),
    ("bomb.zip", b"PK\x05\x06" + bytes(18)),
    ("programme.yaml", b"programme: &a [*a, *a]\nedition: !!python/object/apply:os.system [ls]\n"),
    ("long" + "g" * 300 + ".csv", b"partner\n" + b"x" * 10_000),
]
METHODS = ("PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


@dataclass(frozen=True)
class Form:
    """A form of a page: where it goes, how, what it would send, and the choices of its fields."""

    address: str
    method: str
    fields: tuple[tuple[str, str], ...]
    choices: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()


@dataclass
class Found:
    """What the crawl found for one user."""

    links: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    """One request to be sent: with its form's key unless `forged`."""

    method: str
    path: str
    data: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    forged: bool = False

    def __str__(self) -> str:
        forged = " (without the form's key)" if self.forged else ""
        return f"{self.method} {self.path!r} {self.data!r} {self.headers!r}{forged}"


class _Reader(HTMLParser):
    """Reads the links and the forms of a page."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base, self.links, self.forms = base, [], []
        self._form: dict[str, Any] | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name in ("href", "hx-get"):
            if tag != "link" and name in given and given[name].partition(":")[0] not in ("mailto", "data"):
                self.links.append(urljoin(self.base, given[name]))
        if "hx-post" in given:
            self.forms.append(Form(urljoin(self.base, given["hx-post"]), "POST", ()))
        if tag == "form":
            address = urljoin(self.base, given.get("action", "") or self.base)
            self._form = {
                "address": address,
                "method": given.get("method", "get").upper(),
                "fields": [],
                "choices": [],
                "files": [],
            }
        elif self._form is not None and tag in ("input", "button", "textarea", "select", "option"):
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        assert self._form is not None
        name, kind = given.get("name", ""), given.get("type", "")
        if tag == "select":
            self._select = name
        elif tag == "option":
            self._form["choices"].append((self._select, given.get("value", "")))
            if "selected" in given:
                self._form["fields"].append((self._select, given.get("value", "")))
        elif not name or name == "csrfmiddlewaretoken":
            return
        elif kind == "file":
            self._form["files"].append(name)
        elif tag == "button" or kind in ("checkbox", "radio", "submit"):
            self._form["choices"].append((name, given.get("value", "on")))
        else:
            self._form["fields"].append((name, given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form is not None:
            f = self._form
            self.forms.append(
                Form(f["address"], f["method"], tuple(f["fields"]), tuple(f["choices"]), tuple(f["files"]))
            )
            self._form = None


def crawl(client: Client, begin: Iterable[str], at_most: int = 120) -> Found:
    """The links and forms that a user meets who begins at some addresses."""
    found, seen = Found(), set()
    waiting = list(begin)
    while waiting and len(seen) < at_most:
        path = waiting.pop(0)
        if _shape(path) in seen:
            continue
        seen.add(_shape(path))
        answer = client.get(path)
        found.broken += [path] if answer.status_code >= 500 else []
        if answer.status_code != 200 or "text/html" not in answer.get("Content-Type", ""):
            continue
        reader = _Reader(path)
        reader.feed(answer.text)
        ours = [link.partition("#")[0] for link in reader.links if not urlsplit(link).netloc]
        found.links += [link for link in ours if link not in found.links]
        found.forms += [form for form in reader.forms if form not in found.forms]
        waiting += ours
    return found


def _shape(path: str) -> str:
    """Addresses that differ by a value only are looked at once."""
    parts = urlsplit(path)
    names = sorted({name for name, _ in parse_qsl(parts.query)})
    return re.sub(r"\d+", "0", parts.path) + "?" + ",".join(names)


def drawn(seed: int, name: str, found: dict[str, Found], so_many: int) -> Iterator[Asked]:
    """So many requests of one user, drawn by the seed from what was found for everybody."""
    draw = random.Random(f"{seed} {name}")
    for _ in range(so_many):
        of = name if name in found and draw.random() < 0.6 else draw.choice(sorted(found))
        kind = draw.choices(("route", "link", "form", "method", "forged"), (30, 20, 35, 5, 10))[0]
        headers = _headers(draw) if draw.random() < 0.3 else {}
        if kind == "link" and found[of].links:
            yield Asked("GET", _turned(draw, draw.choice(found[of].links)), headers=headers)
        elif kind in ("form", "forged") and found[of].forms:
            form = draw.choice(found[of].forms)
            forged = kind == "forged" and form.method == "POST"
            yield Asked(form.method, form.address, _filled(draw, form), headers, forged=forged)
        elif kind == "method":
            yield Asked(draw.choice(METHODS), _of_route(draw), headers=headers)
        else:
            yield Asked(draw.choice(("GET", "GET", "GET", "POST")), _of_route(draw), headers=headers)


def _value(draw: random.Random) -> str:
    return draw.choice(draw.choice((KEYS, PLAIN, HOSTILE)))


def _of_route(draw: random.Random) -> str:
    """The address of any route, its parts filled with anything, and often a query."""
    route = draw.choice(ROUTES)
    example = ADDRESSES.get(route.name)
    if example and draw.random() < 0.4:
        path = example.path
    else:
        path = "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda part: _part(draw, part[1] or "str"), route.path)
    if draw.random() < 0.6:
        names = draw.sample(PARAMETERS, min(len(PARAMETERS), draw.randint(1, 3)))
        path += "?" + urlencode([(one, _value(draw)) for one in names], errors="replace")
    return path


def _part(draw: random.Random, kind: str) -> str:
    if kind == "int":
        return draw.choice(("1", "2", "3", "7", "99", "0", str(2**31), str(2**63), "9" * 40))
    from urllib.parse import quote

    return quote(_value(draw), safe="/" if kind == "path" else "", errors="replace") or "x"


def _turned(draw: random.Random, link: str) -> str:
    """A link, perhaps with one of the values of its query exchanged."""
    parts = urlsplit(link)
    given = parse_qsl(parts.query, keep_blank_values=True)
    if given and draw.random() < 0.6:
        place = draw.randrange(len(given))
        given[place] = (given[place][0], _value(draw))
    return parts.path + ("?" + urlencode(given, errors="replace") if given else "")


def _filled(draw: random.Random, form: Form) -> dict[str, Any]:
    """A form as it might be sent: mostly as it stands or with choices of its own, sometimes with anything at all."""
    data: dict[str, Any] = dict(form.fields)
    for name, value in draw.sample(form.choices, min(len(form.choices), draw.randint(0, 3))):
        data[name] = value
    wild = draw.random()
    for name in list(data):
        if draw.random() < wild * 0.7 or not data[name]:
            data[name] = _value(draw)
    if draw.random() < 0.1:
        data.pop(draw.choice([*data, ""]), None)
    for name in form.files:
        if draw.random() < 0.8:
            file, content = draw.choice(FILES)
            data[name] = SimpleUploadedFile(file, content) if form.method == "POST" else file
    data.pop("", None)
    return data


def _headers(draw: random.Random) -> dict[str, str]:
    given = {"HX-Request": "true"}
    if draw.random() < 0.5:
        given["HX-Target"] = draw.choice(("content", "results", "x" * 300, "<b>"))
    if draw.random() < 0.5:
        given["HX-Current-URL"] = draw.choice(
            ("http://localhost/standing/", "https://elsewhere.example/x", "//", "http://[", "é")
        )
    if draw.random() < 0.3:
        given["HX-Boosted"] = "true"
    if draw.random() < 0.2:
        given["Accept-Language"] = draw.choice(("fr", "de;q=x", "*", "x" * 500))
    return given
