"""What the OpenAPI document says of `POST /intake/v1/calls`."""

from typing import Any

from services.http.inline import in_one_piece
from services.http.problems import problem_responses
from services.intake.call_body import EXAMPLE, CallBody

_ACCEPTED: dict[str, Any] = {
    "type": "object",
    "required": ["call"],
    "properties": {
        "call": {"type": "string", "description": "The digest that the call is known by here."}
    },
}
OPENAPI: dict[str, Any] = {
    "security": [{"key": []}],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": in_one_piece(CallBody), "example": EXAMPLE}},
    },
    "responses": {
        "202": {
            "description": "Kafka has acknowledged it; the same call counts once.",
            "content": {
                "application/json": {
                    "schema": _ACCEPTED,
                    "example": {"call": "mzxw6ytboi2gk3tfon2gk5dfmrxw6lbn"},
                }
            },
        },
        **problem_responses(400, 401, 403, 413, 422, 503),
    },
}
