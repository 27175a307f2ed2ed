"""What a department's consumer makes up for: positions not kept at once, joins not finished."""

from typing import Any

import pytest
from kafka.errors import CommitFailedError, KafkaError, KafkaTimeoutError

from schemas.kafka import access
from services.department import tap as taps
from services.department.position import Position
from services.department.tap import KafkaTap

DONE = Position(offset=2, topic_id="t")


class Coordinator:
    """What the library knows of a group that is being joined."""

    def __init__(self, *, rejoining: bool = False) -> None:
        self.rejoining = rejoining
        self.needed = False

    def need_rejoin(self) -> bool:
        return self.needed

    def request_rejoin(self) -> None:
        self.needed = True


class Consumer:
    """Refuses the first commits, each for its reason."""

    def __init__(self, *refusals: KafkaError, coordinator: Coordinator | None = None) -> None:
        self._coordinator = coordinator or Coordinator()
        self.refusals = list(refusals)
        self.kept: list[int] = []
        self.closed = False

    def subscribe(self, _topics: list[str], **_more: object) -> None:
        pass

    def poll(self, **_more: object) -> dict[Any, Any]:
        return {}

    def commit(self, offsets: dict[Any, Any], **_more: object) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        self.kept += [one.offset for one in offsets.values()]

    def close(self, **_more: object) -> None:
        self.closed = True


def tapped(consumer: Consumer, monkeypatch: pytest.MonkeyPatch) -> KafkaTap:
    monkeypatch.setattr(taps, "_consumer", lambda *_: consumer)
    monkeypatch.setattr(taps.ways, "entered", lambda _: Consumer())
    return KafkaTap(access("nobody:1"), "department-x-y", say=lambda _: None, group="g")


def test_a_position_that_was_not_kept_is_kept_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    consumer = Consumer(KafkaTimeoutError())
    tap = tapped(consumer, monkeypatch)

    tap.keep(DONE)
    assert consumer.kept == []
    tap.close()

    assert consumer.kept == [2]
    assert consumer.closed


def test_one_that_is_not_kept_at_the_end_either_ends_it_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    consumer = Consumer(KafkaTimeoutError(), KafkaTimeoutError())
    tap = tapped(consumer, monkeypatch)

    tap.keep(DONE)
    tap.close()

    assert consumer.closed


@pytest.mark.parametrize("refusals", [(), (CommitFailedError(),)], ids=["kept", "not ours now"])
def test_nothing_is_owed_of_what_is_kept_or_is_anothers_now(
    refusals: tuple[KafkaError, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    consumer = Consumer(*refusals)
    tap = tapped(consumer, monkeypatch)

    tap.keep(DONE)
    kept = list(consumer.kept)
    tap.close()

    assert consumer.kept == kept


def test_a_join_that_is_forgotten_in_the_middle_is_begun_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forgotten, joined = Coordinator(rejoining=True), Coordinator()
    for coordinator in (forgotten, joined):
        assert tapped(Consumer(coordinator=coordinator), monkeypatch).poll() == []

    assert forgotten.needed
    assert not joined.needed
