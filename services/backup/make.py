"""Backs up a living instance: first what the log cannot give back, then the log up to now."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import asyncpg
from aiokafka.structs import TopicPartition

from schemas.kafka import Kafka
from schemas.projection import LAYOUT
from schemas.topics import CASE_FACTS
from services.backup import desk, log, manifest
from services.backup.errors import BehindError, BrokenError, OccupiedError
from services.backup.log import Reading
from services.backup.manifest import DESK_FILE, FACT_TYPES, FORMAT, TOPICS, Desk, Manifest, Part
from services.backup.records import Lines, Stored, line_of

CONNECT_SECONDS_MAX = 10
OWNER_ONLY = 0o700

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """What is backed up."""

    kafka: Kafka
    database_url: str
    inbox_generation: int


async def back_up(instance: Instance, folder: Path, now: datetime, say: Say) -> Manifest:
    """Into a new folder. Raises `OccupiedError`, `BehindError` or `BrokenError`.

    In this order: what is delivered is never more than the log that is read after it, and a key
    is acknowledged before the fact that it seals, so that no fact is kept without its key.
    """
    _make_room(folder)
    kept_desk = await _desk(instance.database_url, folder, say)
    async with log.reading(instance.kafka) as reading:
        ends: dict[TopicPartition, int] = {}
        for topic, count in TOPICS.items():
            places = [TopicPartition(topic, one) for one in range(count)]
            ends |= await reading.ends(places)
        starts = await reading.starts(list(ends))
        parts = [
            await _part(reading, _Stretch(place, starts[place], end), folder, say)
            for place, end in ends.items()
        ]
    made = Manifest(
        format=FORMAT,
        peygir=_version(),
        made_at=now.isoformat(),
        cluster_id=await log.cluster_id(instance.kafka),
        inbox_generation=instance.inbox_generation,
        layout=LAYOUT,
        fact_types=FACT_TYPES,
        desk=kept_desk,
        parts=tuple(parts),
    )
    _to_disk(folder)
    manifest.write(folder, made)
    _to_disk(folder)
    return made


def _version() -> str:
    try:
        return version("peygir")
    except PackageNotFoundError:
        return "a checkout that is not installed"


def _make_room(folder: Path) -> None:
    try:
        folder.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        occupied = any(folder.iterdir())
    except OSError as error:
        raise OccupiedError(f"{folder} cannot be made ({error.strerror})") from error
    if occupied:
        raise OccupiedError(f"{folder} is not empty: a backup has a folder of its own")


async def _desk(url: str, folder: Path, say: Say) -> Desk:
    say("reading keys of clients and delivered positions")
    path = folder / DESK_FILE
    lines = Lines(path)
    try:
        connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS_MAX)
        try:
            with lines:
                async for table, row in desk.rows(connection):
                    lines.add({"table": table, "row": row})
        finally:
            await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise BehindError(f"Postgres does not answer ({type(error).__name__})") from error
    return Desk(file=path.name, rows=lines.count, bytes=lines.bytes, sha256=lines.sha256)


async def _part(reading: Reading, stretch: "_Stretch", folder: Path, say: Say) -> Part:
    place, end = stretch.place, stretch.end
    path = folder / f"{place.topic}-{place.partition}.jsonl.gz"
    watched = following(place, stretch.start)
    with Lines(path) as lines:
        async for some in reading.records(place, stretch.start, end):
            watched.check(some)
            for record in some:
                lines.add(line_of(record))
            say(f"{place.topic}/{place.partition}: {some[-1].offset + 1} of {end}")
    watched.check_end(end)
    return Part(
        file=path.name,
        topic=place.topic,
        partition=place.partition,
        first_offset=stretch.start,
        next_offset=end,
        records=lines.count,
        bytes=lines.bytes,
        sha256=lines.sha256,
    )


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What is read of a partition."""

    place: TopicPartition
    start: int
    end: int


def following(place: TopicPartition, first: int) -> "_Following":
    """Raises `BrokenError`, as its checks do."""
    return _Following(place, first)


class _Following:
    """Whether a partition of the log has every offset: else a case's version could not be kept."""

    def __init__(self, place: TopicPartition, first: int) -> None:
        self._place = place
        self._next = 0 if place.topic == CASE_FACTS else None
        if self._next is not None and first != 0:
            self._lost(0, first)

    def check(self, records: Sequence[Stored]) -> None:
        for record in records:
            if self._next is None:
                return
            if record.offset != self._next:
                self._lost(self._next, record.offset)
            self._next += 1

    def check_end(self, end: int) -> None:
        if self._next is not None and self._next != end:
            self._lost(self._next, end)

    def _lost(self, since: int, until: int) -> None:
        place = f"{self._place.topic}/{self._place.partition}"
        raise BrokenError(
            f"{place} has no record from {since} to {until}: `peygir verify` says more"
        )


def _to_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
