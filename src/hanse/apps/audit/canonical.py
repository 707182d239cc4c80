"""How is a value written into the trail, so that the same value always gives the same text?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID


def canonical(value: object) -> str | None:
    """JSON with sorted keys and no blanks: the same value always gives the same text. None for None."""
    if value is None:
        return None
    plain = _plain(value)
    return _encodable(json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False))


def storable(text: str) -> str:
    """The text as the database can hold it: a NUL, or a byte of a file's name that is no UTF-8, becomes an escape."""
    return _encodable(text).replace("\x00", "\\x00")


def _encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _plain(value: Any) -> Any:
    """The value in the words of JSON. Exact numbers become texts, for a float would not give them back."""
    match value:
        case None | bool() | int() | str():
            return value.value if isinstance(value, Enum) else value
        case float():
            return value if value - value == 0 else str(value)  # no JSON for NaN and the infinities
        case Decimal() | UUID() | PurePath() | datetime() | date() | time() | bytes():
            return _as_text(value)
        case Enum():
            return _plain(value.value)
        case Mapping():
            return {_key(key): _plain(inner) for key, inner in value.items()}
        case Set():
            return sorted((_plain(inner) for inner in value), key=lambda plain: json.dumps(plain, sort_keys=True))
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return _plain(asdict(value))
    raise TypeError(f"{type(value).__name__} has no form in the audit trail: {value!r}")


def _as_text(value: Any) -> str:
    match value:
        case Decimal() if value.is_finite():
            return format(value, "f")
        case datetime() | date() | time():
            return value.isoformat()
        case bytes():
            return value.hex()
    return str(value)


def _key(key: object) -> str:
    return key if isinstance(key, str) else str(_plain(key))
