"""How do numbers become columns? Keys, texts, days and decimals as Arrow arrays, without a loop over rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hanse.demo.chance import Ints


def keys(before: str, number: Ints, digits: int, *, present: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """Texts of a prefix and a number of at least so many digits; null where not present."""
    numbers = pc.utf8_lpad(pa.array(number, mask=None if present is None else ~present).cast(pa.string()), digits, "0")
    return together(pa.scalar(before), numbers)


def part_keys(whole: pa.Array, before: str, part: Ints, digits: int = 2) -> pa.Array:
    """Keys of parts of something: its key with another prefix, a dash and the number of the part."""
    own = pc.replace_substring_regex(whole, r"^[A-Z]+-", before)
    return together(own, pa.scalar("-"), keys("", part, digits))


def together(*pieces: pa.Array | pa.Scalar) -> pa.Array:
    """The pieces of each row as one text."""
    return pc.binary_join_element_wise(*pieces, "")


def texts(words: Sequence[str | None], position: Ints) -> pa.Array:
    """The words at these positions."""
    return pa.array(words, pa.string()).take(pa.array(position))


def days(day: Ints, *, none: int | None = None) -> pa.Array:
    """Dates from days since 1970-01-01; null where the day is `none` or later."""
    return pa.array(day.astype(np.int32), mask=None if none is None else day >= none).cast(pa.date32())


def decimals(units: Ints, *, precision: int, scale: int, present: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """Exact decimals from whole numbers (18 digits at most) of their last digit; null where not present."""
    words = np.empty((len(units), 2), dtype=np.int64)
    words[:, 0] = units
    words[:, 1] = units >> 63
    valid = None if present is None else pa.array(present).buffers()[1]
    return pa.Array.from_buffers(pa.decimal128(precision, scale), len(units), [valid, pa.py_buffer(words)])


def numbers(number: Ints, *, present: npt.NDArray[np.bool_]) -> pa.Array:
    """Whole numbers, null where not present."""
    return pa.array(number, mask=~present)


def rows_of(count: Ints, owner: Ints) -> tuple[Ints, Ints]:
    """`count` rows for each owner: whose each row is, and its number within its owner's rows, from 0."""
    first = np.cumsum(count) - count
    return np.repeat(owner, count), np.arange(int(count.sum()), dtype=np.int64) - np.repeat(first, count)
