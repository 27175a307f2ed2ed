"""`POST /intake/v1/calls`: a call that was answered and made no case, so that it counts too."""

from http import HTTPStatus

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from schemas.codec import encode, headers
from schemas.messages import CallAnswered
from schemas.records import call_name
from schemas.topics import ANSWERED_CALLS, partition_of_call
from services.http.access import caller, forbidden
from services.http.asgi import span_of
from services.http.client import Client
from services.http.problems import Fault, from_validation, refused, unavailable
from services.intake.call_body import BODY, BODY_BYTES_MAX, CallBody, call_answered, wrong_with
from services.intake.call_description import OPENAPI
from services.intake.routes import RETRY_AFTER_SECONDS, Door
from services.kafka import KafkaAwayError, TopicError

PATH = "/intake/v1/calls"


def call_routes(door: Door) -> APIRouter:
    routes = APIRouter(tags=["intake"])

    @routes.post(
        PATH,
        status_code=202,
        summary="Tell of a call without a case",
        openapi_extra=OPENAPI,
        max_body_size=BODY_BYTES_MAX,
    )
    async def answered(request: Request) -> Response:
        """Told again of the same call it counts once, as it was told last."""
        client = await caller(request, door.callers)
        body = _body(await request.body())
        if not takes_calls(client, body.municipality):
            raise forbidden("This key or session takes no calls of that municipality.")
        _check(door, body)
        call = call_answered(body, author=client.name, secret=door.hmac_key)
        await _append(door, request, call)
        return Response(
            orjson.dumps({"call": call.call}),
            HTTPStatus.ACCEPTED,
            {"Cache-Control": "no-store"},
            media_type="application/json",
        )

    return routes


def takes_calls(client: Client, municipality: str) -> bool:
    """Whoever brings what is said by telephone, and the operators of the municipality's line."""
    return client.may_submit("phone") or any(
        one.role == "operator" and one.municipality == municipality for one in client.grants
    )


def _body(raw: bytes) -> CallBody:
    try:
        return BODY.validate_json(raw)
    except ValidationError as error:
        raise from_validation(error.errors(include_url=False, include_input=False)) from None


def _check(door: Door, body: CallBody) -> None:
    """Raises a problem that says what is wrong with it."""
    if not door.policies.ready:
        raise unavailable("The policies are not read yet.", retry_after_seconds=RETRY_AFTER_SECONDS)
    now = door.now()
    policy = door.policies.in_force(body.municipality, body.answered_at)
    if policy is None:
        raise refused(Fault(pointer="/municipality", detail="is not served here"))
    wrong = wrong_with(body, policy, now)
    if wrong is not None:
        raise refused(wrong)


async def _append(door: Door, request: Request, call: CallAnswered) -> None:
    attributes = headers(
        call.type,
        event_id=call.call,
        subject=call.municipality,
        source=PATH,
        at=door.now(),
        trace=span_of(request.scope).onward,
    )
    try:
        await door.inboxes.append(
            ANSWERED_CALLS,
            key=call_name(call),
            value=encode(call),
            headers=attributes,
            partition=partition_of_call(call.call),
        )
    except (KafkaAwayError, TopicError) as error:
        words = "The call was not recorded, since Kafka did not acknowledge it. Send it again."
        raise unavailable(words, retry_after_seconds=RETRY_AFTER_SECONDS) from error
