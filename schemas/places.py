"""Who reported something and where it is: what identifies a person, and is sealed in facts."""

from dataclasses import dataclass

from schemas.vocabulary import District


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the problem is, in degrees (WGS 84)."""

    lat: float | None = None
    lon: float | None = None
    address: str | None = None
    district: District | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Who reported it, as far as they said."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
