"""A running Peygir seen from outside: by its run file, its addresses, its tables and topics."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from schemas.codec import decode, encode
from schemas.policy import Budget, CategoryPolicy, Policy
from schemas.topics import CASE_FACTS, LOG_PARTITIONS, POLICIES, ROUTER_GROUPS, RouterKind
from schemas.vocabulary import Municipality, PolicyVersion
from streams.core.terms import AllTerms, terms
from streams.kafka import Broker, reader
from tests.embedded.running import environment, wait_for

PROGRAM = Path(__file__).with_name("peygir.py")
SHORT = {
    "PEYGIR_SESSION_SECONDS": "2",
    "PEYGIR_LEASE_SECONDS": "2",
    "PEYGIR_WATCHDOG_SECONDS": "15",
    "PEYGIR_REPAIR_AFTER_SECONDS": "3",
    "PEYGIR_HOLD_SECONDS_MAX": "60",
    "PEYGIR_BROKER_WAIT_SECONDS": "2",
}
MUNICIPALITY = Municipality("hashtgerd")
READY_SECONDS_MAX = 120.0
Rows = list[Mapping[str, Any]]


class City:
    """One instance, started as a program. Everything it is asked is asked from outside."""

    def __init__(
        self,
        data: Path,
        *,
        faults: Mapping[str, str] | None = None,
        more: Mapping[str, str] | None = None,
    ) -> None:
        self.data = data
        self.output = data.parent / f"{data.name}-output.txt"
        settings = {**SHORT, "TEST_FAULTS": json.dumps(faults or {}), **(more or {})}
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                (sys.executable, str(PROGRAM)),
                env=environment(data, **settings),
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait_until_ready(self) -> "City":
        wait_for(
            lambda: "\nready: http" in self.said() or self.process.poll() is not None,
            READY_SECONDS_MAX,
        )
        assert self.process.poll() is None, self.said()
        return self

    def said(self) -> str:
        return self.output.read_text()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def run(self) -> dict[str, Any]:
        return json.loads((self.data / "run.json").read_text())

    def pid(self, worker: str) -> int | None:
        process = self.run()["processes"].get(worker)
        return process["pid"] if process else None

    def restarts(self) -> dict[str, int]:
        return {name: one["restarts"] for name, one in self.run()["processes"].items()}

    @property
    def url(self) -> str:
        return self.run()["url"]

    @property
    def kafka(self) -> str:
        return self.run()["kafka"]

    @property
    def keys(self) -> dict[str, str]:
        return json.loads((self.data / "demo.json").read_text())

    async def rows(self, statement: str, *arguments: object) -> Rows:
        connection = await asyncpg.connect(
            self.run()["database_url"],
            timeout=10,
            server_settings={"search_path": "projection,desk"},
        )
        try:
            return [dict(row) for row in await connection.fetch(statement, *arguments)]
        finally:
            await connection.close()

    async def value(self, statement: str, *arguments: object) -> Any:  # noqa: ANN401
        (row,) = await self.rows(statement, *arguments)
        return next(iter(row.values()))

    async def records(self, prefixes: tuple[str, ...]) -> list[Any]:
        """Everything that lies in the topics with one of these beginnings."""
        async with self.broker() as broker:
            sizes = await broker.partitions(prefixes)
            found = [TopicPartition(one, number) for one in sizes for number in range(sizes[one])]
            ends = await broker.ends(found)
        if not any(ends.values()):
            return []
        consumer = reader(self.kafka, client="test", max_wait_ms=50)
        await consumer.start()
        try:
            consumer.assign(found)
            for one in found:
                consumer.seek(one, 0)
            return [record async for record in _until(consumer, ends)]
        finally:
            await consumer.stop()

    async def terms(self) -> AllTerms:
        """Every version of every policy that was published, as the fold is given them."""
        versions = [decode(one.value, Policy) for one in await self.records((POLICIES,))]
        return {one.version: terms(one) for one in versions}

    async def lag(self, kind: RouterKind) -> int:
        """How many records lie in the inboxes that a router has not committed."""
        async with self.broker() as broker:
            sizes = await broker.partitions((f"{kind}-",))
            found = [TopicPartition(one, number) for one in sizes for number in range(sizes[one])]
            committed = await broker.committed(ROUTER_GROUPS[kind])
            ends = await broker.ends(found)
        return sum(end - committed.get(one, 0) for one, end in ends.items())

    async def unprojected(self) -> int:
        """How many facts lie in the log that a leased row says are not read yet."""
        async with self.broker() as broker:
            log = [TopicPartition(CASE_FACTS, number) for number in range(LOG_PARTITIONS)]
            ends = await broker.ends(log)
        rows = await self.rows(
            "select log_partition, facts_offset from log_positions where owner is not null"
        )
        read = {row["log_partition"]: row["facts_offset"] for row in rows}
        return sum(max(0, end - read.get(one.partition, end)) for one, end in ends.items())

    async def unaccounted(self) -> int:
        """How many positions of the inboxes lie above the gapless marks."""
        async with self.broker() as broker:
            sizes = await broker.partitions(("intake-", "progress-"))
            found = [TopicPartition(one, number) for one in sizes for number in range(sizes[one])]
            ends = await broker.ends(found)
        rows = await self.rows("select inbox, inbox_partition, mark from inbox_marks")
        marks = {(row["inbox"], row["inbox_partition"]): row["mark"] for row in rows}
        return sum(end - marks.get((one.topic, one.partition), 0) for one, end in ends.items())

    async def undelivered(self) -> int:
        return await self.value(
            """
            select count(*) from outbox o left join delivered d using (log_partition)
            where o.log_offset >= coalesce(d.log_offset, 0)
            """
        )

    async def notices_owed(self, within_seconds: float = 0.0) -> int:
        """Notices that are due, or will be within so long."""
        return await self.value(
            "select count(*) from clocks where next_due_at < now() + $1::float * interval '1 s'",
            within_seconds,
        )

    async def log_size(self) -> int:
        """How many records lie in the log."""
        async with self.broker() as broker:
            log = [TopicPartition(CASE_FACTS, number) for number in range(LOG_PARTITIONS)]
            return sum((await broker.ends(log)).values())

    @asynccontextmanager
    async def broker(self) -> AsyncIterator[Broker]:
        broker = Broker(self.kafka, client="test", wait_seconds=5)
        await broker.start()
        try:
            yield broker
        finally:
            await broker.stop()

    async def publish(self, change: Callable[[Policy], Policy]) -> Policy:
        """Publishes the newest policy of Hashtgerd with a change, in force from now on."""
        published = [decode(one.value, Policy) for one in await self.records((POLICIES,))]
        newest = max(
            (one for one in published if one.municipality == "hashtgerd"),
            key=lambda one: one.since,
        )
        since = datetime.now(UTC).replace(microsecond=0)
        version = PolicyVersion(f"{newest.municipality}/{since:%Y-%m-%dT%H:%M:%SZ}")
        changed = replace(change(newest), since=since, version=version)
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka, max_request_size=4 << 20)
        await producer.start()
        try:
            await producer.send_and_wait(POLICIES, encode(changed), key=version.encode())
        finally:
            await producer.stop()
        return changed


LATER_SECONDS = 14_400  # Half of it, when it is first warned of, is longer than any trial.


@dataclass(frozen=True, slots=True)
class Short:
    """A policy with one category whose clocks run out within seconds, and all others much later.

    A trial on a slow machine would else last into their warnings, and never see the log at rest.
    """

    category: str
    first_response_seconds: int
    resolution_seconds: int

    def __call__(self, policy: Policy) -> Policy:
        return replace(policy, categories=tuple(self._changed(one) for one in policy.categories))

    def _changed(self, one: CategoryPolicy) -> CategoryPolicy:
        if one.category != self.category:
            return replace(
                one,
                first_response=_later(one.first_response),
                resolution=_later(one.resolution),
            )
        return replace(
            one,
            first_response=Budget(seconds=self.first_response_seconds, working_time=False),
            resolution=Budget(seconds=self.resolution_seconds, working_time=False),
        )


def _later(budget: Budget) -> Budget:
    return replace(budget, seconds=max(budget.seconds, LATER_SECONDS))


async def until(asked: Callable[[], Any], wanted: object, seconds_max: float, what: str) -> None:
    """Waits until the answer is the wanted one; a world that is away is asked again."""
    answer: object = None
    deadline = asyncio.get_running_loop().time() + seconds_max
    while asyncio.get_running_loop().time() < deadline:
        try:
            answer = await asked()
        except Exception as error:  # noqa: BLE001  # Killed on purpose, it may fail in any way.
            answer = error
        if answer == wanted:
            return
        await asyncio.sleep(0.2)
    msg = f"{what}: {answer!r}, not {wanted!r}, after {seconds_max} s"
    raise AssertionError(msg)


def stop_process(pid: int) -> bool:
    """Whether there was such a process to stop."""
    try:
        os.kill(pid, signal.SIGSTOP)
    except ProcessLookupError:
        return False
    return True


def wake_process(pid: int) -> None:
    os.kill(pid, signal.SIGCONT)


def kill_process(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


async def _until(
    consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]
) -> AsyncIterator[Any]:
    left = {one: end for one, end in ends.items() if end > 0}
    while left:
        for batch in (await consumer.getmany(timeout_ms=200)).values():
            for record in batch:
                yield record
        for one in list(left):
            if await consumer.position(one) >= left[one]:
                del left[one]
