"""From a submission's acceptance to its lying in the department's topic, at 200 a second."""

import asyncio
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from schemas.codec import decode
from schemas.deliveries import Delivery
from streams.kafka import reader
from tests.bench.scraping import scraped
from tests.bench.table import Row, percentile
from tests.crash.city import City
from tests.crash.storm import CITY, WORDS

A_SECOND = 200
SECONDS = 30
WARM_UP_SECONDS = 5
CALLERS = 20
ARRIVE_SECONDS_MAX = 30.0


def measure() -> Row:
    with tempfile.TemporaryDirectory(prefix="peygir-bench-") as folder:
        Path(folder).chmod(0o755)
        city = City(Path(folder) / "data").wait_until_ready()
        try:
            shown = [one["metrics_port"] for one in city.run()["processes"].values()]
            with scraped(*filter(None, shown)):
                waited = asyncio.run(_waits(city))
        finally:
            city.stop()
    waits = [wait for _, wait in waited]
    return Row(
        what=f"accepted → in the department's topic, p99, at {A_SECOND} a second",
        measured=percentile(waits, 99) * 1000,
        unit=" ms",
        floor=1000,
        aim=150,
        at_most=True,
        detail=f"p50 {percentile(waits, 50) * 1000:.0f} ms, p90 {percentile(waits, 90) * 1000:.0f}"
        f" ms, longest {max(waits) * 1000:.0f} ms of {len(waits)}, every process on this machine;"
        f" the slowest 1 % lie in {_seconds_of_the_slowest(waited)} of {SECONDS} seconds",
    )


def _seconds_of_the_slowest(waited: Sequence[tuple[float, float]]) -> int:
    """Few, where something stood still; many, where a processor is what everybody waits for."""
    slow = percentile((wait for _, wait in waited), 99)
    return len({int(at) for at, wait in waited if wait >= slow})


async def _waits(city: City) -> list[tuple[float, float]]:
    """For each submission that counts when it was accepted, and how long it took from there."""
    accepted: dict[str, float] = {}
    arrived: dict[str, float] = {}
    async with city.broker() as broker:
        sizes = await broker.partitions((f"department-{CITY}-",))
    consumer = reader(city.kafka, client="bench", max_wait_ms=10)
    await consumer.start()
    where = [TopicPartition(topic, 0) for topic in sizes]
    consumer.assign(where)
    for one in where:
        consumer.seek(one, 0)
    watching = asyncio.create_task(_watch(consumer, arrived))
    try:
        await asyncio.gather(*(_caller(city, number, accepted) for number in range(CALLERS)))
        async with asyncio.timeout(ARRIVE_SECONDS_MAX):
            while accepted.keys() - arrived.keys():  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    finally:
        watching.cancel()
        await consumer.stop()
    return _counted(accepted, arrived)


def _counted(
    accepted: Mapping[str, float], arrived: Mapping[str, float]
) -> list[tuple[float, float]]:
    """The waits, without those of the first seconds."""
    began = min(accepted.values()) + WARM_UP_SECONDS
    # A delivery may be read before the answer to its submission is.
    return [(at, max(0.0, arrived[key] - at)) for key, at in accepted.items() if at >= began]


async def _watch(consumer: AIOKafkaConsumer, arrived: dict[str, float]) -> None:
    while True:
        batches = await consumer.getmany(timeout_ms=100)
        now = time.monotonic()
        for record in (record for batch in batches.values() for record in batch):
            arrived.setdefault(decode(record.value or b"", Delivery).case_id, now)


async def _caller(city: City, number: int, accepted: dict[str, float]) -> None:
    """One connection with its share of the rate, and as little of a client as can be."""
    host, port = city.url.removeprefix("http://").split(":")
    connection = await asyncio.open_connection(host, int(port))
    key = city.keys["intake"]
    pause = CALLERS / A_SECOND
    first = time.monotonic() + pause * number / CALLERS
    for turn in range((SECONDS + WARM_UP_SECONDS) * A_SECOND // CALLERS):
        await asyncio.sleep(max(0.0, first + turn * pause - time.monotonic()))
        case_id = await _submit(connection, key, f"{number}-{turn}")
        accepted[case_id] = time.monotonic()
    connection[1].close()


async def _submit(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], key: str, reference: str
) -> str:
    incoming, outgoing = connection
    text = f"{WORDS[len(reference) % len(WORDS)]} {reference}"
    body = json.dumps({"municipality": CITY, "channel": "app", "text": text}).encode()
    head = (
        f"POST /intake/v1/cases HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n"
        f"Idempotency-Key: {reference}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    outgoing.write(head.encode() + body)
    answer = (await incoming.readuntil(b"\r\n\r\n")).lower()
    assert answer.startswith(b"http/1.1 202"), answer
    length = int(answer.split(b"content-length: ")[1].split(b"\r\n")[0])
    return json.loads(await incoming.readexactly(length))["case_id"]
