"""How is an entry of the trail hashed?

The same rule stands in SQL in the first migration, where the database writes the hash; here Python computes it anew,
so that neither has to be believed. A field is written as the length of its UTF-8 bytes, a colon and the bytes; a
missing one as a hyphen. So no two different entries are written alike, wherever a text begins or ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

NOTHING = bytes(32)  # what the first entry follows


@dataclass(frozen=True)
class Link:
    """What is hashed of an entry; `before` and `after` are JSON as it was written, or None."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    why: str
    before: str | None
    after: str | None
    previous: bytes


def hash_of(link: Link) -> bytes:
    """SHA-256 over the fields of the entry, each with its length, and over the hash of the one before."""
    moment = link.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    texts = (str(link.number), moment, link.actor, link.action, link.subject, link.why, link.before, link.after)
    return sha256(b"".join(map(_field, (*texts, link.previous.hex())))).digest()


def _field(text: str | None) -> bytes:
    if text is None:
        return b"-"
    written = text.encode()
    return b"%d:%b" % (len(written), written)


def head(number: int, hash: bytes) -> str:
    """What to note down of a chain to prove later that nothing was cut off: the last number and its hash."""
    return f"{number}:{hash.hex()}"
