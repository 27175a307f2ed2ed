"""The closed versions of every policy, read on whenever a fact names an unknown one."""

import asyncio
from collections.abc import Iterable
from typing import Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas import logs
from schemas.codec import UndecodableError, decode
from schemas.kafka import Kafka
from schemas.policy import Policy
from schemas.topics import POLICIES
from schemas.vocabulary import PolicyVersion
from streams import kafka
from streams.away import AwayError
from streams.core.terms import AllTerms, Terms, terms

FETCH_WAIT_MS = 100
POLL_MILLISECONDS = 500
READ_SECONDS_MAX = 10.0
READ_TRIES_MAX = 4
_POLICIES = TopicPartition(POLICIES, 0)
_log = logs.logger()


class Book(Protocol):
    """Where the fold's terms come from: `PolicyBook` at work, a fixed set in tests."""

    async def knowing(self, versions: Iterable[PolicyVersion]) -> AllTerms:
        """All terms; one of those named that is not among them is not published."""
        ...


class PolicyBook:
    """Every version published so far. A version is published before any fact can name it."""

    def __init__(self, kafka: Kafka, *, client: str) -> None:
        self._kafka = kafka
        self._client = client
        self._terms: dict[PolicyVersion, Terms] = {}
        # Not published when a fact that names them was there already, so they never are.
        self._absent: frozenset[PolicyVersion] = frozenset()
        self._next = 0

    @property
    def terms(self) -> AllTerms:
        return self._terms

    async def knowing(self, versions: Iterable[PolicyVersion]) -> AllTerms:
        """All terms, after reading on if one of these is not among them.

        One that is still missing then is not published. Raises `AwayError`.
        """
        missing = set(versions) - self._terms.keys() - self._absent
        if missing:
            await self.read()
            self._absent |= missing - self._terms.keys()
        return self._terms

    async def read(self) -> None:
        """Reads to the end of the topic. Raises `AwayError`.

        Where many processes start at once a connection can stand still; a new one gets through.
        """
        for attempt in range(1, READ_TRIES_MAX + 1):
            try:
                async with asyncio.timeout(READ_SECONDS_MAX):
                    return await self._read()
            except TimeoutError:
                _log.warning("the policies are slow to come", attempt=attempt)
        raise AwayError("Kafka is away: the policies cannot be read")

    async def _read(self) -> None:
        consumer = kafka.reader(self._kafka, client=self._client, max_wait_ms=FETCH_WAIT_MS)
        try:
            with kafka.away():
                await consumer.start()
                consumer.assign([_POLICIES])
                consumer.seek(_POLICIES, self._next)
                end = (await consumer.end_offsets([_POLICIES]))[_POLICIES]
                while self._next < end:
                    await self._learn(consumer)
        finally:
            await kafka.stopped(consumer.stop())

    async def _learn(self, consumer: AIOKafkaConsumer) -> None:
        batches = await consumer.getmany(timeout_ms=POLL_MILLISECONDS)
        for record in batches.get(_POLICIES, ()):
            try:
                policy = decode(record.value or b"", Policy)
            except UndecodableError as error:
                _log.error("policy unreadable", offset=record.offset, reason=str(error))
            else:
                self._terms[policy.version] = terms(policy)
        self._next = await consumer.position(_POLICIES)
