"""What a citizen says of a message of theirs, by its tracking code; no key is needed."""

import json
from typing import Any

from fastapi import Request, Response

from services.http.addresses import address_of
from services.http.problems import ProblemError
from services.intake.deeds.answers import TRACK, Named, answer
from services.intake.deeds.body import (
    TRACKED_FACT,
    TrackedFactBody,
    read_body,
    refuse_misplaced,
)
from services.intake.deeds.door import FactDoor, fact_id_of
from services.intake.deeds.headers import Asked, asked_of
from services.intake.deeds.known import KnownCase
from services.intake.deeds.saying import Saying, judged_before, say
from services.intake.deeds.speaker import CITIZEN, Speaker, citizen_of
from services.intake.deeds.words import ambiguous, no_such_case
from streams.core.ids import content_digest, read_tracking_code

_HOW_IT_IS_FOUND = {"tracking_code", "municipality", "phone_last_digits"}


async def say_as_citizen(door: FactDoor, request: Request) -> Response:
    """Raises a problem; each answer says how often the address may still ask."""
    spent = await _spend(door, request)
    try:
        answered = await _say(door, request)
    except ProblemError as problem:
        problem.headers = spent | problem.headers
        raise
    answered.headers.update(spent)
    return answered


async def _spend(door: FactDoor, request: Request) -> dict[str, str]:
    """One look-up of this address, from what its look-ups by tracking code may be."""
    return await door.limit.spend(address_of(request), now=door.now().timestamp())


async def _say(door: FactDoor, request: Request) -> Response:
    asked = asked_of(request)
    body = read_body(TRACKED_FACT, await request.body())
    refuse_misplaced(body.did, body.model_fields_set - _HOW_IT_IS_FOUND)
    own = await _found(door, body)
    said = await citizen_of(door.cases, own, body.did)
    goes_with = body.model_dump(exclude=_HOW_IT_IS_FOUND, exclude_none=True)
    reference = _reference(door, said, own, goes_with, asked)
    fact_id = fact_id_of(CITIZEN, reference, body.did)
    named = Named(fact_id=fact_id, href=TRACK)
    before = await judged_before(door, own, fact_id)
    if before is not None:
        return answer(named, before, asked)
    saying = Saying(goes_with=goes_with, reference=reference, named=named, asked=asked)
    return await say(door, request, said, saying)


async def _found(door: FactDoor, body: TrackedFactBody) -> KnownCase:
    """The one case of that code. Raises a 404 or a 409 problem."""
    if read_tracking_code(body.tracking_code) is None:
        raise no_such_case()
    found = await door.cases.with_code(
        body.tracking_code,
        municipality=body.municipality,
        phone_last_digits=body.phone_last_digits,
    )
    if not found:
        raise no_such_case()
    if len(found) > 1:
        several = len({one.municipality for one in found}) > 1
        raise ambiguous(several_municipalities=several)
    return found[0]


def _reference(
    door: FactDoor, said: Speaker, own: KnownCase, words: dict[str, Any], asked: Asked
) -> str:
    """What makes a repetition the same: the citizen's key, or else the words and the version.

    All citizens have one name, and some have one case: so it holds whose own it is, unread.
    """
    if asked.key is not None:
        return _digest(door, own.case_id, "key", asked.key)
    said_now = _digest(door, own.case_id, "words", words)
    fresh = _digest(door, said_now, said.case.version)
    return door.taps.reference(own.case_id, said_now, fresh, door.now().timestamp())


def _digest(door: FactDoor, *parts: object) -> str:
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True)
    return content_digest(door.hmac_key, text.encode())
