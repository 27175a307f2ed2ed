"""The kit on a real Kafka: positions, several processes, gaps, and an outage."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kafka.structs import TopicPartition

from schemas.codec import decode
from schemas.deliveries import Delivery
from schemas.messages import ProgressReport
from schemas.topics import progress_of
from schemas.vocabulary import Author, FactId
from schemas.vocabulary import Department as DepartmentId
from services.department import (
    Api,
    Department,
    Gap,
    GapError,
    Handed,
    SnapshotError,
    SqliteLedger,
    Unreadable,
    UnreadableError,
    access,
    outbox,
    tap,
)
from services.embedded.parts import Embedded
from services.kafka import admin
from streams.core.ids import progress_id
from tests.builders import source
from tests.conftest import reachable
from tests.department.laid import CITY, delivery, lay, lying, make_topics
from tests.department.listing import KEY, Listing, case, listing

pytestmark = pytest.mark.integration

PATIENCE_SECONDS = 30.0


class Parks:
    """A department of its own for each test."""

    def __init__(self, kafka: str, name: str) -> None:
        self.kafka = kafka
        self.name = name
        self.topic = make_topics(kafka, name)
        self.said: list[str] = []

    def lay(self, *numbers: int) -> None:
        lay(self.kafka, self.topic, [delivery(one) for one in numbers])

    def system(self, api: Listing | None = None) -> Department:
        return Department(
            kafka=self.kafka,
            municipality=CITY,
            department=self.name,
            api=None if api is None else Api(api.address, KEY),
            patience_seconds=30,
            say=self.said.append,
        )

    def delete_before(self, offset: int) -> None:
        client: Any = admin(self.kafka)
        try:
            client.delete_records({TopicPartition(self.topic, 0): offset})
        finally:
            client.close()

    def make_anew(self) -> None:
        client: Any = admin(self.kafka)
        try:
            client.delete_topics([self.topic])
            _until(lambda: self.topic not in client.list_topics())
        finally:
            client.close()
        make_topics(self.kafka, self.name)


def _until(check: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not check():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def parks(kafka: str, request: pytest.FixtureRequest) -> Parks:
    return Parks(kafka, str(request.node.name).replace("_", "-")[5:60])


def read(system: Department, count: int) -> list[Handed]:
    """So many, each of which is done; fewer where no more come."""
    found: list[Handed] = []
    patience = threading.Timer(PATIENCE_SECONDS, system.stop)
    patience.start()
    try:
        for thing in system.deliveries():
            found.append(thing)
            if len(found) == count:
                system.stop()
    finally:
        patience.cancel()
    return found


def numbers(things: list[Handed]) -> list[int]:
    return [one.version for one in things if isinstance(one, Delivery)]


def test_what_is_done_does_not_come_again_and_what_is_not_does(parks: Parks) -> None:
    parks.lay(*range(5))

    with parks.system() as system:
        assert numbers(read(system, 2)) == [0, 1]
    with parks.system() as system:
        for one in system.deliveries():
            assert numbers([one]) == [2]
            break
    with parks.system() as system, pytest.raises(ArithmeticError):
        system.run(_fails)
    with parks.system() as system:
        assert numbers(read(system, 3)) == [2, 3, 4]


def _fails(_thing: Handed) -> None:
    raise ArithmeticError


def test_of_two_processes_one_reads_and_the_other_takes_over(parks: Parks) -> None:
    parks.lay(*range(3))
    done: list[tuple[str, int]] = []
    first, second = parks.system(), parks.system()

    def work(name: str, system: Department) -> None:
        with system:
            done.extend((name, numbers([one])[0]) for one in system.deliveries())

    threads = [threading.Thread(target=work, args=("first", first))]
    threads[0].start()
    _until(lambda: len(done) == 3)
    threads.append(threading.Thread(target=work, args=("second", second)))
    threads[1].start()
    time.sleep(1)
    parks.lay(3, 4)
    _until(lambda: {number for _, number in done} == set(range(5)))
    at_work = done[-1][0]
    (first if at_work == "first" else second).stop()
    _until(lambda: not threads[0 if at_work == "first" else 1].is_alive())
    parks.lay(5, 6)
    _until(lambda: {number for _, number in done} == set(range(7)))
    first.stop()
    second.stop()
    for one in threads:
        one.join(20)

    assert [number for _, number in done] == list(range(7))
    assert {name for name, number in done if number > 4} == {"first", "second"} - {at_work}


def test_the_beginning_and_a_moment_are_read_again_without_moving_anything(parks: Parks) -> None:
    parks.lay(0, 1)
    time.sleep(0.05)
    moment = datetime.now(UTC)
    parks.lay(2, 3)

    with parks.system() as system:
        assert numbers(list(system.replay())) == [0, 1, 2, 3]
        assert numbers(list(system.replay(moment))) == [2, 3]
        assert list(system.replay(datetime.now(UTC))) == []
        with pytest.raises(ValueError, match="no zone"):
            list(system.replay(datetime(2026, 1, 1)))
        assert numbers(read(system, 4)) == [0, 1, 2, 3]


def test_where_nothing_is_kept_it_begins_at_the_moment_that_is_named(parks: Parks) -> None:
    parks.lay(0, 1)
    time.sleep(0.05)
    moment = datetime.now(UTC)
    parks.lay(2)

    with parks.system() as system:
        assert numbers([next(iter(system.deliveries(first=moment)))]) == [2]


def test_what_retention_took_is_made_up_for_by_what_is_open(parks: Parks) -> None:
    parks.lay(*range(6))
    with parks.system() as system:
        read(system, 2)
    parks.delete_before(4)

    with listing([case(1), case(2), case(3)]) as api:
        with parks.system(api) as system:
            gap, *others = read(system, 3)
        with parks.system(api) as system:
            parks.lay(6)
            assert numbers(read(system, 1)) == [6]

    assert isinstance(gap, Gap), parks.said
    assert (gap.missed_from, gap.missed_to, gap.why) == (2, 4, "retention")
    assert [one.case_id for one in gap.open_cases] == ["c-1", "c-2", "c-3"]
    assert numbers(others) == [4, 5]
    assert "2 to 4 of" in parks.said[0]


def test_a_gap_that_nobody_can_make_up_for_is_an_error_each_time(parks: Parks) -> None:
    parks.lay(*range(4))
    with parks.system() as system:
        read(system, 1)
    parks.delete_before(3)

    for _ in range(2):
        with parks.system() as system, pytest.raises(GapError, match=r"1 to 3 of .* no API"):
            read(system, 1)
    with parks.system() as system, pytest.raises(SnapshotError, match="no API"):
        system.open_cases()


def test_what_retention_takes_while_a_handler_is_slow_is_a_gap(
    parks: Parks, tmp_path: Path
) -> None:
    ledger = SqliteLedger.at(tmp_path / "work.db")
    done: list[Handed] = []
    parks.lay(*range(3))

    def handle(thing: Handed) -> None:
        done.append(thing)
        if len(done) == 3:
            # All that was fetched is done; what comes now is gone before it is asked for.
            parks.lay(*range(3, 9))
            parks.delete_before(7)
        if len(done) == 6:
            system.stop()

    with listing([]) as api, parks.system(api) as system:
        system.run(handle, ledger=ledger)

    assert numbers(done) == [0, 1, 2, 7, 8]
    assert isinstance(done[3], Gap)
    assert (done[3].missed_from, done[3].missed_to) == (3, 7)


def test_a_topic_made_anew_is_a_gap_and_is_read_from_its_beginning(
    parks: Parks, tmp_path: Path
) -> None:
    ledger = SqliteLedger.at(tmp_path / "work.db")
    parks.lay(0, 1)
    with parks.system() as system:
        system.run(lambda thing: _stop_at(system, thing, 1), ledger=ledger)
    parks.make_anew()
    # As long as the old one: by offsets alone they look the same. One came before.
    parks.lay(1, 7, 8, 9)
    done: list[Handed] = []

    def handle(thing: Handed) -> None:
        done.append(thing)
        _stop_at(system, thing, 9)

    with listing([case(1)]) as api, parks.system(api) as system:
        system.run(handle, ledger=ledger)

    assert isinstance(done[0], Gap)
    assert (done[0].missed_from, done[0].missed_to, done[0].why) == (2, 0, "recreated")
    assert numbers(done) == [7, 8, 9]


def test_kafka_forgets_the_position_in_a_topic_that_is_made_anew(parks: Parks) -> None:
    """So that whoever is not at work meanwhile reads all of the new one, and is told of no gap."""
    parks.lay(0, 1)
    with parks.system() as system:
        read(system, 2)
    parks.make_anew()
    parks.lay(7)

    with parks.system() as system:
        assert numbers(read(system, 1)) == [7]


def test_whoever_is_at_work_while_the_topic_is_made_anew_is_told(parks: Parks) -> None:
    parks.lay(0, 1)
    done: list[Handed] = []

    with listing([case(1)]) as api, parks.system(api) as system:
        for one in system.deliveries():
            done.append(one)
            if numbers(done) == [0, 1] and len(done) == 2:
                parks.make_anew()
                parks.lay(7, 8, 9)
            _stop_at(system, one, 9)

    assert isinstance(done[2], Gap)
    assert done[2].why == "recreated"
    assert numbers(done[2:]) == [7, 8, 9]


def _stop_at(system: Department, thing: Handed, number: int) -> None:
    if isinstance(thing, Delivery) and thing.version == number:
        system.stop()


def test_what_cannot_be_read_is_set_aside_or_an_error(parks: Parks) -> None:
    lay(parks.kafka, parks.topic, [b"{", delivery(1)])
    aside: list[Unreadable] = []

    with parks.system() as system, pytest.raises(UnreadableError, match=r"record 0 of .* JSON"):
        read(system, 1)
    with parks.system() as system:
        for one in system.deliveries(set_aside=aside.append):
            assert numbers([one]) == [1]
            system.stop()

    assert [(one.offset, one.raw) for one in aside] == [(0, b"{")]


def test_a_report_is_the_same_when_it_is_said_again_and_its_refusal_is_found(parks: Parks) -> None:
    with parks.system() as system:
        first = system.report("c-1", "resolved", reference="r-1", note="done", evidence=["photo:1"])
        again = system.report("c-1", "resolved", reference="r-1", note="done", evidence=["photo:1"])
        other = system.report("c-2", "started", reference="r-2")
        refused = replace(
            delivery(9, kind="refused"), fact_id=FactId(first.fact_id), refused_for="closed"
        )
        lay(parks.kafka, parks.topic, [delivery(8), refused])
        found = system.refusal(first)
        assert system.refusal(other, wait_seconds=0.5) is None

    assert found == refused
    author = Author(progress_of(CITY, DepartmentId(parks.name)))
    assert again.fact_id == first.fact_id == progress_id(author, "r-1", source(), "resolved")
    assert again.offset == first.offset + 1
    inbox = progress_of(CITY, DepartmentId(parks.name))
    records = lying(parks.kafka, inbox)
    reports = [decode(one.value, ProgressReport) for one in records]
    assert [(one.case_id, one.did, one.reference) for one in reports] == [
        ("c-1", "resolved", "r-1"),
        ("c-1", "resolved", "r-1"),
        ("c-2", "started", "r-2"),
    ]
    assert [one.key for one in records] == [b"c-1", b"c-1", b"c-2"]
    assert dict(records[0].headers)["ce_source"] == inbox.encode()


@pytest.fixture
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """A broker that a test may stop, and its process."""
    folder = reachable(tmp_path_factory.mktemp("away"))
    with Embedded(folder / "data", heap_mb=384) as parts, parts.kafka() as server:
        pid = parts.folder.read("run.json")["processes"]["kafka"]["pid"]
        yield server.address, pid


def test_an_outage_is_said_and_everything_goes_on_behind_it(
    broker: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, pid = broker
    monkeypatch.setattr(outbox, "BEAT_SECONDS", 0.5)
    monkeypatch.setattr(tap, "ANSWER_MS_MAX", 1_000)
    monkeypatch.setattr(access, "ATTEMPT_SECONDS", 1.0)
    parks = Parks(address, "parks")
    parks.lay(0)
    done: list[Handed] = []

    def handle(thing: Handed) -> None:
        done.append(thing)
        _stop_at(system, thing, 1)

    with parks.system() as system:
        reader = threading.Thread(target=system.run, args=(handle,))
        reader.start()
        _until(lambda: len(done) == 1)
        system.report("c-1", "started", reference="r-1")
        os.kill(pid, signal.SIGSTOP)
        try:
            _until(lambda: any("answers nothing" in one for one in parks.said))
            writer = threading.Thread(
                target=system.report, args=("c-2", "started"), kwargs={"reference": "r-2"}
            )
            writer.start()
            time.sleep(1)
        finally:
            os.kill(pid, signal.SIGCONT)
        writer.join(30)
        parks.lay(1)
        reader.join(30)

    assert numbers(done) == [0, 1]
    assert len(lying(address, progress_of(CITY, DepartmentId("parks")))) >= 2
    assert any("Kafka answers again" in one for one in parks.said)
