"""A sealed block as it stands in facts and messages; how it is made and opened is `sealing`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A sealed block. `wrapped` is there only where the block carries its own key."""

    kid: str
    nonce: str
    data: str
    wrapped: str | None = None
