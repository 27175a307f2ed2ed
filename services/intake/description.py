"""What the OpenAPI document says of `POST /intake/v1/cases`."""

from typing import Any

from services.http.inline import in_one_piece
from services.http.problems import problem_responses
from services.intake.body import EXAMPLE, SubmissionBody

_ACCEPTED: dict[str, Any] = {
    "type": "object",
    "required": ["case_id", "tracking_code", "href"],
    "properties": {
        "case_id": {"type": "string"},
        "tracking_code": {"type": "string"},
        "href": {"type": "string"},
    },
}

_ACCEPTED_EXAMPLE = {
    "case_id": "mfrggzdfmztwq2lkmfrggzdfmztwq2lk",
    "tracking_code": "12345-67890-12345",
    "href": "/api/v1/cases/mfrggzdfmztwq2lkmfrggzdfmztwq2lk",
}


OPENAPI: dict[str, Any] = {
    "security": [{"key": []}],
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string"},
            "description": "Makes a retry the same case; needed where there is no `source_ref`.",
        }
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": in_one_piece(SubmissionBody), "example": EXAMPLE}
        },
    },
    "responses": {
        "202": {
            "description": "Kafka has acknowledged the message; it cannot be lost any more.",
            "content": {"application/json": {"schema": _ACCEPTED, "example": _ACCEPTED_EXAMPLE}},
        },
        **problem_responses(400, 401, 403, 413, 422, 503),
    },
}
