"""The edges' own Kafka and Postgres: provisioning, policies, inboxes, keys, on the real thing."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from kafka.structs import TopicPartition
from pydantic import SecretStr

from schemas.codec import encode
from schemas.settings import Settings
from schemas.topics import INBOX_BYTES_MAX, INTAKE_PARTITIONS, POLICIES, Topic, fixed_topics
from services.follow import PolicyFollower, PublishedPolicies
from services.intake.inboxes import Inboxes, KafkaInboxes
from services.kafka import KafkaAwayError, TopicError, admin, append, producer, reader
from services.keys import store
from services.keys.active import ActiveKeys
from services.keys.key import KeyRefusedError, new_key
from services.postgres import Database
from services.provision.demo import demo
from services.provision.run import provision
from services.provision.tables import OtherClusterError, lay_out
from services.provision.topics import bring_about
from tests.builders import CITY, NOON
from tests.edges import FakeInboxes
from tests.policies import policy

pytestmark = pytest.mark.integration

WAIT_SECONDS = 15
POLICIES_FOLDER = Path(__file__).parents[2] / "deploy" / "policies"


def until(holds: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < ends_at, "it did not come to hold"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def topics(kafka: str) -> str:
    """A broker with the topics that every installation has."""
    client = admin(kafka)
    bring_about(client, fixed_topics(dead_letter_days=1), replication=1)
    client.close()
    return kafka


def test_provisioning_makes_everything_once_and_then_nothing(
    kafka: str, database: str, tmp_path: Path
) -> None:
    settings = Settings(
        kafka=kafka, database_url=SecretStr(database), data=tmp_path, policies=POLICIES_FOLDER
    )
    first: list[str] = []
    second: list[str] = []

    provision(settings, now=NOON, make_demo=demo, say=first.append)
    provision(settings, now=NOON, make_demo=demo, say=second.append)

    assert any(words.startswith("published hashtgerd/") for words in first)
    assert second == []
    assert (tmp_path / "demo.json").stat().st_mode & 0o777 == 0o600


def test_a_topic_is_altered_where_it_may_be_and_refused_where_it_may_not(kafka: str) -> None:
    def topic(partitions: int, days: int) -> Topic:
        return Topic(
            messages=("submission.v1",),
            name="test-altered",
            purpose="a test",
            key="none",
            partitions=partitions,
            writers=("edge",),
            readers=("nobody",),
            bytes_max=1_000,
            retention_days=days,
        )

    client = admin(kafka)
    made = bring_about(client, [topic(2, 1)], replication=1)
    changed = bring_about(client, [topic(2, 3)], replication=1)
    same = bring_about(client, [topic(2, 3)], replication=1)

    assert (made.made, changed.altered, same.altered) == (("test-altered",),) * 2 + ((),)
    with pytest.raises(TopicError, match="has 2 partitions and must have 3"):
        bring_about(client, [topic(3, 3)], replication=1)
    client.close()


def test_a_projection_of_another_cluster_is_refused(database: str) -> None:
    async def lay_out_twice() -> None:
        connection = await asyncpg.connect(database)
        try:
            await connection.execute("drop schema if exists projection cascade")
            assert await lay_out(connection, "one")
            assert not await lay_out(connection, "one")
            with pytest.raises(OtherClusterError):
                await lay_out(connection, "other")
        finally:
            await connection.close()

    asyncio.run(lay_out_twice())


def test_keys_open_until_they_are_revoked_and_outlive_an_outage(database: str) -> None:
    async def live() -> None:
        connection = await asyncpg.connect(database)
        await lay_out(connection, "one")
        key = new_key(client="bot", scopes=("channel:sms",))
        await store.add(connection, key)
        here, keys = Database(database), ActiveKeys()
        await here.open()
        await keys.refresh(here.pool)
        known = keys.known(key.shown)
        assert known is not None
        assert known.may_submit("sms")
        assert not known.may_submit("web")

        nowhere = Database("postgresql://nobody@127.0.0.1:1/none")
        await nowhere.open()
        fresh = asyncio.create_task(keys.keep_fresh(nowhere.pool, every_seconds=0.01))
        await asyncio.sleep(0.1)
        fresh.cancel()
        assert keys.known(key.shown) == known

        assert await store.revoke(connection, key.key_id)
        await keys.refresh(here.pool)
        assert keys.known(key.shown) is None
        kept = await store.all_keys(connection)
        assert key.shown not in repr(kept)
        here.close()
        nowhere.close()
        await connection.close()

    asyncio.run(live())


@pytest.mark.parametrize(
    ("client", "scopes"),
    [
        ("Bot", ("read",)),
        ("bot", ()),
        ("bot", ("write",)),
        ("bot", ("channel:pigeon",)),
        ("bot", ("department:parks",)),
        ("", ("read",)),
        ("citizen", ("operator:hashtgerd",)),
        ("staff", ("operator:hashtgerd",)),
        ("intake-hashtgerd-sms", ("channel:sms",)),
    ],
)
def test_a_key_that_opens_nothing_is_not_made(client: str, scopes: tuple[str, ...]) -> None:
    with pytest.raises(KeyRefusedError):
        new_key(client=client, scopes=scopes)


def test_policies_are_followed_from_the_first_to_the_newest(topics: str) -> None:
    policies = PublishedPolicies()
    follower = PolicyFollower(topics, policies, clock=time.monotonic)
    assert not policies.ready
    follower.start()
    until(lambda: policies.ready)
    writer = producer(topics, wait_seconds=10, bytes_max=1 << 20)

    append(writer, POLICIES, key="broken", value=b"{", headers=[])
    append(writer, POLICIES, key="one", value=encode(policy()), headers=[])
    writer.close()

    until(lambda: policies.in_force(CITY, policy().since) == policy())
    assert follower.heard_at is not None
    follower.close()


Inbox = Callable[[Callable[[Inboxes], Awaitable[Any]]], Any]


@pytest.fixture(params=["fake", "real"])
def inbox(request: pytest.FixtureRequest) -> Inbox:
    """One contract, for the inboxes in memory and for those in Kafka."""
    if request.param == "fake":
        return lambda work: asyncio.run(_with(work, FakeInboxes()))
    kafka = request.getfixturevalue("topics")
    return lambda work: asyncio.run(
        _with(work, KafkaInboxes(kafka, ["intake-app"], wait_seconds=10))
    )


async def _with(  # noqa: ANN202
    work: Callable[[Inboxes], Awaitable[Any]],
    inboxes: Any,  # noqa: ANN401
):
    if isinstance(inboxes, KafkaInboxes):
        inboxes.start()
        await asyncio.to_thread(until, lambda: inboxes.connected)
    try:
        return await work(inboxes)
    finally:
        if isinstance(inboxes, KafkaInboxes):
            await asyncio.to_thread(inboxes.close)


def test_an_inbox_takes_many_messages_at_once(inbox: Inbox) -> None:
    async def many(inboxes: Inboxes) -> None:
        await asyncio.gather(
            *(
                inboxes.append("intake-app", key=f"{n}", value=b"x", headers=[("a", b"b")])
                for n in range(200)
            )
        )

    inbox(many)


def test_an_inbox_refuses_what_is_too_large_and_goes_on(inbox: Inbox) -> None:
    async def large_next_to_small(inboxes: Inboxes) -> None:
        large = inboxes.append(
            "intake-app", key="l", value=b"x" * (INBOX_BYTES_MAX + 1), headers=[]
        )
        small = inboxes.append("intake-app", key="s", value=b"x", headers=[])
        refused, taken = await asyncio.gather(large, small, return_exceptions=True)
        assert isinstance(refused, TopicError)
        assert taken is None

    inbox(large_next_to_small)


def test_what_was_acknowledged_lies_in_the_inbox_at_the_brokers_time(topics: str) -> None:
    async def one(inboxes: Inboxes) -> None:
        await inboxes.append("intake-sms", key="k", value=b"said", headers=[])

    asyncio.run(_with(one, KafkaInboxes(topics, ["intake-sms"], wait_seconds=10)))

    where = [TopicPartition("intake-sms", number) for number in range(INTAKE_PARTITIONS)]
    consumer = reader(topics, where)
    found = [r for rs in consumer.poll(timeout_ms=5_000).values() for r in rs]
    consumer.close()
    assert [(r.key, r.value, r.timestamp_type) for r in found] == [(b"k", b"said", 1)]


def test_without_kafka_an_append_fails_at_once() -> None:
    async def nowhere() -> None:
        inboxes = KafkaInboxes("127.0.0.1:1", ["intake-app"], wait_seconds=0.3)
        inboxes.start()
        with pytest.raises(KafkaAwayError):
            await inboxes.append("intake-app", key="k", value=b"x", headers=[])
        await asyncio.to_thread(inboxes.close)

    asyncio.run(nowhere())
