"""Who comes first among people who would do equally well?

The lot decides, drawn from the key: nobody is preferred for the letters of a name, and the same people fall the same way
every time. An order by the keys themselves would not outlive an erasure: the pseudonym of a person stands elsewhere in the
alphabet, and whoever came next would be chosen when an old run is repeated. A pseudonym with a lot of the same place can be
found, and says no more than the digest of the key that an erasure keeps already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable


def lot(key: str) -> bytes:
    """The place of a key: smaller comes first. Different keys have different lots."""
    return hashlib.sha256(key.encode()).digest()


def in_the_place_of(key: str, others: Iterable[str], propose: Callable[[], str]) -> str:
    """The first name proposed that stands where `key` does: after the same of the others and before the same.

    Of n others it takes about n proposals, each some microseconds at most.
    """
    own = lot(key)
    lots = [lot(other) for other in others if other != key]
    after = max((one for one in lots if one < own), default=b"")
    before = min((one for one in lots if one > own), default=b"\xff" * 33)
    while not after < lot(name := propose()) < before:
        pass
    return name
