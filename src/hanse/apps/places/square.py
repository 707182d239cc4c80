"""Where on the world's square is a place, and which place is there?

The world as maps on screens show it (Mercator), cut into 2^24 parts each way, from the north-west.
"""

from __future__ import annotations

import math

WHOLE = 1 << 24  # parts of the world's square


def x_of(longitude: float) -> int:
    """A longitude in degrees as it lies on the world's square; those beyond an edge come in from the other."""
    turned = (longitude + 180) % 360
    return min(WHOLE - 1, int(turned / 360 * WHOLE)) if longitude != 180 else WHOLE - 1


def y_of(latitude: float) -> int:
    """A latitude in degrees as it lies on the world's square, from the north."""
    angle = math.radians(max(-85.0511, min(85.0511, latitude)))
    share = (1 - math.log(math.tan(angle) + 1 / math.cos(angle)) / math.pi) / 2
    return max(0, min(WHOLE - 1, int(share * WHOLE)))


def degrees(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude of a place on the world's square, to a metre."""
    latitude = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / WHOLE))))
    return round(x / WHOLE * 360 - 180, 5), round(latitude, 5)
