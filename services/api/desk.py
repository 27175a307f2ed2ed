"""All that the endpoints of the read API stand on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.api.limits import AddressLimit
from services.api.listing import Lists
from services.api.reads import Reads
from services.api.track import FindPolicy
from services.follow import PublishedPolicies
from services.http.access import FindClient


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDesk:
    """`lists` has connections of its own, so that a long search keeps no single case waiting."""

    reads: Reads
    lists: Lists
    policies: PublishedPolicies
    find_client: FindClient
    find_policy: FindPolicy
    limit: AddressLimit
    now: Callable[[], datetime]
