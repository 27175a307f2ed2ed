"""`POST /intake/v1/cases`: 202 when Kafka has the message, and never before."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from schemas.codec import encode, headers
from schemas.exposition import Meters
from schemas.messages import Submission
from schemas.metrics import INTAKE_EVENTS, INTAKE_PUBLISH_SECONDS
from schemas.topics import intake_of
from schemas.tracing import UNTRACED, Span, Tracer
from schemas.vocabulary import CaseId
from services.follow import PublishedPolicies
from services.http.access import Callers, caller, forbidden
from services.http.asgi import span_of
from services.http.client import Client
from services.http.problems import Fault, from_validation, refused, unavailable
from services.intake.body import (
    BODY,
    BODY_BYTES_MAX,
    GIVEN_REFERENCE_CHARACTERS_MAX,
    SubmissionBody,
    submission,
)
from services.intake.description import OPENAPI
from services.intake.inboxes import Inboxes
from services.kafka import KafkaAwayError, TopicError
from streams.core.admission import refusal
from streams.core.ids import case_id, spoken, tracking_code

RETRY_AFTER_SECONDS = 2
PATH = "/intake/v1/cases"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """All that the endpoint stands on."""

    inboxes: Inboxes
    policies: PublishedPolicies
    callers: Callers
    hmac_key: bytes
    now: Callable[[], datetime]
    meters: Meters
    tracer: Tracer = UNTRACED


def intake_routes(door: Door) -> APIRouter:
    routes = APIRouter(tags=["intake"])

    @routes.post(
        PATH,
        status_code=202,
        summary="Submit a message",
        openapi_extra=OPENAPI,
        max_body_size=BODY_BYTES_MAX,
    )
    async def submit(request: Request) -> Response:
        began = time.perf_counter()
        client = await caller(request, door.callers)
        body = _body(await request.body())
        if not client.may_submit(body.channel):
            door.meters.count(INTAKE_EVENTS, body.channel, "unauthorised")
            raise forbidden("This key is not for that channel.")
        message = _admitted(door, request, client, body)
        span = span_of(request.scope)
        case = await _append(door, message, span)
        door.meters.count(INTAKE_EVENTS, message.channel, "accepted", trace=span.trace_id)
        took = time.perf_counter() - began
        door.meters.observe(INTAKE_PUBLISH_SECONDS, took, message.channel, trace=span.trace_id)
        return _accepted(case, tracking_code(door.hmac_key, case))

    return routes


def _body(raw: bytes) -> SubmissionBody:
    try:
        return BODY.validate_json(raw)
    except ValidationError as error:
        raise from_validation(error.errors(include_url=False, include_input=False)) from None


def _admitted(door: Door, request: Request, client: Client, body: SubmissionBody) -> Submission:
    """The message for the inbox. Raises a problem that says what is wrong with it."""
    if not door.policies.ready:
        door.meters.count(INTAKE_EVENTS, body.channel, "unavailable")
        raise unavailable("The policies are not read yet.", retry_after_seconds=RETRY_AFTER_SECONDS)
    message = submission(body, author=client.name, idempotency_key=_key(request, body))
    now = door.now()
    wrong = refusal(message, door.policies.municipalities, now) or _unknown_category(
        door, message, now
    )
    if wrong is not None:
        door.meters.count(INTAKE_EVENTS, body.channel, "refused")
        pointer, words = wrong
        raise refused(Fault(pointer=pointer, detail=words))
    return message


def _key(request: Request, body: SubmissionBody) -> str | None:
    key = request.headers.get("idempotency-key", "").strip()
    if len(key) > GIVEN_REFERENCE_CHARACTERS_MAX:
        words = f"is longer than {GIVEN_REFERENCE_CHARACTERS_MAX} characters"
        raise refused(Fault(pointer="header/Idempotency-Key", detail=words))
    if not key and body.source_ref is None:
        words = "give the header Idempotency-Key or source_ref, so that a retry is the same case"
        raise refused(Fault(pointer="/source_ref", detail=words))
    return key or None


def _unknown_category(door: Door, message: Submission, now: datetime) -> tuple[str, str] | None:
    policy = door.policies.in_force(message.municipality, now)
    if policy is None or message.category is None:
        return None
    known = any(one.category == message.category for one in policy.categories)
    return None if known else ("/category", "is not a category of this municipality")


async def _append(door: Door, message: Submission, request: Span) -> CaseId:
    assert message.author is not None, "the edge states the author"
    case = case_id(door.hmac_key, message.municipality, message.author, message.reference)
    topic = intake_of(message.channel)
    span = door.tracer.follow(request.onward, f"send {topic}", "producer")
    attributes = headers(
        message.type,
        event_id=case,
        subject=case,
        source=PATH,
        at=door.now(),
        trace=span.onward,
    )
    try:
        await door.inboxes.append(topic, key=case, value=encode(message), headers=attributes)
    except KafkaAwayError as error:
        door.meters.count(INTAKE_EVENTS, message.channel, "unavailable")
        words = "The message was not taken, since Kafka did not acknowledge it. Send it again."
        raise unavailable(words, retry_after_seconds=RETRY_AFTER_SECONDS) from error
    except TopicError as error:
        door.meters.count(INTAKE_EVENTS, message.channel, "unavailable")
        words = "The message was not taken, since its inbox does not take it."
        raise unavailable(words, retry_after_seconds=RETRY_AFTER_SECONDS) from error
    finally:
        span.end(attributes={"peygir.case_id": case, "messaging.destination.name": topic})
    return case


def _accepted(case: CaseId, code: str) -> Response:
    href = f"/api/v1/cases/{case}"
    body: dict[str, Any] = {"case_id": case, "tracking_code": spoken(code), "href": href}
    response_headers = {"Location": href, "Cache-Control": "no-store"}
    return Response(
        orjson.dumps(body), HTTPStatus.ACCEPTED, response_headers, media_type="application/json"
    )
