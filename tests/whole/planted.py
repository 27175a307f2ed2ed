"""What a citizen says of themselves, put into every door that a whole Peygir has."""

import itertools
import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

from schemas.topics import INBOX_BYTES_MAX
from schemas.vocabulary import CHANNELS
from services.kafka import append, producer
from tests.apart import place_of
from tests.crash.city import City
from tests.crash.faults import CHOKED_ON

PERSONAL = {
    "name": "شیرین کاشته‌نام",
    "phone": "09127305618",
    "email": "shirin.planted@leak.example",
    "text": "دیوار کاشته‌متن فرو ریخت",
    "address": "کوچه‌ی کاشته‌نشانی پلاک ۷۳",
    "note": "the planted note of a department",
    "evidence": "https://leak.example/planted-photo.jpg",
}
NAME, TEXT = PERSONAL["name"], PERSONAL["text"]
ALL = " ".join(PERSONAL.values())
ADAPTER = "intake-hashtgerd-sms-gateway"
PROGRESS = "progress-hashtgerd-parks"
SECONDS_MAX = 20


def written(secret: str) -> set[bytes]:
    """The ways in which it could stand in a log or a record."""
    return {
        secret.encode(),
        json.dumps(secret)[1:-1].encode(),
        quote(secret).encode(),
        quote(secret, safe="@:/").encode(),
        ascii(secret)[1:-1].encode(),
        repr(secret.encode())[2:-1].encode(),
    }


def found_in(raw: bytes) -> list[str]:
    """Which of the planted words stand in the bytes."""
    return [what for what, secret in PERSONAL.items() if any(one in raw for one in written(secret))]


def submission(reference: str, **other: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "municipality": "hashtgerd",
        "channel": "web",
        "text": TEXT,
        "place": {**place_of(reference), "address": PERSONAL["address"]},
        "reporter": {one: PERSONAL[one] for one in ("name", "phone", "email")},
        "source_ref": reference,
        **other,
    }


def through_the_edge(city: City) -> list[str]:
    """Every channel, then what is refused. The case ids of those that were taken."""
    headers = {"Authorization": f"Bearer {city.keys['intake']}"}
    with httpx.Client(base_url=city.url, headers=headers, timeout=SECONDS_MAX) as client:
        good = [submission(f"{NAME}-{one}", channel=one) for one in CHANNELS]
        good.append(submission("choking", text=f"{CHOKED_ON}: {ALL}"))
        answers = [client.post("/intake/v1/cases", json=one) for one in good]
        assert [one.status_code for one in answers] == [202] * len(good)
        taken = [client.post("/intake/v1/calls", json=one).status_code for one in _calls()]
        assert taken == [202] * len(PERSONAL) + [422] * 3
        for body in _refused_bodies():
            assert 400 <= client.post("/intake/v1/cases", content=body).status_code < 500
        _ask(client)
        _say(client, [one.json() for one in answers])
        client.headers["Authorization"] = f"Bearer {city.keys['read']}"
        _ask(client)
    return [one.json()["case_id"] for one in answers]


def through_the_inboxes(city: City, case_id: str) -> None:
    """What systems outside write, good and bad, byte for byte."""
    writer = producer(city.kafka, wait_seconds=SECONDS_MAX, bytes_max=2 * INBOX_BYTES_MAX)
    try:
        for topic, value in (*_of_adapter(), *_of_department(case_id), *_of_another_system()):
            append(writer, topic, key=NAME, value=value, headers=[("ce_id", ALL.encode())])
    finally:
        writer.close()


def _refused_bodies() -> Iterator[bytes]:
    yield f'{{"text": "{ALL}"'.encode()
    yield ALL.encode()
    yield f'"{ALL}"'.encode()
    yield ALL.encode("utf-16")
    for wrong in (
        {"municipality": NAME},
        {"channel": NAME},
        {NAME: ALL},
        {"text": f"{TEXT}\x00"},
        {"text": TEXT * 2_000},
        {"occurred_at": ALL},
        {"reporter": ALL},
        {"reporter": {"phone": [ALL]}},
        {"place": {"lat": ALL}},
    ):
        yield json.dumps(submission("refused", **wrong)).encode()
    yield json.dumps(submission("large", text=ALL * 4_000)).encode()


def _calls() -> Iterator[dict[str, Any]]:
    """Calls without a case, whose ids hold all that there is, and then some that are refused."""
    told = {
        "municipality": "hashtgerd",
        "outcome": "informed",
        "answered_at": datetime.now(UTC).isoformat(),
    }
    yield from ({**told, "call_id": one} for one in PERSONAL.values())
    yield {**told, "call_id": NAME, "category": NAME}
    yield {**told, "call_id": NAME, "text": ALL}
    yield {**told, "call_id": NAME, "outcome": NAME}


def _ask(client: httpx.Client) -> None:
    for word in PERSONAL.values():
        step = quote(word, safe="")
        for path in ("/api/v1/cases", "/api/v1/cases/counts", "/api/v1/changes", "/", f"/{step}"):
            for name in ("text", "q", "code", "cursor", "after", word):
                with client.stream("GET", path, params={name: word}):
                    pass  # What changes is told for ever: the answer alone is waited for.
        client.get(f"/api/v1/track/{step}")
        client.get(f"/api/v1/cases/{step}")
        client.get(f"/api/v1/cases/{step}", headers={"Authorization": "Bearer x"})
        client.post("/api/v1/track", json={"code": word, "phone_last_digits": word})
        client.post("/", data={"code": word, word: word})
        client.request("BREW", f"/api/v1/cases/{step}")
        client.post("/intake/v1/cases", params={"name": word}, headers={"Idempotency-Key": "x"})


def _say(client: httpx.Client, taken: list[dict[str, Any]]) -> None:
    """What is said of the cases, by their channels and by their codes: taken, and refused."""
    key = {"Idempotency-Key": "planted"}
    for word, one in zip((*PERSONAL.values(), ALL), itertools.cycle(taken)):
        path = f"/intake/v1/cases/{one['case_id']}/facts"
        said = {"did": "noted", "note": word}
        tracked = said | {"tracking_code": one["tracking_code"]}
        for body in (said | {word: word}, said | {"evidence": [word]}, {"did": word}):
            client.post(path, json=body, headers=key | {"If-Match": '"1"', "Prefer": "wait=1"})
        for body in (tracked, tracked | {"tracking_code": word}, tracked | {word: word}):
            client.post("/intake/v1/tracked/facts", json=body)
        client.post(f"/intake/v1/cases/{quote(word, safe='')}/facts", json=said, headers=key)
    ends_at = time.monotonic() + SECONDS_MAX
    path, said = f"/intake/v1/cases/{taken[0]['case_id']}/facts", {"did": "noted", "note": ALL}
    while client.post(path, json=said, headers={"Idempotency-Key": "p"}).status_code != 202:
        assert time.monotonic() < ends_at, "it was never taken"
        time.sleep(0.2)


def _of_adapter() -> Iterator[tuple[str, bytes]]:
    message = submission(NAME) | {"type": "submission.v1", "channel": "sms", "reference": ALL}
    del message["source_ref"]
    for wrong in (
        {},
        {"municipality": NAME},
        {"channel": "web"},
        {"channel": NAME},
        {"type": NAME},
        {"text": f"{TEXT}\x00"},
        {"text": ""},
        {"text": ALL * 200},
        {"occurred_at": NAME},
        {"reporter": ALL},
        {"reference": ""},
    ):
        yield ADAPTER, _json({**message, **wrong})
    yield from ((ADAPTER, raw) for raw in _unreadable())


def _of_department(case_id: str) -> Iterator[tuple[str, bytes]]:
    report = {
        "type": "progress.v1",
        "case_id": case_id,
        "did": "resolved",
        "note": ALL,
        "evidence": [PERSONAL["evidence"]],
    }
    for wrong in ({"did": NAME}, {"note": ALL * 100}, {"note": f"{ALL}\x00"}, {"if_version": ALL}):
        yield PROGRESS, _json({**report, **wrong})
    yield from ((PROGRESS, raw) for raw in _unreadable())
    yield PROGRESS, _json(report)


def _of_another_system() -> Iterator[tuple[str, bytes]]:
    row = {
        **submission(NAME),
        "type": "imported-case.v1",
        "municipality": "boston",
        "system": "boston-311",
        "reference": NAME,
        "department": "pwdx",
        "category": "PWDX-01",
        "opened_at": "2020-01-01T00:00:00Z",
    }
    for wrong in ({}, {"opened_at": ALL}, {"department": NAME}, {"system": NAME}, {"text": ""}):
        yield "imports", _json({**row, **wrong})
    yield from (("imports", raw) for raw in _unreadable())


def _unreadable() -> Iterator[bytes]:
    yield ALL.encode()
    yield f'{{"text": "{ALL}"'.encode()
    yield f"\x00{ALL}".encode()
    yield ALL.encode() + b"\xff\xfe"
    yield b""


def _json(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode()
