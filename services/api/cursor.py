"""A place in a list, as a word that means nothing to its bearer and fits one list alone.

It holds where the page ends, never a page's number, so that what comes in between shifts nothing.
What it holds is no secret; the checksum is there so that a mistake is called one.
"""

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.api.query import CaseQuery
from services.http.problems import Fault, ProblemError, refused

CHECKSUM_BYTES = 6
CASE_ID = re.compile(r"[a-z2-7]{32}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Between two cases: after the one named here, or before it.

    `as_of` is the moment of the first page, by which all pages say what is overdue.
    """

    at: datetime
    case_id: str
    before: bool
    as_of: datetime


def written(place: Place, query: CaseQuery) -> str:
    content = [
        _number(place.at),
        place.case_id,
        int(place.before),
        _number(place.as_of),
        _digest(query),
    ]
    raw = json.dumps(content, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_checksum(raw) + raw).decode().rstrip("=")


def read(cursor: str, query: CaseQuery) -> Place:
    """The place. Raises a 422 problem for what we did not write, or wrote for another list."""
    try:
        place, digest = _read(cursor)
    except (binascii.Error, ValueError, OverflowError):
        raise _refused("is not one that was given out: take `next_cursor` as it is") from None
    if digest != _digest(query):
        raise _refused("belongs to a list with other filters or another order")
    return place


def _read(cursor: str) -> tuple[Place, str]:
    raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    checksum, content = raw[:CHECKSUM_BYTES], raw[CHECKSUM_BYTES:]
    if checksum != _checksum(content):
        raise ValueError("the checksum does not fit")
    match json.loads(content):
        # Whoever knows how can make a checksum that fits.
        case [int(at), str(case_id), 0 | 1 as before, int(as_of), str(digest)] if CASE_ID.fullmatch(
            case_id
        ):
            place = Place(
                at=_moment(at), case_id=case_id, before=bool(before), as_of=_moment(as_of)
            )
            return place, digest
        case _:
            raise ValueError("it holds something else")


def _refused(words: str) -> ProblemError:
    return refused(Fault(pointer="/query/cursor", detail=words))


def _digest(query: CaseQuery) -> str:
    """Of what is listed and in which order; how much of it at a time is free."""
    asked = query.model_dump_json(exclude={"cursor", "limit"}, exclude_defaults=True)
    return hashlib.sha256(asked.encode()).hexdigest()[:12]


def _checksum(raw: bytes) -> bytes:
    return hashlib.sha256(b"cursor" + raw).digest()[:CHECKSUM_BYTES]


def _number(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _moment(number: int) -> datetime:
    return _EPOCH + number * _MICROSECOND
