"""How far groups have come, asked of a broker that knows no coordinator for a moment."""

from typing import Any, cast

import pytest
from kafka import KafkaAdminClient
from kafka.errors import CoordinatorNotAvailableError
from kafka.structs import OffsetAndMetadata, TopicPartition

from services.kafka import COMMITTED, committed

HERE, THERE = TopicPartition("intake-here", 0), TopicPartition("intake-here", 1)


class Broker:
    """Knows no coordinator the first few times it is asked."""

    def __init__(self, *, silent: int, topics: tuple[str, ...] = (COMMITTED,)) -> None:
        self.silent = silent
        self.topics = topics
        self.asked = 0

    def list_group_offsets(self, groups: list[str]) -> dict[str, Any]:
        self.asked += 1
        if self.asked <= self.silent:
            raise CoordinatorNotAvailableError
        # The stubs at hand describe an older kafka-python.
        offset: Any = OffsetAndMetadata
        return {group: {HERE: offset(7, "", -1), THERE: offset(-1, "", -1)} for group in groups}

    def describe_topics(self) -> list[dict[str, str]]:
        return [{"name": one} for one in self.topics]


def asked(broker: Broker, wait_seconds: float = 10) -> object:
    return committed(cast(KafkaAdminClient, broker), ["router"], wait_seconds=wait_seconds)


def test_a_broker_that_knows_no_coordinator_for_a_moment_is_asked_again() -> None:
    assert asked(Broker(silent=2)) == {HERE: 7}


def test_before_anybody_has_committed_none_has_come_anywhere() -> None:
    broker = Broker(silent=1, topics=())

    assert asked(broker) == {}
    assert broker.asked == 1


def test_a_broker_that_goes_on_knowing_none_is_an_error() -> None:
    with pytest.raises(CoordinatorNotAvailableError):
        asked(Broker(silent=99), wait_seconds=0)
