"""All that the endpoints of the read API stand on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.policy import Policy
from schemas.vocabulary import Municipality
from services.api.limits import AddressLimit
from services.api.listing import Lists
from services.api.reads import Reads
from services.api.track import FindPolicy
from services.http.access import Callers


class Policies(Protocol):
    """Every version that is published; whoever follows them is no part of reading."""

    @property
    def ready(self) -> bool: ...
    @property
    def municipalities(self) -> tuple[Municipality, ...]: ...
    def versions(self, municipality: str) -> tuple[Policy, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDesk:
    """`lists` has connections of its own, so that a long search keeps no single case waiting."""

    reads: Reads
    lists: Lists
    policies: Policies
    callers: Callers
    find_policy: FindPolicy
    limit: AddressLimit
    now: Callable[[], datetime]
