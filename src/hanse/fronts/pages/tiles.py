"""From which server come the pictures below the partner map? From none, unless an installation names one."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from hanse.language.problems import CallError, Problem

_PARTS = ("{z}", "{x}", "{y}")


def configured(environment: Mapping[str, str]) -> tuple[str, str, list[str]]:
    """The address of a tile (HANSE_MAP_TILES), whom to credit (HANSE_MAP_CREDIT), and what browsers may then ask.

    Raises CallError for an address that is none, or that does not say which tile.
    """
    address = environment.get("HANSE_MAP_TILES", "").strip()
    if not address:
        return "", "", []
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname or any(part not in address for part in _PARTS):
        why = "it begins with https://, and {z}, {x} and {y} stand for the tile"
        remedy = "write it as https://tiles.example.org/{z}/{x}/{y}.png"
        raise CallError(Problem("HANSE_MAP_TILES", f"{address!r} is no address of tiles", why, remedy))
    return address, environment.get("HANSE_MAP_CREDIT", "").strip(), [f"https://{parts.netloc}"]
