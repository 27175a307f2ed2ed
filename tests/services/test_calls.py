"""`POST /intake/v1/calls`: which calls are taken, what is kept of them, and what is refused."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.codec import decode
from schemas.messages import CALL_SECONDS_MAX, CallAnswered
from schemas.records import read_call
from schemas.topics import partition_of_call
from schemas.vocabulary import CALL_OUTCOMES, ROLES, Author, Municipality
from services.follow import PublishedPolicies
from services.http.application import application
from services.http.asgi import Edge
from services.http.client import Client
from services.intake.calls import call_routes
from services.keys.active import ActiveKeys
from services.keys.key import digest
from streams.core.ids import call_digest, case_id
from tests.builders import CITY, NOON
from tests.edges import (
    ANY_KEY,
    APP_KEY,
    CITY_KEY,
    HMAC_KEY,
    PARKS_KEY,
    PHONE_KEY,
    READ_KEY,
    Caller,
    FakeInboxes,
    bearer,
    door,
)
from tests.policies import policy

PATH = "/intake/v1/calls"
NUMBER = "09121234567"
CALL: dict[str, Any] = {
    "municipality": "hashtgerd",
    "call_id": f"SIP/trunk-7/{NUMBER}-1732433400",
    "outcome": "informed",
    "answered_at": NOON.isoformat(),
}
DIGEST = call_digest(HMAC_KEY, CITY, CALL["call_id"])


def post(
    inboxes: FakeInboxes,
    *,
    key: str | None = PHONE_KEY,
    raw: bytes | None = None,
    scopes: tuple[str, ...] = (),
    **changed: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    """With scopes, for a caller that has these and no others."""
    body = {name: value for name, value in (CALL | changed).items() if value is not None}
    stands_on = door(inboxes)
    if scopes:
        known = Client(name=Author("someone"), scopes=frozenset(scopes))
        stands_on = replace(stands_on, callers=ActiveKeys({digest("pgr_x_own"): known}))
        key = "pgr_x_own"
    app = Edge(application([call_routes(stands_on)], title="test"), stands_on.meters)
    content = raw if raw is not None else json.dumps(body).encode()
    return Caller(app).post(PATH, content=content, headers=bearer(key) if key else {})


def test_a_call_is_taken_once_the_topic_has_it_where_its_digest_belongs() -> None:
    inboxes = FakeInboxes()

    answer = post(inboxes, category="OTH-01", seconds=94)

    assert (answer.status_code, answer.json()) == (202, {"call": DIGEST})
    (lying,) = inboxes.records
    assert (lying.topic, lying.key) == ("answered-calls", f"hashtgerd/{DIGEST}")
    assert lying.partition == partition_of_call(DIGEST)
    assert ("ce_type", b"call-answered.v1") in lying.headers
    call = read_call(lying.key.encode(), lying.value, partition_of_call(DIGEST))
    assert call == CallAnswered(
        municipality=CITY,
        call=DIGEST,
        author=Author("phone"),
        outcome="informed",
        answered_at=NOON,
        category="OTH-01",  # pyright: ignore[reportArgumentType]  # a category
        seconds=94,
    )


def test_nothing_of_the_lines_own_id_of_it_is_kept() -> None:
    inboxes = FakeInboxes()

    answer = post(inboxes)

    (lying,) = inboxes.records
    whole = repr((lying, answer.text, dict(answer.headers)))
    assert not any(part in whole for part in (NUMBER, NUMBER[1:], "SIP", "1732433400"))


def test_the_same_call_again_has_the_same_key_whoever_tells_it_and_however() -> None:
    inboxes = FakeInboxes()

    post(inboxes)
    post(inboxes, key=ANY_KEY, outcome="abuse", call_id=f"  {CALL['call_id']} ")
    post(inboxes, scopes=("operator:hashtgerd",))
    post(inboxes, call_id="another")

    keys = [one.key for one in inboxes.records]
    assert keys[0] == keys[1] == keys[2] != keys[3]


def test_a_digest_is_of_one_municipality_one_secret_and_of_calls_alone() -> None:
    elsewhere = Municipality("boston")

    assert call_digest(HMAC_KEY, elsewhere, "7") != call_digest(HMAC_KEY, CITY, "7")
    assert call_digest(b"x" * 32, CITY, "7") != call_digest(HMAC_KEY, CITY, "7")
    assert call_digest(HMAC_KEY, CITY, "7") != case_id(HMAC_KEY, CITY, Author("7"), "")


@pytest.mark.parametrize("outcome", CALL_OUTCOMES)
def test_every_outcome_that_there_is_is_taken(outcome: str) -> None:
    inboxes = FakeInboxes()

    assert post(inboxes, outcome=outcome).status_code == 202
    assert decode(inboxes.records[0].value, CallAnswered).outcome == outcome


@pytest.mark.parametrize(
    ("key", "status"),
    [
        (PHONE_KEY, 202),
        (ANY_KEY, 202),
        (APP_KEY, 403),
        (READ_KEY, 403),
        (CITY_KEY, 403),
        (PARKS_KEY, 403),
        ("pgr_z_unknown", 401),
        (None, 401),
    ],
)
def test_a_key_takes_calls_that_brings_what_is_said_by_telephone(
    key: str | None, status: int
) -> None:
    inboxes = FakeInboxes()

    answer = post(inboxes, key=key)

    assert answer.status_code == status
    assert len(inboxes.records) == (status == 202)


@pytest.mark.parametrize("role", [one for one in ROLES if one not in {"channel", "citizen"}])
def test_of_the_staff_the_operators_of_the_line_take_its_calls(role: str) -> None:
    of_department = role in {"member", "head", "deputy"}
    here = f"{role}:hashtgerd/parks" if of_department else f"{role}:hashtgerd"

    assert post(FakeInboxes(), scopes=(here,)).status_code == (202 if role == "operator" else 403)


def test_an_operator_takes_the_calls_of_their_own_municipality_alone() -> None:
    assert post(FakeInboxes(), scopes=("operator:boston",)).status_code == 403
    assert post(FakeInboxes(), scopes=("operator:boston", "read")).status_code == 403


@pytest.mark.parametrize(
    ("changed", "pointer", "words"),
    [
        ({"municipality": "nowhere"}, "/municipality", "is not served here"),
        ({"municipality": None}, "/municipality", "required"),
        ({"call_id": ""}, "/call_id", "at least 1 character"),
        ({"call_id": " \n"}, "/call_id", "is empty"),
        ({"call_id": "x" * 201}, "/call_id", "at most 200 characters"),
        ({"call_id": 137}, "/call_id", "valid string"),
        ({"call_id": None}, "/call_id", "required"),
        ({"outcome": "happy"}, "/outcome", "'informed'"),
        ({"outcome": None}, "/outcome", "required"),
        ({"category": "GRN-99"}, "/category", "is not a category of this municipality"),
        ({"answered_at": None}, "/answered_at", "required"),
        ({"answered_at": "2026-11-24T12:00:00"}, "/answered_at", "timezone"),
        ({"answered_at": 1_764_460_800}, "/answered_at", "is not a time in ISO 8601"),
        (
            {"answered_at": (NOON + timedelta(minutes=6)).isoformat()},
            "/answered_at",
            "lies in the future",
        ),
        (
            {"answered_at": (NOON - timedelta(days=401)).isoformat()},
            "/answered_at",
            "is more than 400 days ago",
        ),
        ({"seconds": -1}, "/seconds", "greater than or equal to 0"),
        ({"seconds": CALL_SECONDS_MAX + 1}, "/seconds", "less than or equal to 86400"),
        ({"seconds": "94"}, "/seconds", "valid integer"),
        ({"seconds": 9.5}, "/seconds", "valid integer"),
        ({"text": "he said his name"}, "/text", "this field is not known"),
        ({"phone": NUMBER}, "/phone", "this field is not known"),
    ],
)
def test_what_does_not_fit_is_refused_where_it_is_wrong_and_is_not_repeated(
    changed: dict[str, Any], pointer: str, words: str
) -> None:
    inboxes = FakeInboxes()

    answer = post(inboxes, **changed)

    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == pointer
    assert words in fault["detail"]
    assert NUMBER not in answer.text
    assert "he said" not in answer.text
    assert inboxes.records == []


def test_a_category_is_one_of_the_policy_of_the_day_of_the_call() -> None:
    """A line that brings its calls late still has the subjects of then."""
    inboxes = FakeInboxes()
    before = policy(since=NOON - timedelta(days=50))
    after = replace(
        policy(since=NOON - timedelta(days=1)),
        categories=tuple(one for one in before.categories if one.category != "GRN-02"),
    )
    stands_on = door(inboxes, before, after)
    app = Edge(application([call_routes(stands_on)], title="test"), stands_on.meters)

    def told(days: int) -> int:
        at = (NOON - timedelta(days=days)).isoformat()
        body = CALL | {"category": "GRN-02", "answered_at": at}
        return Caller(app).post(PATH, json=body, headers=bearer(PHONE_KEY)).status_code

    assert [told(2), told(0)] == [202, 422]


@pytest.mark.parametrize("raw", [b"{", b"", b"[]", b'"x"', b"\xff\xfe", b"null"])
def test_what_is_no_json_object_is_refused(raw: bytes) -> None:
    assert post(FakeInboxes(), raw=raw).status_code in {400, 422}


def test_what_is_too_large_is_refused_before_it_is_read() -> None:
    assert post(FakeInboxes(), raw=b" " * 5_000 + json.dumps(CALL).encode()).status_code == 413


def test_while_kafka_is_away_the_caller_is_told_to_come_again() -> None:
    inboxes = FakeInboxes(away=True)

    answer = post(inboxes)

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert NUMBER not in answer.text
    inboxes.away = False
    assert post(inboxes).status_code == 202


def test_before_the_policies_are_read_the_caller_is_told_to_come_again() -> None:
    stands_on = replace(door(FakeInboxes()), policies=PublishedPolicies(None))
    app = Edge(application([call_routes(stands_on)], title="test"), stands_on.meters)

    answer = Caller(app).post(PATH, json=CALL, headers=bearer(PHONE_KEY))

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def test_a_moment_of_any_zone_is_the_same_moment() -> None:
    inboxes = FakeInboxes()
    in_tehran = "2026-11-24T11:59:00+03:30"

    post(inboxes, answered_at=in_tehran)

    at = decode(inboxes.records[0].value, CallAnswered).answered_at
    assert at == datetime(2026, 11, 24, 8, 29, tzinfo=UTC)
