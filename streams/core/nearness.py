"""How far two places are from each other, and which rounded places can be so near."""

from dataclasses import dataclass
from math import asin, cos, degrees, hypot, radians, sin, sqrt

from streams.core.decide import AREA_DECIMALS

EARTH_METRES = 6_371_008.8
# A case's area is its place, rounded; and floating point is not exact.
ROUNDED_DEGREES = 0.5 * 10**-AREA_DECIMALS + 1e-7
_POLE = 89.0  # A circle around a pole holds every longitude.


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """An exact place in degrees (WGS 84)."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A piece of the map between two latitudes and two longitudes."""

    south: float
    north: float
    west: float
    east: float


def metres_between(one: Spot, other: Spot) -> float:
    """The great-circle distance, by the haversine; the earth is no sphere, by half a percent."""
    half_lat = radians(other.lat - one.lat) / 2
    half_lon = radians(other.lon - one.lon) / 2
    across = sin(half_lon) * sqrt(max(0.0, cos(radians(one.lat)) * cos(radians(other.lat))))
    return 2 * EARTH_METRES * asin(min(1.0, hypot(sin(half_lat), across)))


def box_around(spot: Spot, metres: float) -> Box:
    """Where the area of every place that is so near lies."""
    angle = degrees(metres / EARTH_METRES)
    south, north = spot.lat - angle, spot.lat + angle
    farthest = max(abs(south), abs(north))
    wide = 360.0 if farthest >= _POLE else angle / cos(radians(farthest)) + ROUNDED_DEGREES
    west, east = spot.lon - wide, spot.lon + wide
    if west < -180.0 or east > 180.0:  # noqa: PLR2004  # It goes round: the longitude says nothing.
        west, east = -180.0, 180.0
    return Box(south=south - ROUNDED_DEGREES, north=north + ROUNDED_DEGREES, west=west, east=east)
