"""What the OpenAPI document says of the two doors for what is said of a case."""

from typing import Any

from services.http.inline import in_one_piece
from services.http.problems import problem_responses
from services.intake.deeds.body import FactBody, TrackedFactBody
from services.intake.deeds.headers import WAIT_SECONDS_MAX

_CASE_ID = "mfrggzdfmztwq2lkmfrggzdfmztwq2lk"
_FACT_ID = "staff/registrar/8e0e3ce2/resolved"
_NAMED: dict[str, Any] = {
    "fact_id": {"type": "string"},
    "href": {"type": "string", "description": "where it can be read what became of it"},
}
_JUDGED: dict[str, Any] = {
    "judgement": {"type": "string", "const": "effective"},
    "version": {"type": "integer", "description": "the case's, after it"},
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "example": "8e0e3ce2",
    "description": (
        "Any text of the caller's own: what is sent again under it is the same fact. It stands in "
        "the fact's id, so nothing personal belongs in it."
    ),
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": r'^("(0|[1-9][0-9]{0,17})"|\*)$'},
    "description": "The case's ETag as it was read: where the case has moved on, it has no effect.",
}
_PREFER = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": (
        f"`wait=N`: answer when it is judged, at most {WAIT_SECONDS_MAX} seconds later (RFC 7240)."
    ),
}
_APPLIED = {"Preference-Applied": {"schema": {"type": "string"}, "required": False}}


def _answers(model: dict[str, Any], example: dict[str, Any], judged: str) -> dict[str, Any]:
    taken = {"type": "object", "required": sorted(model), "properties": model}
    whole = model | _JUDGED
    known = {"type": "object", "required": sorted(whole), "properties": whole}
    effect = example | {"judgement": "effective", "version": 137}
    return {
        "200": {
            "description": judged,
            "headers": _APPLIED,
            "content": {"application/json": {"schema": known, "example": effect}},
        },
        "202": {
            "description": "Kafka has acknowledged it; it is not judged yet.",
            "headers": _APPLIED,
            "content": {"application/json": {"schema": taken, "example": example}},
        },
    }


FACTS: dict[str, Any] = {
    "security": [{"key": []}],
    "parameters": [
        {
            "name": "case_id",
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
            "example": _CASE_ID,
        },
        _KEY,
        _IF_MATCH,
        _PREFER,
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": in_one_piece(FactBody),
                "example": {"did": "resolved", "note": "تعویض شد", "evidence": ["photo:137"]},
            }
        },
    },
    "responses": _answers(
        {"case_id": {"type": "string"}} | _NAMED,
        {
            "case_id": _CASE_ID,
            "fact_id": _FACT_ID,
            "href": f"/api/v1/cases/{_CASE_ID}/facts?after=136",
        },
        "It has an effect.",
    )
    | problem_responses(400, 401, 403, 404, 409, 412, 413, 422, 503),
}
TRACKED_FACTS: dict[str, Any] = {
    "security": [],
    "parameters": [_KEY | {"required": False}, _PREFER],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": in_one_piece(TrackedFactBody),
                "example": {
                    "tracking_code": "12345-67890-12345",
                    "did": "rated",
                    "stars": 4,
                    "note": "زود آمدند",
                },
            }
        },
    },
    "responses": _answers(
        _NAMED,
        {"fact_id": "citizen/9f86d081884c7d65/rated", "href": "/api/v1/track"},
        "It has an effect.",
    )
    | problem_responses(400, 404, 409, 412, 413, 422, 429, 503),
}
