"""The topic is read in order, from where it was left, and nothing is passed over unsaid."""

import threading
from collections.abc import Iterable
from datetime import timedelta

import pytest

from schemas.codec import encode
from schemas.deliveries import Delivery
from services.department.outbox import BEAT_SECONDS, Outbox, Read, Stretch, Unreadable
from services.department.position import Missing, Position
from tests.builders import NOON
from tests.department.fake_tap import FakeTap, Record
from tests.department.laid import delivery


def records(*numbers: int) -> list[Record]:
    return [Record(one, encode(delivery(one)), NOON + timedelta(hours=one)) for one in numbers]


def at(offset: int, topic_id: str = "t-1") -> Position:
    return Position(offset=offset, topic_id=topic_id)


class Reading:
    """An outbox on a fake tap, which ends when there is nothing to read."""

    def __init__(self, tap: FakeTap, stretch: Stretch | None = None) -> None:
        self.tap = tap
        self.stopping = threading.Event()
        self.said: list[str] = []
        self.seconds = 0.0
        tap.idle = self.stopping.set
        self.outbox = Outbox(
            tap,
            "department-h-p",
            stretch or Stretch(),
            stopping=self.stopping,
            say=self.said.append,
            clock=lambda: self.seconds,
        )

    def all(self) -> list[Read]:
        found: list[Read] = []
        for read in self.outbox.read():
            found.append(read)
            self.tap.position = read.after
        return found

    def wait(self, times: int) -> None:
        """Stops after so many looks, each of which takes a beat."""
        left = [times]

        def idle() -> None:
            self.seconds += BEAT_SECONDS
            left[0] -= 1
            if not left[0]:
                self.stopping.set()

        self.tap.idle = idle


def shown(reads: Iterable[Read]) -> list[object]:
    """Deliveries by their number, and what else there is as it is."""
    things = (one.thing for one in reads)
    return [one.version if isinstance(one, Delivery) else one for one in things]


def test_everything_is_read_in_order_with_the_positions_between() -> None:
    reads = Reading(FakeTap(records(0, 1, 2, 3, 4))).all()

    assert shown(reads) == [0, 1, 2, 3, 4]
    assert [one.before for one in reads] == [None, at(1), at(2), at(3), at(4)]
    assert [one.after for one in reads] == [at(1), at(2), at(3), at(4), at(5)]


def test_it_goes_on_where_it_was_left() -> None:
    reads = Reading(FakeTap(records(0, 1, 2), position=at(2))).all()

    assert shown(reads) == [2]
    assert reads[0].before == at(2)


def test_without_a_position_it_begins_at_the_moment_that_was_named() -> None:
    tap = FakeTap(records(0, 1, 2))

    assert shown(Reading(tap, Stretch(first=NOON + timedelta(minutes=30))).all()) == [1, 2]


def test_a_moment_that_is_still_to_come_begins_at_the_end() -> None:
    tap = FakeTap(records(0, 1, 2))

    assert shown(Reading(tap, Stretch(first=NOON + timedelta(days=9))).all()) == []
    assert tap.stands == 3


def test_to_the_end_is_to_the_end_that_there_was() -> None:
    tap = FakeTap(records(0, 1))
    reading = Reading(tap, Stretch(to_end=True))

    found: list[Read] = []
    for read in reading.outbox.read():
        found.append(read)
        tap.records.append(Record(tap.end(), encode(delivery(9))))

    assert shown(found) == [0, 1]


def test_to_the_end_of_nothing_is_nothing() -> None:
    reading = Reading(FakeTap(first=5), Stretch(to_end=True))

    assert reading.all() == []
    assert not reading.stopping.is_set()


def test_what_retention_took_before_it_was_read_is_a_gap_and_then_it_goes_on() -> None:
    reads = Reading(FakeTap(records(7, 8), first=7, position=at(3))).all()

    assert shown(reads) == [Missing(first=3, follows=7, why="retention"), 7, 8]
    assert [one.before for one in reads] == [at(3), at(7), at(8)]
    assert reads[0].after == at(7)


def test_what_retention_takes_while_it_is_read_is_a_gap() -> None:
    tap = FakeTap(records(*range(12)))
    reading = Reading(tap)

    found: list[Read] = []
    for read in reading.outbox.read():
        found.append(read)
        tap.position = read.after
        if read.after.offset == 2:
            tap.records, tap.first = records(9, 10), 9

    # What was fetched already is handed over.
    assert shown(found) == [0, 1, 2, Missing(first=3, follows=9, why="retention"), 9, 10]


def test_a_topic_made_anew_is_a_gap_although_it_is_as_long_as_the_old_one() -> None:
    tap = FakeTap(records(0, 1, 2, 3, 4), made="t-2", position=at(3))

    reads = Reading(tap).all()

    assert shown(reads) == [Missing(first=3, follows=0, why="recreated"), 0, 1, 2, 3, 4]
    assert reads[-1].after == at(5, "t-2")


def test_a_position_beyond_the_end_is_a_gap_where_no_id_is_known() -> None:
    tap = FakeTap(records(0, 1), position=at(9, ""))

    assert shown(Reading(tap).all())[0] == Missing(first=9, follows=0, why="recreated")


def test_a_position_at_the_very_end_and_at_the_very_start_are_no_gaps() -> None:
    assert shown(Reading(FakeTap(records(4, 5), first=4, position=at(4))).all()) == [4, 5]
    assert shown(Reading(FakeTap(records(4, 5), first=4, position=at(6))).all()) == []


def test_a_topic_made_anew_while_nothing_comes_is_noticed() -> None:
    tap = FakeTap(records(0, 1, 2), position=at(3))
    reading = Reading(tap)
    reading.wait(times=3)
    looks = iter(reading.outbox.read())
    idle = tap.idle

    def made_anew() -> None:
        tap.made, tap.records, tap.position = "t-2", [], None
        idle()

    tap.idle = made_anew

    assert shown(looks) == [Missing(first=3, follows=0, why="recreated")]


def test_a_topic_made_anew_between_two_polls_is_noticed_although_it_is_longer() -> None:
    tap = FakeTap(records(*range(5)))
    reading = Reading(tap)

    def made_anew() -> None:
        if tap.stands == 5:
            # The second poll: what it gives lies in the new topic, at offsets that fit.
            tap.made = "t-2"

    tap.polled = made_anew

    assert shown(reading.all()) == [
        *(0, 1, 2),
        Missing(first=3, follows=0, why="recreated"),
        *(0, 1, 2, 3, 4),
    ]


def test_an_offset_that_never_held_a_record_is_no_gap() -> None:
    reads = Reading(FakeTap(records(0, 1, 4, 5))).all()

    assert shown(reads) == [0, 1, 4, 5]
    assert reads[-1].after == at(6)


def test_what_cannot_be_read_is_handed_over_in_its_place() -> None:
    tap = FakeTap([Record(0, b"{"), Record(1, None), *records(2)])

    first, second, third = Reading(tap).all()

    assert isinstance(first.thing, Unreadable)
    assert first.thing.offset == 0
    assert first.thing.raw == b"{"
    assert "raw" not in repr(first.thing)
    assert isinstance(second.thing, Unreadable)
    assert "nothing" in second.thing.why
    assert shown([third]) == [2]


def test_what_was_polled_before_the_topic_was_given_to_us_is_found_anew() -> None:
    tap = FakeTap(records(0, 1, 2), given=(False, True))

    assert shown(Reading(tap).all()) == [0, 1, 2]


def test_a_lost_position_is_looked_up_again() -> None:
    tap = FakeTap(records(0, 1, 2, 3))
    reading = Reading(tap)

    found: list[Read] = []
    for read in reading.outbox.read():
        found.append(read)
        if len(found) == 1:
            tap.position = at(3)
            reading.outbox.lost()
        else:
            tap.position = read.after

    assert shown(found) == [0, 3]


def test_an_outage_is_said_once_and_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    tap = FakeTap(records(0, 1), away=3, silent="the broker is on holiday")
    reading = Reading(tap)
    monkeypatch.setattr(reading.stopping, "wait", lambda _seconds: False)

    assert shown(reading.all()) == [0, 1]
    assert reading.said == [
        "the broker is on holiday; trying again until it answers",
        "Kafka answers again for department-h-p",
    ]


def test_after_a_silence_the_broker_is_asked_whether_it_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tap = FakeTap(records(0))
    reading = Reading(tap)
    reading.wait(times=4)
    waited: list[float | None] = []
    monkeypatch.setattr(reading.stopping, "wait", waited.append)

    for read in reading.outbox.read():
        tap.position = read.after
        tap.away = 2

    assert waited == [0.5, 1.0]
    assert reading.said[0].startswith("nobody answers")
