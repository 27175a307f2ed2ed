"""What a row says by the mapping."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.places import Place, Reporter
from schemas.vocabulary import District
from services.importing.record import Fault, Record, record, reference_of
from tests.importing.mapped import mapping, row


def at(hour: int, minute: int = 0, *, day: int = 2, month: int = 3) -> datetime:
    return datetime(2015, month, day, hour, minute, tzinfo=UTC)


def read(folder: Path, **cells: str) -> Record | list[Fault]:
    return record(row(**cells), mapping(folder))


def good(folder: Path, **cells: str) -> Record:
    found = read(folder, **cells)
    assert isinstance(found, Record), found
    return found


def test_a_row_becomes_a_case_with_its_own_times(tmp_path: Path) -> None:
    case = good(tmp_path).case

    assert (case.reference, case.channel, case.department, case.category) == (
        *("7", "phone"),
        *("parks", "GRN-02"),
    )
    assert case.text == "dark / light"
    assert case.opened_at == at(15)
    assert case.deadline == at(15, day=3)
    assert case.closing is not None
    assert (case.closing.at, case.closing.without_action) == (at(17), None)
    assert case.place == Place(
        lat=42.3, lon=-71.1, address="1 Main St", district=District("Downtown")
    )
    assert case.reporter is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("03/08/2015 02:30", at(7, 30, day=8)),  # Left out: 03:30, four hours behind.
        ("11/01/2015 01:30", at(5, 30, day=1, month=11)),  # Came twice: the first, in summer time.
        ("07/01/2015 12:00", at(16, day=1, month=7)),
        ("2015-03-02T10:00:00+03:30", at(6, 30)),
        ("2015-03-02 10:00", at(15)),
    ],
)
def test_local_times_are_read_as_the_clocks_went(
    tmp_path: Path, written: str, meant: datetime
) -> None:
    assert good(tmp_path, opened=written).case.opened_at == meant


def test_what_is_empty_is_left_out(tmp_path: Path) -> None:
    case = good(tmp_path, due="", closed="", where="", part="", lat="", lon="", title="").case

    assert (case.deadline, case.closing, case.place, case.text) == (None, None, None, "light")


def test_a_point_that_means_nowhere_is_no_place(tmp_path: Path) -> None:
    place = good(tmp_path, lat="1.5", lon="2.50").case.place

    assert place is not None
    assert (place.lat, place.lon, place.address) == (None, None, "1 Main St")


def test_a_closing_without_action_says_why(tmp_path: Path) -> None:
    closing = good(tmp_path, how="nothing to do").case.closing

    assert closing is not None
    assert closing.without_action == "no-action-needed"


def test_a_value_that_is_not_named_is_assumed_and_said_where_the_mapping_allows_it(
    tmp_path: Path,
) -> None:
    found = good(tmp_path, kind="something new")

    assert found.case.category == "OTH-01"
    assert found.assumed == ("kind",)


def test_a_telephone_number_is_the_reporters(tmp_path: Path) -> None:
    assert good(tmp_path, phone="555").case.reporter == Reporter(phone="555")


def test_everything_that_is_wrong_with_a_row_is_named_and_nothing_of_it_repeated(
    tmp_path: Path,
) -> None:
    private = "Mrs Example"
    found = read(
        tmp_path, id="", source=private, queue=private, opened=private, closed=private, lat=private
    )

    assert isinstance(found, list)
    assert [one.column for one in sorted(found)] == [
        *("closed", "id", "lat", "opened", "queue", "source")
    ]
    assert private not in str(found)


@pytest.mark.parametrize(
    ("cells", "judged", "kept"),
    [
        ({}, "met", "met"),
        ({"closed": "03/03/2015 10:00"}, "met", "met"),
        ({"closed": "03/03/2015 10:01", "kept": "no"}, "missed", "missed"),
        ({"due": ""}, None, "met"),
        ({"closed": "", "kept": ""}, None, None),
    ],
)
def test_our_verdict_stands_beside_theirs(
    tmp_path: Path, cells: dict[str, str], judged: str | None, kept: str | None
) -> None:
    found = good(tmp_path, **cells)

    assert (found.judged, found.kept) == (judged, kept)


def test_a_row_closed_before_it_was_opened_is_known_as_such(tmp_path: Path) -> None:
    assert good(tmp_path, closed="03/02/2015 09:59").reversed
    assert not good(tmp_path, closed="03/02/2015 10:00").reversed


@pytest.mark.parametrize(
    ("reference", "repeated"), [("101001", "101001"), ("a b", ""), ("x" * 65, ""), ("", "")]
)
def test_only_what_looks_like_a_reference_is_repeated(
    tmp_path: Path, reference: str, repeated: str
) -> None:
    assert reference_of(row(id=reference), mapping(tmp_path)) == repeated
