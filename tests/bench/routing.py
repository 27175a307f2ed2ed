"""Submissions a second through the router, against a bare agent that forwards the same bytes."""

import asyncio
import base64
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition

from schemas.codec import encode
from schemas.topics import CASE_FACTS, INTAKE_PARTITIONS, LOG_PARTITIONS, POLICIES
from services.embedded.parts import Embedded
from services.embedded.ports import free_port
from services.policy.close import close
from services.policy.load import load
from streams.kafka import reader
from tests.bench.scraping import scraped
from tests.bench.table import Row
from tests.builders import submission
from tests.crash.storm import WORDS
from tests.topics import make_fixed_topics, make_topic

ROOT = Path(__file__).parents[2]
MESSAGES = 6_000
ROUNDS = 3
SECONDS_MAX = 120.0
INBOX, BARE_IN, BARE_OUT = "intake-web", "bare-in", "bare-out"


def measure() -> Row:
    with (
        tempfile.TemporaryDirectory(prefix="peygir-bench-") as folder,
        Embedded(Path(folder) / "data") as parts,
        parts.kafka() as broker,
    ):
        kafka = broker.address
        asyncio.run(_prepare(kafka))
        shown = free_port("bench router")
        with (
            _process("-m", "streams", "router", "intake", kafka=kafka, folder=folder, shown=shown),
            scraped(shown),
        ):
            ours = _rounds(kafka, INBOX, CASE_FACTS, LOG_PARTITIONS, records_each=2)
        bare = str(Path(__file__).with_name("bare_faust.py"))
        with _process(bare, kafka, BARE_IN, BARE_OUT, kafka=kafka, folder=folder):
            theirs = _rounds(kafka, BARE_IN, BARE_OUT, INTAKE_PARTITIONS, records_each=1)
    return Row(
        what="submissions a second through the router / bare agent",
        measured=statistics.median(ours) / statistics.median(theirs),
        unit="",
        floor=0.35,
        aim=0.5,
        at_most=False,
        detail=f"{statistics.median(ours):.0f}/s and {statistics.median(theirs):.0f}/s, "
        f"{ROUNDS} rounds of {MESSAGES}",
    )


async def _prepare(kafka: str) -> None:
    await make_fixed_topics(kafka)
    for name in (BARE_IN, BARE_OUT):
        await make_topic(kafka, name, partitions=INTAKE_PARTITIONS)
    policy = close(
        load(ROOT / "deploy" / "policies" / "hashtgerd"), datetime.now(UTC) - timedelta(days=1)
    )
    await _produce(kafka, POLICIES, [encode(policy)], partitions=1)


def _rounds(
    kafka: str, source: str, target: str, partitions: int, *, records_each: int
) -> list[float]:
    """Rates of several rounds, after a first one that only warms up."""
    rates = [
        asyncio.run(_round(kafka, source, target, partitions, number, records_each))
        for number in range(ROUNDS + 1)
    ]
    return rates[1:]


async def _round(
    kafka: str, source: str, target: str, partitions: int, number: int, records_each: int
) -> float:
    where = [TopicPartition(target, one) for one in range(partitions)]
    consumer = reader(kafka, client="bench", max_wait_ms=50)
    await consumer.start()
    try:
        consumer.assign(where)
        for one, end in (await consumer.end_offsets(where)).items():
            consumer.seek(one, end)
        messages = [
            encode(replace(submission(WORDS[one % len(WORDS)]), reference=f"source:{number}-{one}"))
            for one in range(MESSAGES)
        ]
        await _produce(kafka, source, messages, partitions=INTAKE_PARTITIONS)
        async with asyncio.timeout(SECONDS_MAX):
            times = await _times(consumer, MESSAGES * records_each)
    finally:
        await consumer.stop()
    return MESSAGES / (max(times) - min(times))


async def _times(consumer: AIOKafkaConsumer, wanted: int) -> list[float]:
    times: list[float] = []
    while len(times) < wanted:
        for batch in (await consumer.getmany(timeout_ms=500)).values():
            times += [record.timestamp / 1000 for record in batch]
    return times


async def _produce(kafka: str, topic: str, values: list[bytes], *, partitions: int) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka, enable_idempotence=True, linger_ms=5, max_request_size=4 << 20
    )
    await producer.start()
    try:
        sent = [
            await producer.send(
                topic, value, key=str(number).encode(), partition=number % partitions
            )
            for number, value in enumerate(values)
        ]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


@contextmanager
def _process(*arguments: str, kafka: str, folder: str, shown: int = 0) -> Iterator[None]:
    keys = {
        name: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        for name in ("PEYGIR_MASTER_KEY", "PEYGIR_HMAC_KEY")
    }
    process = subprocess.Popen(
        (sys.executable, *arguments),
        env={
            **os.environ,
            **keys,
            "PEYGIR_KAFKA": kafka,
            "PEYGIR_METRICS_PORT": str(shown),
            "PYTHONPATH": str(ROOT),
        },
        cwd=folder,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(15)


if __name__ == "__main__":
    print(measure())  # noqa: T201
