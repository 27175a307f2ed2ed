"""All that the endpoints of the read API stand on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.api.limits import AddressLimit
from services.api.listing import Lists
from services.api.reads import Reads
from services.api.terms import Policies
from services.api.track import FindPolicy
from services.http.access import Callers


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
