"""Pictures of every page, both languages, phone and desktop, for people to look at: `make screenshots`.

They are taken over the installation of `make demo` (or that of HANSE_HOME), which is served meanwhile: for each kind of
reader somebody who may is signed in, and an example of every route is found by following links. With `--tour` the
handful of pictures that the README shows is written anew; the queue of duplicates has something to show once the demo's
two lists have been imported.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from journeys import chromium, pages, serving

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "demo/home"
SIZES = {"desktop": pages.WIDE, "phone": pages.NARROW}
PATIENCE, MOMENT = 60_000, 2_000  # milliseconds until something is drawn; and until it stands still
AT_MOST = 200 * 1024  # bytes of a picture of the tour
NO_PAGES = {"/alive/", "/language/", "/seen-as/end/"}
READERS = ("partner_administrator", "channel_chief", "programme_manager")


@dataclass(frozen=True)
class Reader:
    """Somebody signed in: the key of the session, and an example address of every route that they are led to."""

    role: str
    session: str
    addresses: dict[str, str]


@dataclass(frozen=True)
class Picture:
    """One of the tour: the file, who looks, the route and a link followed there, how wide and high, the colours."""

    name: str
    role: str
    route: str
    size: tuple[int, int] = (1280, 800)
    scheme: str = "light"
    language: str = "en"
    follow: str = ""
    query: str = ""  # asked of the page
    drawn: str = ""  # what must be there before it is taken


TOUR = (
    Picture("standing", "partner_administrator", "standing"),
    Picture("standing-phone", "partner_administrator", "standing", (390, 844)),
    Picture("what-if", "partner_administrator", "what_if", (1280, 1100), follow="more person"),
    Picture("overview", "channel_chief", "overview", (1280, 1100)),
    Picture("partners-dark", "channel_chief", "partners", scheme="dark"),
    Picture("rehearsal", "programme_manager", "rehearsal", (1280, 1120)),
    Picture("office-french", "programme_manager", "office", language="fr"),
    Picture("duplicates", "channel_chief", "duplicates", (1280, 1120)),
    Picture("allies", "partner_administrator", "allies", (1280, 1000), query="town=San+Francisco&radius=50"),
    Picture("map", "channel_chief", "map", (1280, 900), drawn="#map[data-partners]"),
)


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit code."""
    asked = _arguments(arguments)
    if DEMO.is_dir():
        os.environ.setdefault("HANSE_HOME", str(DEMO))
    program = chromium.path()
    if program is None:
        sys.stderr.write(chromium.ADVICE + "\n")
        return 2
    readers = _signed_in()
    if not readers:
        sys.stderr.write("Nobody has a role here that the pages are for: run make demo first, or name HANSE_HOME\n")
        return 2
    asked.to.mkdir(parents=True, exist_ok=True)
    with (
        serving.served(os.environ.get("HANSE_DATABASE_URL", "")) as url,
        chromium.opened(program, draws=True) as window,
    ):
        taken = _tour(window, url, readers, asked) if asked.tour else _every_page(window, url, readers, asked)
        for path in taken:
            sys.stdout.write(f"{path} {path.stat().st_size // 1024} KB\n")
    return 0


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--to", type=Path, help="the folder to write to (out/screenshots; docs/images for the tour)")
    parser.add_argument("--tour", action="store_true", help="the pictures of the README alone")
    parser.add_argument("--only", default="", help="only routes, or pictures of the tour, whose name begins so")
    parser.add_argument("--dark", action="store_true", help="in dark colours")
    asked = parser.parse_args(arguments)
    asked.to = asked.to or ROOT / ("docs/images" if asked.tour else "out/screenshots")
    return asked


def _signed_in() -> list[Reader]:
    """Somebody of each kind, signed in, with the addresses they are led to. Uses the ORM, so before the browser."""
    from hanse.installation import start

    os.environ.setdefault("HANSE_LOG_LEVEL", "ERROR")  # a crawl asks for what this reader may not see
    start.ready(pages=True)
    from django.conf import settings
    from django.db import connections

    from fronts.pages.signed_in import browser
    from hanse.apps.accounts.actors import operator
    from hanse.apps.accounts.selectors import users
    from hanse.config.urls import ROUTES
    from security.requests import crawl

    begin = [f"/{route.path}" for route in ROUTES if "<" not in route.path and "." not in route.path]
    found = []
    for role in READERS:
        held = [one for one in users(operator(), role=role) if one.active]
        if not held:
            continue
        client = browser(held[0].username)
        addresses: dict[str, str] = {}
        for link in [*begin, *crawl(client, begin, at_most=150).links]:
            name = _route_of(link, role)
            if name:
                addresses.setdefault(name, link)
        found.append(Reader(role, client.cookies[settings.SESSION_COOKIE_NAME].value, addresses))
    connections.close_all()
    os.environ["HANSE_SECRET_KEY"] = settings.SECRET_KEY  # what is served must know the sessions begun here
    return found


def _route_of(link: str, role: str) -> str:
    """The route that an address leads a role to, if it is a page; one path may lead each role to a page of its own."""
    from django.urls import Resolver404, resolve

    from hanse.config.urls import ROUTES

    path = link.partition("?")[0]
    try:
        pattern = resolve(path).route
    except Resolver404:
        return ""
    if "." in path.rpartition("/")[2] or path in NO_PAGES:
        return ""
    return next((one.name for one in ROUTES if one.path == pattern and ({role, "public", "anybody"} & one.roles)), "")


def _every_page(window: Any, url: str, readers: list[Reader], asked: argparse.Namespace) -> Iterator[Path]:
    seen: set[str] = set()
    for reader in readers:
        for route, address in sorted(reader.addresses.items()):
            if not route.startswith(asked.only) or (address in seen and address != "/"):
                continue
            seen.add(address)
            for language in ("en", "fr"):
                for size, shape in SIZES.items():
                    path = asked.to / f"{reader.role}-{route}-{language}-{size}.png"
                    room = _room(window, url, reader, language, shape, "dark" if asked.dark else "light")
                    _taken(room, address, path, full_page=True)
                    yield path


def _tour(window: Any, url: str, readers: list[Reader], asked: argparse.Namespace) -> Iterator[Path]:
    by_role = {one.role: one for one in readers}
    for picture in TOUR:
        if not picture.name.startswith(asked.only):
            continue
        reader = by_role.get(picture.role)
        if reader is None or picture.route not in reader.addresses:
            sys.stderr.write(f"{picture.name}: nobody here is led to such a page\n")
            continue
        width, height = picture.size
        room = _room(window, url, reader, picture.language, {"width": width, "height": height}, picture.scheme)
        path = asked.to / f"{picture.name}.png"
        address = reader.addresses[picture.route]
        if picture.query:
            address = f"{address.partition('?')[0]}?{picture.query}"
        _taken(room, address, path, follow=picture.follow, drawn=picture.drawn)
        if path.stat().st_size > AT_MOST:
            raise SystemExit(f"{path} has {path.stat().st_size} bytes, at most {AT_MOST}: take a smaller piece")
        yield path


def _room(window: Any, url: str, reader: Reader, language: str, shape: dict[str, int], scheme: str) -> Any:
    room = window.new_context(base_url=url, viewport=shape, color_scheme=scheme, reduced_motion="reduce")
    for name, value in (("hanse", reader.session), ("hanse-language", language)):
        room.add_cookies([{"name": name, "value": value, "url": url}])
    return room


def _taken(room: Any, address: str, path: Path, *, full_page: bool = False, follow: str = "", drawn: str = "") -> None:
    """Opens a page (and follows a link there), waits until its pictures are drawn, and takes one of it."""
    page = room.new_page()
    page.goto(address)
    if follow:
        page.get_by_role("link", name=follow).first.click()
    page.wait_for_load_state("networkidle")
    if drawn:
        page.wait_for_selector(drawn, timeout=PATIENCE)
        page.wait_for_timeout(MOMENT)
    page.screenshot(path=path, full_page=full_page, animations="disabled")
    room.close()


if __name__ == "__main__":
    raise SystemExit(main())
