"""How far notices may go: up to where everything that could prevent one is known to be read."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# A record gets its time from the broker a moment before the end of its topic shows it, and the
# broker's clock may be a little behind ours.
SETTLING = timedelta(milliseconds=100)
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What may be announced: all that was due before `up_to`; before `confirmed_to` for certain."""

    up_to: datetime
    confirmed_to: datetime

    def reaches(self, due_at: datetime) -> bool:
        return due_at < self.up_to


def reach(
    read_until: datetime | None, *, now: datetime, watched_since: datetime, hold_max: timedelta
) -> Reach:
    """How far notices go whose sources are all read up to `read_until`; none is not read at all.

    What was due later is held, but no longer than `hold_max`: counted from when it was due, and
    not from before somebody watched, since after an outage the sources need time to be read.
    """
    confirmed = read_until or NEVER
    given_up = now - hold_max
    up_to = max(confirmed, given_up) if watched_since < given_up else confirmed
    return Reach(up_to=up_to, confirmed_to=confirmed)
