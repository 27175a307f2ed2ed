"""A Kafka that asks who comes: every client of ours gets in, and no further than it may."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kafka.structs import TopicPartition
from pydantic import SecretStr

from schemas.kafka import KafkaAccess
from schemas.settings import Settings
from schemas.topics import POLICIES, adapter_intake_of, department_of, progress_of
from schemas.vocabulary import Department, Municipality
from services.adapter import AdapterRefusedError, Intake
from services.contract.rights import of_adapter, of_department, of_user
from services.kafka import KafkaAwayError, TopicError, admin, append, producer, read_to_end, reader
from streams.away import AwayError
from streams.kafka import Broker, Log
from streams.router.outlet import Incoming
from streams.router.policies import Policies
from streams.router.worker import attach, build
from tests.conftest import reachable
from tests.guarded import PASSWORD, Guarded, guarded_kafka
from tests.topics import make_fixed_topics, make_topic

pytestmark = [
    pytest.mark.integration,
    # kafka-python leaves a socket to the collector where it could not connect.
    pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning"),
]

CITY, ADAPTER, PARKS = Municipality("hashtgerd"), "bale", Department("hashtgerd-parks")
INBOX, OTHER_INBOX = adapter_intake_of(CITY, ADAPTER), adapter_intake_of(CITY, "eitaa")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = reachable(tmp_path_factory.mktemp("guarded"))
    with guarded_kafka(folder, datetime.now(UTC)) as broker:
        asyncio.run(make_fixed_topics(broker.open_door))
        for name in (INBOX, OTHER_INBOX, department_of(CITY, PARKS), progress_of(CITY, PARKS)):
            asyncio.run(make_topic(broker.open_door, name))
        for user in ("router", "operator"):
            broker.let_in(user, of_user(user))
        broker.let_in("adapter", of_adapter(CITY, ADAPTER))
        broker.let_in("department", of_department(CITY, PARKS))
        yield broker


def test_an_adapter_outside_writes_to_its_own_inbox_and_to_no_other(guarded: Guarded) -> None:
    how: Any = {"municipality": CITY, "channel": "messenger", "patience_seconds": 5}

    with Intake(kafka=guarded.access("adapter"), inbox=INBOX, **how) as intake:
        receipt = intake.submit(text="the lamp is out", reference="m-1")
    with (
        pytest.raises(AdapterRefusedError, match="eitaa"),
        Intake(kafka=guarded.access("adapter"), inbox=OTHER_INBOX, **how) as other,
    ):
        other.submit(text="the lamp is out", reference="m-1")

    assert receipt.inbox == INBOX


@pytest.mark.parametrize("wrong", ["password", "authority"])
def test_who_is_not_known_or_does_not_know_the_broker_is_told_so(
    guarded: Guarded, wrong: str
) -> None:
    access = guarded.access("adapter", *(["wrong"] if wrong == "password" else []))
    if wrong == "authority":
        access = KafkaAccess(servers=access.servers, security="SSL")

    with pytest.raises(KafkaAwayError, match="cannot be reached"):
        admin(access, wait_seconds=2)


def test_a_department_reads_what_it_has_to_do_and_reports_it(guarded: Guarded) -> None:
    access = guarded.access("department")

    assert list(_read(access, department_of(CITY, PARKS))) == []
    _append(access, progress_of(CITY, PARKS))
    with pytest.raises(TopicError, match="may not be used"):
        _append(access, department_of(CITY, PARKS))


def test_the_workers_clients_get_in(guarded: Guarded) -> None:
    async def work() -> str:
        access = guarded.access("router")
        log, broker = (
            Log(access, client="t", wait_seconds=10),
            Broker(access, client="t", wait_seconds=10),
        )
        policies = Policies(access, print)
        await log.start()
        await broker.start()
        await policies.start()
        try:
            await log.append("case-facts", b"k", b"v", partition=0)
            with pytest.raises(AwayError, match="TopicAuthorization"):
                await log.append(INBOX, b"k", b"v")
            return await broker.cluster_id()
        finally:
            await policies.stop()
            await broker.stop()
            await log.stop()

    assert asyncio.run(work())


def test_the_routers_faust_gets_in(guarded: Guarded, tmp_path: Path) -> None:
    _append(guarded.access("adapter"), INBOX)
    access = guarded.access("router")
    settings = Settings(
        data=tmp_path,
        kafka=access.servers,
        kafka_security=access.security,
        kafka_user=access.user,
        kafka_password=SecretStr(PASSWORD),
        kafka_ca=guarded.authority,
    )

    async def work() -> bytes:
        assert settings.kafka_access == access
        app, arrived = build(settings, "intake", access), asyncio.Queue[bytes]()

        async def handle(incoming: Incoming, _: Iterable[Incoming]) -> None:
            await arrived.put(incoming.value)

        attach(app, [INBOX], handle, 1)
        app.finalize()
        await app.start()
        try:
            return await asyncio.wait_for(arrived.get(), 30)
        finally:
            await app.stop()

    assert asyncio.run(work())


def test_the_operator_publishes_policies_and_the_router_does_not(guarded: Guarded) -> None:
    _append(guarded.access("operator"), POLICIES)
    with pytest.raises(TopicError, match="may not be used"):
        _append(guarded.access("router"), POLICIES)


def _append(access: KafkaAccess, topic: str) -> None:
    writer = producer(access, wait_seconds=10, bytes_max=100_000)
    try:
        append(writer, topic, key="k", value=b"v", headers=[])
    finally:
        writer.close()


def _read(access: KafkaAccess, topic: str) -> list[Any]:
    consumer = reader(access, [TopicPartition(topic, 0)])
    try:
        consumer.seek_to_beginning()
        return list(read_to_end(consumer))
    finally:
        consumer.close()
