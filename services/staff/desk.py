"""All that the endpoints of staff stand on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.http.access import Callers
from services.postgres import Database
from services.staff.known import KnownSessions
from services.staff.passwords import Passwords

WrongPlace = Callable[[str], str | None]
"""What is wrong with the place of a scope, in words; a 503 problem where no policy is read yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffDesk:
    """`lasts` is how long a session lasts at the most."""

    database: Database
    passwords: Passwords
    known: KnownSessions
    callers: Callers
    wrong_place: WrongPlace
    lasts: timedelta
    now: Callable[[], datetime]
