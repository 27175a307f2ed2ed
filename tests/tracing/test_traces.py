"""One trace from a citizen's request to the department's topic, in a whole running Peygir."""

import asyncio
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from schemas.metric import Metric
from schemas.metrics import (
    DELIVERY_SECONDS,
    HTTP_SECONDS,
    INTAKE_PUBLISH_SECONDS,
    PROJECTION_DELAY_SECONDS,
    ROUTER_SECONDS,
)
from schemas.trace_context import of_headers, trace_id
from tests.collector import Seen
from tests.crash.city import City, Short, until
from tests.embedded.running import command, wait_for
from tests.tracing.conftest import Traced
from tests.whole.planted import found_in, submission, through_the_edge, through_the_inboxes

pytestmark = pytest.mark.integration

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SECONDS_MAX = 60.0
TRIES_MAX = 30
DEPARTMENTS = ("department-hashtgerd-",)
OPENMETRICS = "application/openmetrics-text;version=1.0.0"
WARNED_CATEGORY = "CLN-02"
PROCESSES = {f"peygir-{one}" for one in ("edge", "router-intake", "projector", "dispatcher")}
NAMES = {
    "http.request.method",
    "http.route",
    "http.response.status_code",
    "messaging.system",
    "messaging.destination.name",
    "messaging.destination.partition.id",
    "messaging.kafka.offset",
    "peygir.case_id",
    "peygir.fact",
    "peygir.facts",
    "peygir.delivery",
}


@dataclass(frozen=True, slots=True)
class Followed:
    """A case that was submitted within the caller's own trace, and all that it led to."""

    city: City
    case_id: str
    code: str
    spans: list[Seen]


def submitted(city: City, reference: str, **headers: str) -> httpx.Response:
    bearer = {"Authorization": f"Bearer {city.keys['intake']}"}
    body = {**submission(reference), "category": WARNED_CATEGORY}
    answer = httpx.post(f"{city.url}/intake/v1/cases", json=body, headers={**bearer, **headers})
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    return answer


@pytest.fixture(scope="module")
def followed(traced: Traced) -> Followed:
    city = traced.city
    _publish(city, Short(WARNED_CATEGORY, 4, 3_600))
    answer = submitted(city, "followed", traceparent=f"00-{TRACE}-{CALLER}-01").json()

    def arrived() -> bool:
        return {one.process for one in traced.collector.of(TRACE)} >= PROCESSES

    wait_for(arrived, SECONDS_MAX)
    return Followed(city, answer["case_id"], answer["tracking_code"], traced.collector.of(TRACE))


def _publish(city: City, change: Short) -> None:
    """Returns when cases are routed by it."""
    version = asyncio.run(city.publish(change)).version
    routed_by_it = "select count(*) from cases where policy_version = $1"
    for number in range(TRIES_MAX):
        submitted(city, f"before-{number}")
        time.sleep(1)
        if asyncio.run(city.value(routed_by_it, version)):
            return
    raise AssertionError("no case was routed by the policy that was published")


def test_every_step_is_in_the_trace_of_whoever_called_and_follows_from_another(
    followed: Followed,
) -> None:
    steps = {(one.process, one.name, one.kind): one for one in followed.spans}

    request = steps["peygir-edge", "POST /intake/v1/cases", "server"]
    appended = steps["peygir-edge", "send intake-web", "producer"]
    processed = steps["peygir-router-intake", "process intake-web", "consumer"]
    recorded = steps["peygir-router-intake", "send case-facts", "producer"]
    projected = steps["peygir-projector", "project case-facts", "consumer"]
    delivered = [one for one in followed.spans if one.process == "peygir-dispatcher"]
    assert request.parent == CALLER
    assert appended.parent == request.span
    assert processed.parent == appended.span
    assert recorded.parent == processed.span
    assert projected.parent == recorded.span
    assert {one.parent for one in delivered} == {recorded.span}
    assert request.attributes["http.response.status_code"] == 202
    for one in (appended, recorded, projected, *delivered):
        assert one.attributes["peygir.case_id"] == followed.case_id


def test_the_records_name_the_trace_from_the_inbox_to_the_departments_topic(
    traced: Traced, followed: Followed
) -> None:
    found = asyncio.run(_traces(followed.city, followed.case_id))
    spans = {one.span: one.name for one in traced.collector.of(TRACE)}

    assert found["intake-web"] == {TRACE}
    assert TRACE in found["case-facts"]
    (topic,) = (one for one in found if one.startswith(DEPARTMENTS))
    assert TRACE in found[topic]
    rows = asyncio.run(
        followed.city.rows("select trace from outbox where case_id = $1", followed.case_id)
    )
    assert "send case-facts" in {spans.get(row["trace"].split("-")[2]) for row in rows}


def test_a_notice_begins_a_trace_that_goes_on_to_the_department(
    traced: Traced, followed: Followed
) -> None:
    def breaches() -> list[Seen]:
        return [
            one
            for one in traced.collector.spans
            if one.process == "peygir-sla-timer"
            and one.attributes.get("peygir.case_id") == followed.case_id
            and one.attributes["peygir.fact"] == "case.breached.v1"
        ]

    wait_for(breaches, SECONDS_MAX)
    (breach,) = breaches()
    assert breach.parent == ""
    assert breach.trace != TRACE

    def told() -> list[Seen]:
        found = traced.collector.of(breach.trace)
        return [one for one in found if one.process == "peygir-dispatcher"]

    wait_for(told, SECONDS_MAX)
    assert {one.parent for one in told()} == {breach.span}
    found = asyncio.run(_traces(followed.city, followed.case_id))
    assert any(breach.trace in found[one] for one in found if one.startswith(DEPARTMENTS))


def test_who_names_no_trace_or_rubbish_begins_one(traced: Traced) -> None:
    given = ({}, {"traceparent": "rubbish"}, {"traceparent": f"00-{'0' * 32}-{CALLER}-01"})
    cases = [
        submitted(traced.city, f"own-{number}", **headers).json()["case_id"]
        for number, headers in enumerate(given)
    ]

    found = [asyncio.run(_traces(traced.city, case))["intake-web"] for case in cases]

    ours = [trace for traces in found for trace in traces]
    assert len(ours) == len(set(ours)) == len(given)
    assert TRACE not in ours
    assert None not in ours


@pytest.mark.parametrize(
    ("worker", "metric"),
    [
        ("edge", HTTP_SECONDS),
        ("edge", INTAKE_PUBLISH_SECONDS),
        ("router-intake", ROUTER_SECONDS),
        ("projector", PROJECTION_DELAY_SECONDS),
        ("dispatcher", DELIVERY_SECONDS),
    ],
    ids=lambda one: one.name if isinstance(one, Metric) else one,
)
def test_its_metrics_name_a_trace_that_was_collected(
    traced: Traced, followed: Followed, worker: str, metric: Metric
) -> None:
    named = {trace for page in _pages(followed.city, worker) for trace in _exemplars(page, metric)}

    assert named
    wait_for(lambda: named <= {one.trace for one in traced.collector.spans}, SECONDS_MAX)


def test_who_asks_whether_it_lives_is_not_traced(traced: Traced) -> None:
    for path in ("/healthz", "/readyz"):
        assert httpx.get(traced.city.url + path).status_code == httpx.codes.OK

    assert not any(one.name.endswith("z") for one in traced.collector.spans)


def test_the_proof_holds_and_a_rebuild_makes_the_same_traces(followed: Followed) -> None:
    city = followed.city
    asyncio.run(until(city.unprojected, 0, SECONDS_MAX, "facts not projected"))
    before = asyncio.run(_outbox(city))
    assert any(trace for _, _, trace in before)

    rebuilt = command("rebuild", data=city.data)
    proof = command("verify", data=city.data)

    for done in (rebuilt, proof):
        assert done.returncode == 0, done.stdout + done.stderr
    after = asyncio.run(_outbox(city))
    assert before <= after


def test_nothing_that_a_citizen_said_is_in_a_trace(traced: Traced, followed: Followed) -> None:
    first, *_ = through_the_edge(traced.city)
    through_the_inboxes(traced.city, first)
    last = submitted(traced.city, "the-last", traceparent=f"00-{TRACE[::-1]}-{CALLER}-01").json()

    def seen() -> bool:
        return any(one.process == "peygir-dispatcher" for one in traced.collector.of(TRACE[::-1]))

    wait_for(seen, SECONDS_MAX)
    assert {name for one in traced.collector.spans for name in one.attributes} == NAMES
    sent = b"".join(traced.collector.raw)
    assert found_in(sent) == []
    for code in (followed.code, last["tracking_code"]):
        assert code.encode() not in sent
        assert code.replace("-", "").encode() not in sent


async def _traces(city: City, case_id: str) -> dict[str, set[str | None]]:
    """The traces that the records of a case name, by topic."""
    found: dict[str, set[str | None]] = {}
    for record in await city.records(("intake-web", "case-facts", *DEPARTMENTS)):
        if record.key == case_id.encode():
            found.setdefault(record.topic, set()).add(trace_id(of_headers(record.headers)))
    return found


async def _outbox(city: City) -> set[tuple[Any, ...]]:
    rows = await city.rows("select log_partition, log_offset, trace from outbox")
    return {tuple(row.values()) for row in rows}


def _pages(city: City, worker: str) -> Iterator[str]:
    """What each process of a kind shows."""
    for name, one in city.run()["processes"].items():
        if name.removesuffix("-2") == worker:
            url = f"http://127.0.0.1:{one['metrics_port']}/metrics"
            yield httpx.get(url, headers={"Accept": OPENMETRICS}).text


def _exemplars(page: str, metric: Metric) -> list[str]:
    return re.findall(rf'^{metric.name}_bucket.* # {{trace_id="([0-9a-f]+)"}}', page, re.MULTILINE)
