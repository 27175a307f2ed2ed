"""The published policies, read to their end before work begins and followed from then on."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from schemas import logs
from schemas.codec import UndecodableError, decode
from schemas.kafka import Kafka, client_options
from schemas.policy import Policy
from schemas.topics import POLICIES
from schemas.vocabulary import Municipality, PolicyVersion
from streams.core.in_force import Published, ready, with_version
from streams.core.inboxes import Inboxes, inboxes

POLL_MILLISECONDS = 1_000
# Who publishes a policy, and our edge, may know it a moment before we do.
UNKNOWN_WAIT_SECONDS = 3.0
_log = logs.logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is published, and the inboxes that follow from it."""

    published: Published
    inboxes: Inboxes

    def know(self, municipality: Municipality, version: PolicyVersion | None = None) -> bool:
        versions = self.published.get(municipality, ())
        if version is None:
            return bool(versions)
        return any(one.policy.version == version for one in versions)


class Rulebook(Protocol):
    """Where a worker finds the rules; a fake in tests, `Policies` at work."""

    @property
    def rules(self) -> Rules: ...

    async def knowing(
        self, municipality: Municipality, version: PolicyVersion | None = None
    ) -> Rules:
        """The rules, after waiting a moment for what is not among them."""
        ...


class Policies:
    """The `policies` topic as rules. `lost` is called when it can no longer be followed."""

    def __init__(self, kafka: Kafka, lost: Callable[[str], None]) -> None:
        self.rules = Rules(published={}, inboxes=inboxes({}))
        self._consumer = AIOKafkaConsumer(
            enable_auto_commit=False, auto_offset_reset="earliest", **client_options(kafka)
        )
        self._lost = lost
        self._changed = asyncio.Event()
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns when every version published so far is known."""
        await self._consumer.start()
        partition = TopicPartition(POLICIES, 0)
        self._consumer.assign([partition])
        await self._consumer.seek_to_beginning(partition)
        end = (await self._consumer.end_offsets([partition]))[partition]
        while await self._consumer.position(partition) < end:
            await self._read()
        self._following = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        if self._following is not None:
            self._following.cancel()
        await self._consumer.stop()

    async def knowing(
        self, municipality: Municipality, version: PolicyVersion | None = None
    ) -> Rules:
        try:
            async with asyncio.timeout(UNKNOWN_WAIT_SECONDS):
                while not self.rules.know(municipality, version):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            pass  # It is not there; the message will be told so.
        return self.rules

    async def _follow(self) -> None:
        try:
            while True:
                await self._read()
        except KafkaError as error:
            self._lost(f"the policies cannot be followed: {type(error).__name__}")

    async def _read(self) -> None:
        batches = await self._consumer.getmany(timeout_ms=POLL_MILLISECONDS)
        published = self.rules.published
        for record in (record for batch in batches.values() for record in batch):
            try:
                published = with_version(published, ready(decode(record.value or b"", Policy)))
            except UndecodableError as error:
                _log.error("policy unreadable", offset=record.offset, reason=str(error))
        if batches:
            self.rules = Rules(published=published, inboxes=inboxes(published))
            self._changed.set()
