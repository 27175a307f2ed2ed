"""What is open is read from the API to its last page, and what stands in the way is said."""

import json
from urllib.parse import parse_qs

import pytest

from services.api.list_description import LIST
from services.api.query import ListQuery
from services.department import snapshot
from services.department.snapshot import TRIES_MAX, Api, OpenCase, SnapshotError
from streams.core.transitions import STATES
from tests.builders import NOON
from tests.department.listing import KEY, Listing, case, listing


def read(server: Listing) -> list[OpenCase]:
    api = Api(server.address + "/", KEY, pause=lambda _seconds: None)
    return list(api.open_cases("hashtgerd", "parks"))


def test_all_pages_are_read_in_order() -> None:
    with listing([case(number) for number in range(5)]) as server:
        found = read(server)

    assert [one.case_id for one in found] == ["c-0", "c-1", "c-2", "c-3", "c-4"]
    assert found[3].version == 3
    assert found[3].due_at == NOON
    assert [one.get("cursor") for one in server.asked] == [None, ["2"], ["4"]]
    assert set(server.keys) == {f"Bearer {KEY}"}


def test_what_the_api_shows_as_its_example_can_be_read() -> None:
    content = LIST["responses"]["200"]["content"]["application/json"]
    with listing([]) as server:
        server.answers = [(200, json.dumps(content["example"] | {"next_cursor": None}).encode())]
        (found,) = read(server)

    assert found.case_id == content["example"]["cases"][0]["case_id"]


def test_a_case_that_moved_between_two_pages_is_handed_over_once() -> None:
    with listing([case(1), case(2), case(2), case(3)]) as server:
        assert [one.case_id for one in read(server)] == ["c-1", "c-2", "c-3"]


def test_nothing_open_is_no_error() -> None:
    with listing([]) as server:
        assert read(server) == []


def test_what_is_asked_is_what_the_api_takes_and_all_that_is_open() -> None:
    with listing([]) as server:
        read(server)
    (asked,) = server.asked

    ListQuery(
        municipality=asked["municipality"],
        department=asked["department"],
        state=asked["state"],  # pyright: ignore[reportArgumentType]
        sort=asked["sort"][0],  # pyright: ignore[reportArgumentType]
        limit=int(asked["limit"][0]),
    )
    assert set(asked) == {"municipality", "department", "state", "sort", "limit"}
    assert set(asked["state"]) == set(STATES) - {"unknown", "resolved", "closed", "linked"}


def test_an_api_that_is_busy_is_asked_again_so_often() -> None:
    with listing([case(1)]) as server:
        server.answers = [(503, b""), (429, b""), (502, b"")]
        assert len(read(server)) == 1
        server.answers = [(503, b"")] * (TRIES_MAX + 1)
        with pytest.raises(SnapshotError, match=r"does not answer.*503"):
            read(server)
        assert len(server.answers) == 1


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, b"{}", "does not know the API key"),
        (403, b"{}", "may not see this department's cases"),
        (404, b"", "status 404"),
        (422, b"", "status 422"),
        (302, b"", "status 302"),
        (200, b"<html>", "answers no list of cases"),
        (200, b'{"cases": [{}], "next_cursor": null}', "answers no list of cases"),
        (200, b" " * (snapshot.ANSWER_BYTES_MAX + 1), "more than"),
    ],
)
def test_what_another_try_does_not_mend_is_said_at_once(
    status: int, body: bytes, words: str
) -> None:
    with listing([case(1)]) as server:
        server.answers = [(status, body)]
        with pytest.raises(SnapshotError, match=words):
            read(server)

    assert len(server.asked) == 1


def test_nobody_there_is_said_in_words() -> None:
    api = Api("http://127.0.0.1:9", KEY, pause=lambda _seconds: None)

    with pytest.raises(SnapshotError, match=r"127\.0\.0\.1:9 does not answer"):
        api.open_cases("hashtgerd", "parks")


def test_what_is_no_address_is_said_at_once() -> None:
    with pytest.raises(SnapshotError, match="is no address"):
        Api("file:///etc/passwd", KEY)


def test_a_list_without_an_end_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "CASES_MAX", 400)
    endless = json.dumps({"cases": [], "next_cursor": "1"}).encode()
    with listing([]) as server:
        server.answers = [(200, endless)] * 9
        with pytest.raises(SnapshotError, match="more than 400 cases open"):
            read(server)
    with (
        listing([case(number) for number in range(500)], page_cases=200) as server,
        pytest.raises(SnapshotError, match="more than 400 cases open"),
    ):
        read(server)


def test_the_key_stands_in_no_address() -> None:
    with listing([]) as server:
        read(server)

    assert KEY not in str(parse_qs(str(server.asked)))
