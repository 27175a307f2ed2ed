"""Times as another system writes them, local or with a zone, as moments."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from services.importing.mapping import ISO, Times


def moment(text: str, times: Times) -> datetime | None:
    """The moment that the text says in the first format that fits; none if none fits."""
    for written in times.formats:
        try:
            found = (
                datetime.fromisoformat(text) if written == ISO else datetime.strptime(text, written)  # noqa: DTZ007  # the zone follows
            )
        except ValueError:
            continue
        return _in_utc(found, times.zone)
    return None


def _in_utc(found: datetime, zone: ZoneInfo) -> datetime | None:
    """A local time that the clocks left out moves forward; of one that came twice, the first."""
    if found.utcoffset() is None:
        found = found.replace(tzinfo=zone, fold=0)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        return None
