"""Puts a backup into an empty Kafka and an empty Postgres, without those who were erased since."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import asyncpg
from aiokafka.structs import TopicPartition

from schemas.kafka import Kafka
from schemas.messages import Erasure
from schemas.sealing import UnsealError, unwrap
from schemas.settings import Settings
from schemas.topics import ANSWERED_CALLS, CASE_FACTS, KEYRING, POLICIES, fixed_topics
from services.backup import desk, erasing, log
from services.backup.check import Found, desk_rows, records
from services.backup.erasing import AUTHOR, Place
from services.backup.erasures import Erased
from services.backup.errors import BehindError, BrokenError
from services.kafka import KafkaAwayError, TopicError, admin
from services.provision.tables import lay_out
from services.provision.topics import bring_about
from streams.core.ids import tracking_code

CONNECT_SECONDS_MAX = 30
# A key is there before the fact that it seals.
PUT_BACK = (POLICIES, KEYRING, CASE_FACTS, ANSWERED_CALLS)

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The secrets of the installation that was backed up."""

    master: bytes
    hmac: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a backup is put."""

    kafka: Kafka
    database_url: str
    settings: Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was done."""

    facts: int
    keys: int
    keys_left_out: int
    erasures: int
    inbox_generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """A backup that was checked, whom to forget, and when."""

    folder: Path
    found: Found
    orders: Sequence[Erased]
    now: datetime
    say: Say

    @property
    def inbox_generation(self) -> int:
        """The inboxes begin anew, so the positions in the facts are those of an earlier life."""
        return self.found.manifest.inbox_generation + 1


def check_keys(found: Found, keys: Keys) -> None:
    """Raises `BrokenError` where the ring does not open, or other ids would be derived."""
    try:
        for key in found.keys:
            unwrap(key.wrapped, keys.master)
    except UnsealError as error:
        raise BrokenError("the master key is not that of this backup") from error
    for fact in found.submitted:
        if tracking_code(keys.hmac, fact.case_id) != fact.tracking_code:
            raise BrokenError("the HMAC key is not that of this backup")


async def restore(target: Target, what: Restore) -> Restored:
    """Into servers that are empty. Raises `BehindError`, `BrokenError`.

    The offsets of the facts are those that they had: a case keeps its version.
    """
    what.say("making topics and tables")
    _make_topics(target)
    cluster = await log.cluster_id(target.kafka)
    try:
        connection = await asyncpg.connect(target.database_url, timeout=CONNECT_SECONDS_MAX)
        try:
            await lay_out(connection, cluster)
            left_out = await _append(target, what)
            await _put_desk(connection, what)
        finally:
            await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise BehindError(f"Postgres does not answer ({type(error).__name__})") from error
    _order_erasures(target, what)
    kept = what.found.manifest
    return Restored(
        facts=sum(part.records for part in kept.of(CASE_FACTS)),
        keys=sum(part.records for part in kept.of(KEYRING)) - left_out,
        keys_left_out=left_out,
        erasures=len(what.orders),
        inbox_generation=what.inbox_generation,
    )


def _make_topics(target: Target) -> None:
    settings = target.settings
    wanted = fixed_topics(
        dead_letter_days=settings.dead_letter_days, keyring_days=settings.keyring_days
    )
    try:
        client = admin(target.kafka)
        try:
            bring_about(client, wanted, replication=settings.replication)
        finally:
            client.close()
    except (KafkaAwayError, TopicError) as error:
        raise BehindError(str(error)) from error


async def _append(target: Target, what: Restore) -> int:
    """How many records of the ring were left out."""
    kept, left_out = what.found.manifest, 0
    what.found.erased.update(one.case_id for one in what.orders)
    async with log.writing(target.kafka) as writing:
        for part in [part for topic in PUT_BACK for part in kept.of(topic)]:
            what.say(f"putting back {part.topic}/{part.partition}: {part.records} records")
            place = TopicPartition(part.topic, part.partition)
            for record in records(what.folder, part):
                if part.topic == KEYRING and what.found.forgotten(record):
                    left_out += 1
                    continue
                same = record.offset if part.topic == CASE_FACTS else None
                await writing.append(place, record, at=same)
            await writing.flush()
    return left_out


async def _put_desk(connection: asyncpg.Connection, what: Restore) -> None:
    kept = what.found.manifest
    ends = {part.partition: part.next_offset for part in kept.of(CASE_FACTS)}
    async with connection.transaction():
        await desk.put(connection, desk_rows(what.folder, kept))
        await desk.clamp_positions(connection, ends)
        await connection.execute(
            desk.RESTORED,
            what.now,
            datetime.fromisoformat(kept.made_at),
            kept.cluster_id,
            what.inbox_generation,
            len(what.orders),
        )


def _order_erasures(target: Target, what: Restore) -> None:
    """The fact is permanent too: what was erased after the backup is said to the log again."""
    place = Place(
        kafka=target.kafka,
        database_url=target.database_url,
        erasures=Path(),
        wait_seconds=target.settings.broker_wait_seconds,
    )
    orders = [
        Erasure(case_id=one.case_id, reference=one.reference, author=AUTHOR) for one in what.orders
    ]
    if orders:
        what.say(f"ordering {len(orders)} erasures again")
        erasing.send(place, orders, what.now)
