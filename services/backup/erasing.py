"""Orders that whoever reported a case be forgotten, and waits until it is so.

What was split off a case was said by the same citizen: it is forgotten with it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import asyncpg

from schemas.codec import encode, headers
from schemas.kafka import Kafka
from schemas.messages import Erasure
from schemas.topics import INBOX_BYTES_MAX, PROGRESS_DESK
from schemas.vocabulary import Author, CaseId
from services.backup import erasures
from services.backup.errors import AbsentError, BehindError
from services.kafka import KafkaAwayError, TopicError, append, producer

AUTHOR = Author("operator")
CONNECT_SECONDS_MAX = 10
LOOK_SECONDS = 0.1

CASE = """
select case_id, municipality, tracking_code, erased_at
from projection.cases
where case_id = $1 or tracking_code = $1
limit 2
"""
ERASED = "select erased_at from projection.cases where case_id = $1"
PARTS = """
with recursive below (case_id) as (
    select $1::text
    union
    select cases.case_id
    from projection.cases
    join below on cases.part_of = below.case_id
)
select case_id, municipality, tracking_code, erased_at, parts
from projection.cases
join below using (case_id)
order by recorded_at, case_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A case that can be erased, or is."""

    case_id: CaseId
    municipality: str
    tracking_code: str
    erased_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the instance is reached, and where its list of erasures lies."""

    kafka: Kafka
    database_url: str
    erasures: Path
    wait_seconds: float


async def find(place: Place, asked: str) -> Sequence[Found]:
    """The cases of that id or tracking code: none, one, or two of two municipalities."""
    rows = await _fetch(place.database_url, CASE, asked)
    return [Found(**dict(row)) for row in rows]


async def parts(place: Place, case_id: CaseId) -> tuple[Sequence[Found], int]:
    """The cases that were split off it, and off those, and of how many it is said by now."""
    rows = await _fetch(place.database_url, PARTS, case_id)
    said = sum(row["parts"] for row in rows)
    known = ({name: row[name] for name in Found.__slots__} for row in rows)
    return [Found(**one) for one in known if one["case_id"] != case_id], said


async def wait_for_parts(
    place: Place, case_id: CaseId, seconds_max: float
) -> tuple[Sequence[Found], int]:
    """The same, as soon as all of them are there, or as many as were seen in time."""
    clock = asyncio.get_running_loop()
    ends_at = clock.time() + seconds_max
    while True:
        found, said = await parts(place, case_id)
        if len(found) >= said or clock.time() >= ends_at:
            return found, said
        await asyncio.sleep(LOOK_SECONDS)


def order(place: Place, case: Found, reference: str, now: datetime) -> None:
    """Notes the order in the list, then gives it to the log's inbox. Twice is as once.

    Raises `AbsentError`, `BrokenError` or `BehindError`; before the first, nothing was done.
    """
    erasures.note(place.erasures, case.case_id, reference, now)
    if case.erased_at is None:
        try:
            send(place, (Erasure(case_id=case.case_id, reference=reference, author=AUTHOR),), now)
        except BehindError as error:
            raise BehindError(
                f"{error}. The order stands in {place.erasures}: ask again"
            ) from error


def send(place: Place, orders: Sequence[Erasure], now: datetime) -> None:
    """Each acknowledged. Raises `BehindError`, `AbsentError`."""
    try:
        writer = producer(place.kafka, wait_seconds=place.wait_seconds, bytes_max=INBOX_BYTES_MAX)
        for one in orders:
            attributes = headers(
                one.type,
                event_id=f"{one.case_id}/{one.reference}",
                subject=one.case_id,
                source="peygir erase",
                at=now,
            )
            value = encode(one)
            append(writer, PROGRESS_DESK, key=one.case_id, value=value, headers=attributes)
        writer.close()
    except KafkaAwayError as error:
        raise BehindError(str(error)) from error
    except TopicError as error:
        raise AbsentError(str(error)) from error


async def wait_until_erased(place: Place, case_id: CaseId, seconds_max: float) -> datetime:
    """When it was erased. Raises `BehindError` if that is not seen in time."""
    try:
        async with asyncio.timeout(seconds_max):
            while True:
                rows = await _fetch(place.database_url, ERASED, case_id)
                if rows and rows[0]["erased_at"] is not None:
                    return rows[0]["erased_at"]
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError as error:
        raise BehindError(
            f"the order is in the log's inbox, and not carried out within {seconds_max:.0f} s: "
            "it will be. `peygir status` shows what stands still; asking again changes nothing"
        ) from error


async def _fetch(url: str, query: str, asked: str) -> list[asyncpg.Record]:
    try:
        connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS_MAX)
        try:
            return await connection.fetch(query, asked)
        finally:
            await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise BehindError(f"Postgres does not answer ({type(error).__name__})") from error
