"""Inboxes as their writers and their routers leave them, and what a worker shows of that."""

import time
from collections.abc import Iterable, Mapping

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition

from schemas.metric import Metric
from schemas.topics import ROUTER_GROUPS
from schemas.vocabulary import CaseId
from streams.process import Worker
from tests.builders import routed, source, submitted
from tests.integration.lab import Lab

Shown = Mapping[tuple[str, ...], float]


async def fill(city: Lab, place: TopicPartition, *ages: float) -> None:
    """Records that came so many seconds ago."""
    producer = AIOKafkaProducer(bootstrap_servers=city.kafka)
    await producer.start()
    now = time.time()
    for age in ages:
        at = int((now - age) * 1000)
        await producer.send_and_wait(place.topic, b"{}", partition=place.partition, timestamp_ms=at)
    await producer.stop()


async def route(city: Lab, inbox: str, offsets: Iterable[int]) -> None:
    for offset in offsets:
        fact = submitted(CaseId(f"{inbox}-{offset}"), lies=source(offset, inbox=inbox))
        await city.append(fact, routed(fact))


async def commit(city: Lab, place: TopicPartition, offset: int) -> None:
    """As a router's group does, which by then has handled or skipped all below."""
    consumer = AIOKafkaConsumer(bootstrap_servers=city.kafka, group_id=ROUTER_GROUPS["intake"])
    await consumer.start()
    consumer.assign([place])
    await consumer.commit({place: offset})
    await consumer.stop()


def shown(worker: Worker, metric: Metric) -> Shown:
    """What it shows now, by the values of the metric's labels."""
    return {
        tuple(sample.labels[label] for label, _ in metric.labels): sample.value
        for family in worker.meters.registry.collect()
        for sample in family.samples
        if sample.name == metric.name
    }
