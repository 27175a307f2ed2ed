"""With a ledger, work and position stand together or not at all."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.codec import encode
from schemas.deliveries import Delivery
from services.department import sqlite_ledger
from services.department.gap import Gap
from services.department.ledger import LedgerError, carry
from services.department.outbox import Read, Unreadable
from services.department.position import Missing, Position
from services.department.sqlite_ledger import SqliteLedger
from tests.department.fake_tap import FakeTap, Record
from tests.department.laid import delivery
from tests.department.test_outbox import Reading, at, records

Thing = Delivery | Gap | Unreadable


@pytest.fixture
def ledger(tmp_path: Path) -> SqliteLedger:
    made = SqliteLedger.at(tmp_path / "work.db")
    made.connection.execute("create table work (said text)")
    return made


def opened(read: Read) -> Thing:
    gone = read.thing
    if isinstance(gone, Missing):
        return Gap(missed_from=gone.first, missed_to=gone.follows, why=gone.why, open_cases=())
    return gone


def carried(
    tap: FakeTap, ledger: SqliteLedger, handle: Callable[[Thing], None] | None = None
) -> list[str]:
    """What is said while everything is carried to a handler that writes it down."""
    reading = Reading(tap)
    tap.keeps = ledger.position
    carry(reading.outbox, ledger, opened, handle or writing(ledger), reading.said.append)
    return reading.said


def writing(ledger: SqliteLedger) -> Callable[[Thing], None]:
    def handle(thing: Thing) -> None:
        said = thing.delivery_id if isinstance(thing, Delivery) else type(thing).__name__
        ledger.connection.execute("insert into work (said) values (?)", (said,))

    return handle


def done(ledger: SqliteLedger) -> list[str]:
    return [said for (said,) in ledger.connection.execute("select said from work order by rowid")]


def test_everything_is_done_once_and_the_position_kept(ledger: SqliteLedger) -> None:
    carried(FakeTap(records(0, 1, 2)), ledger)

    assert done(ledger) == ["d-0", "d-1", "d-2"]
    assert ledger.position() == at(3)


def test_what_comes_again_is_passed_over(ledger: SqliteLedger) -> None:
    again = [Record(3, encode(delivery(1))), Record(4, encode(delivery(2)))]

    carried(FakeTap([*records(0, 1, 2), *again]), ledger)
    carried(FakeTap(records(0, 1, 2), made="t-2"), ledger)

    assert done(ledger) == ["d-0", "d-1", "d-2", "Gap"]
    assert ledger.position() == at(3, "t-2")


def test_an_error_of_the_handler_undoes_its_work_and_it_comes_again(ledger: SqliteLedger) -> None:
    write = writing(ledger)

    def fail(thing: Thing) -> None:
        write(thing)
        if isinstance(thing, Delivery) and thing.version == 1:
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        carried(FakeTap(records(0, 1, 2)), ledger, fail)
    assert done(ledger) == ["d-0"]
    assert ledger.position() == at(1)

    carried(FakeTap(records(0, 1, 2)), ledger)
    assert done(ledger) == ["d-0", "d-1", "d-2"]


def test_what_is_no_delivery_moves_the_position_too(ledger: SqliteLedger) -> None:
    carried(FakeTap([Record(0, b"{"), *records(1)]), ledger)

    assert done(ledger) == ["Unreadable", "d-1"]
    assert ledger.position() == at(2)


def test_a_second_process_with_the_same_ledger_does_nothing_twice(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    """The other one comes in when a batch was read here, and is not handled yet."""
    other = SqliteLedger.at(tmp_path / "work.db")
    tap = FakeTap(records(0, 1, 2, 3))

    def other_comes() -> None:
        tap.polled = lambda: None
        carried(FakeTap(records(0, 1)), other)

    tap.polled = other_comes
    said = carried(tap, ledger)

    assert done(ledger) == ["d-0", "d-1", "d-2", "d-3"]
    assert "another process works with the same ledger" in said[0]


def test_a_ledger_that_was_restored_behind_our_back_is_believed(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    carried(FakeTap(records(0, 1, 2)), ledger)
    other = SqliteLedger.at(tmp_path / "work.db")
    tap = FakeTap(records(*range(6)))

    def restored() -> None:
        tap.polled = lambda: None
        other.connection.execute("delete from work where said <> 'd-0'")
        other.connection.execute("delete from department_seen where delivery_id <> 'd-0'")
        other.connection.execute("update department_position set topic_offset = 1")

    tap.polled = restored
    carried(tap, ledger)

    assert done(ledger) == [f"d-{number}" for number in range(6)]


def test_a_handler_that_commits_by_itself_is_told_so(ledger: SqliteLedger) -> None:
    write = writing(ledger)

    def commits(thing: Thing) -> None:
        write(thing)
        ledger.connection.execute("commit")

    with pytest.raises(LedgerError, match="ended the transaction"):
        carried(FakeTap(records(0, 1)), ledger, commits)
    assert ledger.position() is None


def test_a_handler_that_rolls_back_is_told_so(ledger: SqliteLedger) -> None:
    with pytest.raises(LedgerError, match="ended the transaction"):
        carried(FakeTap(records(0)), ledger, lambda _thing: ledger.connection.rollback())


def test_departments_share_a_database_and_nothing_else(tmp_path: Path) -> None:
    parks, roads = (SqliteLedger.at(tmp_path / "work.db", name) for name in ("parks", "roads"))

    with parks.transaction():
        parks.remember("d-1", at(1))

    assert roads.position() is None
    assert not roads.seen("d-1")
    assert parks.seen("d-1")


def test_a_connection_of_the_handlers_own_making_will_do(tmp_path: Path) -> None:
    ledger = SqliteLedger(sqlite3.connect(tmp_path / "work.db"))
    ledger.connection.execute("create table work (said text)")

    carried(FakeTap(records(0, 1)), ledger)

    assert done(ledger) == ["d-0", "d-1"]
    assert SqliteLedger.at(tmp_path / "work.db").position() == at(2)


def test_only_so_many_ids_are_kept(ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_ledger, "IDS_KEPT_MAX", 2)

    carried(FakeTap(records(*range(5))), ledger)

    assert [ledger.seen(f"d-{number}") for number in range(5)] == [False, False, False, True, True]


def test_a_position_is_read_as_it_was_kept(ledger: SqliteLedger) -> None:
    assert ledger.position() is None
    with ledger.transaction():
        ledger.remember(None, Position(offset=7, topic_id=""))

    assert ledger.position() == Position(offset=7, topic_id="")
