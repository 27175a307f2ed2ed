"""`POST /intake/v1/cases`: what is taken, and what is refused in which words."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.codec import decode
from schemas.messages import TEXT_CHARACTERS_MAX, Submission
from schemas.metrics import INTAKE_EVENTS
from services.follow import PublishedPolicies
from streams.core.ids import read_tracking_code
from tests.builders import NOON
from tests.edges import (
    ANY_KEY,
    APP_KEY,
    MESSAGE,
    PHONE_KEY,
    READ_KEY,
    FakeInboxes,
    bearer,
    caller_of,
    door,
)

PATH = "/intake/v1/cases"
PROBLEM = "application/problem+json"


def post(
    inboxes: FakeInboxes,
    *,
    key: str | None = APP_KEY,
    raw: bytes | None = None,
    headers: dict[str, str] | None = None,
    **changed: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    body = {name: value for name, value in (MESSAGE | changed).items() if value is not None}
    sent = (bearer(key) if key else {}) | (headers or {})
    content = raw if raw is not None else json.dumps(body).encode()
    return caller_of(door(inboxes)).post(PATH, content=content, headers=sent)


def test_a_message_is_accepted_once_its_inbox_has_it() -> None:
    inboxes = FakeInboxes()

    answer = post(inboxes)

    assert answer.status_code == 202
    body = answer.json()
    assert set(body) == {"case_id", "tracking_code", "href"}
    assert body["href"] == answer.headers["location"] == f"/api/v1/cases/{body['case_id']}"
    assert read_tracking_code(body["tracking_code"]) is not None
    (lying,) = inboxes.records
    assert (lying.topic, lying.key) == ("intake-app", body["case_id"])
    message = decode(lying.value, Submission)
    assert (message.text, message.author) == (MESSAGE["text"], "app")
    assert ("ce_type", b"submission.v1") in lying.headers


def test_a_retry_is_the_same_case_and_another_client_has_another() -> None:
    inboxes = FakeInboxes()

    first, again = post(inboxes).json(), post(inboxes, text="دوباره").json()
    other = post(inboxes, key=ANY_KEY).json()

    assert first == again
    assert other["case_id"] != first["case_id"]


def test_an_idempotency_key_stands_for_a_reference() -> None:
    inboxes = FakeInboxes()

    answers = [
        post(inboxes, source_ref=None, headers={"Idempotency-Key": key}).json()["case_id"]
        for key in ("one", "one", "two")
    ]

    assert answers[0] == answers[1] != answers[2]


@pytest.mark.parametrize("text", ["\u202eچپ\u202c", "نیم‌فاصله", "🌳" * 4_000, "a\u0000b"[:1]])
def test_unusual_characters_are_kept_as_they_are(text: str) -> None:
    inboxes = FakeInboxes()

    assert post(inboxes, text=text).status_code == 202
    assert decode(inboxes.records[0].value, Submission).text == text


BAD: dict[str, tuple[dict[str, Any], int, str | None]] = {
    "unknown municipality": ({"municipality": "atlantis"}, 422, "/municipality"),
    "unknown category": ({"category": "no-such"}, 422, "/category"),
    "unknown channel": ({"channel": "pigeon"}, 422, "/channel"),
    "empty text": ({"text": ""}, 422, "/text"),
    "blank text": ({"text": " \n\u200c"[:2]}, 422, "/text"),
    "text too long": ({"text": "x" * (TEXT_CHARACTERS_MAX + 1)}, 422, "/text"),
    "text of another type": ({"text": 137}, 422, "/text"),
    "NUL": ({"text": "a\u0000b"}, 422, "/text"),
    "NUL in a name": ({"reporter": {"name": "\u0000"}}, 422, "/reporter/name"),
    "no text": ({"text": None}, 422, "/text"),
    "latitude out of range": ({"place": {"lat": 91, "lon": 50}}, 422, "/place/lat"),
    "latitude in words": ({"place": {"lat": "35", "lon": 50}}, 422, "/place/lat"),
    "latitude without longitude": ({"place": {"lat": 35.9}}, 422, "/place"),
    "longitude true": ({"place": {"lat": 35.9, "lon": True}}, 422, "/place/lon"),
    "future": ({"occurred_at": (NOON + timedelta(hours=1)).isoformat()}, 422, "/occurred_at"),
    "no zone": ({"occurred_at": "2026-11-24T08:00:00"}, 422, "/occurred_at"),
    "no time": ({"occurred_at": "yesterday"}, 422, "/occurred_at"),
    "a number for a time": ({"occurred_at": 1_700_000_000}, 422, "/occurred_at"),
    "a number in quotes for a time": ({"occurred_at": "2026"}, 422, "/occurred_at"),
    "too far back": ({"occurred_at": "0001-01-01T00:00:00+14:00"}, 422, "/occurred_at"),
    "unknown field": ({"priority": "urgent"}, 422, "/priority"),
    "unknown field inside": ({"reporter": {"national_id": "1"}}, 422, "/reporter/national_id"),
    "no reference": ({"source_ref": None}, 422, "/source_ref"),
    "empty reference": ({"source_ref": ""}, 422, "/source_ref"),
    "long reference": ({"source_ref": "x" * 201}, 422, "/source_ref"),
}


@pytest.mark.parametrize(("changed", "status", "pointer"), BAD.values(), ids=list(BAD))
def test_what_does_not_fit_is_refused_with_its_place(
    changed: dict[str, Any], status: int, pointer: str
) -> None:
    inboxes = FakeInboxes()

    answer = post(inboxes, **changed)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    assert pointer in [one["pointer"] for one in answer.json()["errors"]]
    assert inboxes.records == []


RAW = {
    "not UTF-8": b'{"text": "\xff\xfe"}',
    "half a surrogate": b'{"municipality":"hashtgerd","channel":"app","text":"\\ud800"}',
    "no JSON": b"text=hello",
    "nothing": b"",
    "cut off": b'{"municipality": "hash',
    "deep": b"[" * 50_000,
}


@pytest.mark.parametrize("raw", RAW.values(), ids=list(RAW))
def test_bytes_that_cannot_be_read_are_refused_in_words(raw: bytes) -> None:
    answer = post(FakeInboxes(), raw=raw)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == PROBLEM
    assert answer.json()["detail"] == "The body cannot be read as JSON in UTF-8."


@pytest.mark.parametrize("raw", [b'{"place":{"lat":NaN,"lon":1}}', b"[]", b"null", b'"text"'])
def test_json_of_another_kind_is_refused(raw: bytes) -> None:
    assert post(FakeInboxes(), raw=raw).status_code in {400, 422}


def test_a_huge_body_is_refused_before_it_is_read() -> None:
    answer = post(FakeInboxes(), text="x" * 200_000)

    assert answer.status_code == 413
    assert answer.headers["content-type"] == PROBLEM


@pytest.mark.parametrize(
    ("key", "status"),
    [(None, 401), ("pgr_a_wrong", 401), ("x" * 5_000, 401), (PHONE_KEY, 403), (READ_KEY, 403)],
)
def test_a_key_opens_its_own_channel_alone(key: str | None, status: int) -> None:
    inboxes = FakeInboxes()

    answer = post(inboxes, key=key)

    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM
    assert inboxes.records == []


def test_without_kafka_the_message_is_not_taken_and_may_come_again() -> None:
    answer = post(FakeInboxes(away=True))

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "not taken" in answer.json()["detail"]


def test_a_message_that_comes_before_the_policies_are_read_counts_as_turned_away() -> None:
    here = replace(door(FakeInboxes()), policies=PublishedPolicies())

    answer = caller_of(here).post(PATH, content=json.dumps(MESSAGE), headers=bearer(APP_KEY))

    assert answer.status_code == 503
    counted = here.meters.registry.get_sample_value(
        INTAKE_EVENTS.name, {"channel": "app", "result": "unavailable"}
    )
    assert counted == 1


def test_a_refusal_never_repeats_what_was_sent() -> None:
    said = "0912-said-by-someone"
    answers = [
        post(FakeInboxes(), municipality=said),
        post(FakeInboxes(), reporter={"phone": said * 100}),
        post(FakeInboxes(), occurred_at=said),
        post(FakeInboxes(), raw=f'{{"text": {said}'.encode()),
    ]

    assert all(answer.status_code in {400, 422} for answer in answers)
    assert not any(said in answer.text for answer in answers)


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nothing", 404), ("GET", PATH, 405)]
)
def test_the_frameworks_own_errors_are_problems_too(method: str, path: str, status: int) -> None:
    answer = caller_of(door(FakeInboxes())).request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM
    assert answer.json()["status"] == status


def test_an_unexpected_error_says_nothing_of_its_cause() -> None:
    def broken() -> datetime:
        raise RuntimeError("secret of the inside")

    answer = caller_of(door(FakeInboxes(), now=broken)).post(
        PATH, json=MESSAGE, headers=bearer(APP_KEY)
    )

    assert answer.status_code == 500
    assert answer.headers["content-type"] == PROBLEM
    assert "secret" not in answer.text


@pytest.mark.parametrize("path", [PATH, "/nothing", "/api/v1/openapi.json"])
def test_every_answer_has_the_security_headers(path: str) -> None:
    answer = caller_of(door(FakeInboxes())).get(path)

    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_requests_are_measured_by_template_and_never_by_path() -> None:
    intake = door(FakeInboxes())
    client = caller_of(intake)

    client.post(PATH, json=MESSAGE, headers=bearer(APP_KEY))
    client.request("BREW", "/09120000000")

    count = intake.meters.registry.get_sample_value
    name = "http_server_request_duration_seconds_count"
    labels = {"http_request_method": "POST", "http_route": PATH}
    assert count(name, labels | {"http_response_status_code": "202"}) == 1
    other = {"http_request_method": "_OTHER", "http_route": "none"}
    assert count(name, other | {"http_response_status_code": "404"}) == 1
