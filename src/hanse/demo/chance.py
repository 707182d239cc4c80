"""Where does chance come from? From the seed, the name of a draw and the keys of a row alone.

Every draw is a pure function of these three, computed on whole arrays: it does not matter in which order, in
how many pieces or on how many threads a channel is made. Only integer arithmetic, additions, products and
tables are used where the result is written, so that processors agree on the last digit.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from functools import cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bits = npt.NDArray[np.uint64]

STEPS = 1 << 16
_STEP_OF_KEY = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, odd: keys that follow one another fall far apart
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))  # the finaliser of splitmix64


class Dice:
    """Uniform draws by name and key. Two dice of the same seed give the same draws."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def uniform(self, draw: str, *keys: Ints | int) -> Floats:
        """Numbers in [0, 1), one per row of the keys, which are broadcast against one another."""
        return np.asarray((self._bits(draw, *keys) >> np.uint64(11)) * 2.0**-53, dtype=np.float64)

    def below(self, bound: Ints | int, draw: str, *keys: Ints | int) -> Ints:
        """Whole numbers in [0, bound), the bound being at least 1."""
        return (self.uniform(draw, *keys) * bound).astype(np.int64)

    def which(self, shares: Sequence[float], draw: str, *keys: Ints | int) -> Ints:
        """Positions in `shares`, each as often as its share of their sum."""
        edges = np.cumsum(np.asarray(shares, dtype=np.float64))
        position = np.searchsorted(edges, self.uniform(draw, *keys) * edges[-1], side="right")
        return np.minimum(position, len(shares) - 1)

    def _bits(self, draw: str, *keys: Ints | int) -> Bits:
        name = hashlib.blake2b(f"{self.seed}/{draw}".encode(), digest_size=8).digest()
        mixed: Bits = np.full(1, int.from_bytes(name, "little"), dtype=np.uint64)
        for key in keys:
            mixed = _scatter(mixed + np.atleast_1d(np.asarray(key, dtype=np.int64)).view(np.uint64) * _STEP_OF_KEY)
        return mixed


def _scatter(bits: Bits) -> Bits:
    """Every bit of the answer depends on every bit given."""
    bits = (bits ^ (bits >> np.uint64(30))) * _MIX[0]
    bits = (bits ^ (bits >> np.uint64(27))) * _MIX[1]
    return bits ^ (bits >> np.uint64(31))


def normal(uniform: Floats) -> Floats:
    """Standard normal numbers, between -4.3 and 4.3."""
    return _by_table("normal", 0.0)[(uniform * STEPS).astype(np.int64)]


def exponential(uniform: Floats) -> Floats:
    """Exponential numbers of mean 1, below 11.8."""
    return _by_table("exponential", 0.0)[(uniform * STEPS).astype(np.int64)]


def lognormal(uniform: Floats, spread: float) -> Floats:
    """Log-normal numbers of mean 1; `spread` is the standard deviation of their logarithm."""
    return _by_table("lognormal", spread)[(uniform * STEPS).astype(np.int64)]


def raised(exponent: float, strength: Floats) -> Floats:
    """exp(exponent x strength) for strengths from 0 to 16, in steps of 1/4096."""
    return _by_table("raised", exponent)[np.minimum((strength * (STEPS // 16)).astype(np.int64), STEPS - 1)]


@cache
def _by_table(curve: str, parameter: float) -> Floats:
    """A curve at the middle of each of its steps, to ten digits: the same whatever a processor's exp is."""
    inverse = NormalDist().inv_cdf
    curves: dict[str, Callable[[float], float]] = {
        "normal": inverse,
        "exponential": lambda p: -math.log1p(-p),
        "lognormal": lambda p: math.exp(parameter * inverse(p) - parameter * parameter / 2),
        "raised": lambda p: math.exp(parameter * 16 * p),
    }
    return np.asarray([float(f"{curves[curve]((step + 0.5) / STEPS):.10g}") for step in range(STEPS)])


def whole(amount: Floats, uniform: Floats) -> Ints:
    """Whole numbers whose mean is `amount`: rounded up as often as the fraction says."""
    return np.floor(amount + uniform).astype(np.int64)


def leaning(uniform: Floats) -> Floats:
    """Numbers in [0, 1) that lean towards 0: half lie below 0.35."""
    return uniform * np.sqrt(uniform)
