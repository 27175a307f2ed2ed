"""What the OpenAPI document says of `/staff/v1`."""

from typing import Any

from pydantic import BaseModel

from services.http.grants import STAFF_ROLES
from services.http.inline import in_one_piece
from services.http.problems import problem_responses
from services.staff.body import AccountBody, PasswordBody, SignInBody

_MOMENT: dict[str, Any] = {"type": "string", "format": "date-time"}
_ACCOUNT: dict[str, Any] = {
    "type": "object",
    "required": ["name", "role", "municipality", "department", "must_change_password"],
    "properties": {
        "name": {"type": "string"},
        "role": {"type": "string", "enum": list(STAFF_ROLES)},
        "municipality": {"type": "string"},
        "department": {"type": ["string", "null"]},
        "must_change_password": {
            "type": "boolean",
            "description": "With the first password nothing can be done but to change it.",
        },
        "created_at": _MOMENT,
        "disabled_at": {"type": ["string", "null"], "format": "date-time"},
    },
}
_SIGNED_IN: dict[str, Any] = {
    "type": "object",
    "required": ["token", "ends_at", "account"],
    "properties": {
        "token": {"type": "string", "description": "`Authorization: Bearer pgs_…`"},
        "ends_at": {**_MOMENT, "description": "at the latest; before that, when it is not used"},
        "account": _ACCOUNT,
    },
}
_FIRST_PASSWORD: dict[str, Any] = {
    "type": "object",
    "required": ["name", "first_password"],
    "properties": {"name": {"type": "string"}, "first_password": {"type": "string"}},
}
_ACCOUNTS: dict[str, Any] = {
    "type": "object",
    "required": ["accounts", "next"],
    "properties": {
        "accounts": {"type": "array", "items": _ACCOUNT},
        "next": {
            "type": ["string", "null"],
            "description": "the next page is what comes `after` it; null on the last",
        },
    },
}
_WITH_A_KEY: list[dict[str, list[str]]] = [{"key": []}]


def _answered(status: str, what: str, schema: dict[str, Any] | None, *problems: int) -> Any:  # noqa: ANN401
    told: dict[str, Any] = {"description": what}
    if schema is not None:
        told["content"] = {"application/json": {"schema": schema}}
    return {status: told, **problem_responses(*problems)}


def _body(model: type[BaseModel], example: dict[str, Any]) -> dict[str, Any]:
    content = {"schema": in_one_piece(model), "example": example}
    return {"required": True, "content": {"application/json": content}}


SIGN_IN: dict[str, Any] = {
    "requestBody": _body(SignInBody, {"name": "gardener", "password": "k7qm-2xwd-9fhs-ru4p-ztb8"}),
    "responses": _answered(
        "201", "The session has begun.", _SIGNED_IN, 400, 401, 413, 422, 429, 503
    ),
}
SIGN_OUT: dict[str, Any] = {
    "security": _WITH_A_KEY,
    "responses": _answered("204", "The session has ended.", None, 401, 403, 503),
}
ME: dict[str, Any] = {
    "security": _WITH_A_KEY,
    "responses": _answered("200", "The account.", _ACCOUNT, 401, 403, 503),
}
PASSWORD: dict[str, Any] = {
    "security": _WITH_A_KEY,
    "requestBody": _body(
        PasswordBody, {"current": "k7qm-2xwd-9fhs-ru4p-ztb8", "new": "four words that I keep"}
    ),
    "responses": _answered(
        "200",
        "Every session of the account has ended, and this one has begun.",
        _SIGNED_IN,
        *(400, 401, 403, 413, 422, 429, 503),
    ),
}
ACCOUNTS: dict[str, Any] = {
    "security": _WITH_A_KEY,
    "responses": _answered("200", "The accounts, by name.", _ACCOUNTS, 401, 403, 422, 503),
}
ADD: dict[str, Any] = {
    "security": _WITH_A_KEY,
    "requestBody": _body(
        AccountBody,
        {"name": "gardener", "role": "head", "municipality": "hashtgerd", "department": "parks"},
    ),
    "responses": _answered(
        "201",
        "The account is made; the first password is shown this once.",
        _FIRST_PASSWORD,
        *(400, 401, 403, 409, 413, 422, 503),
    ),
}
RENEW: dict[str, Any] = {
    "security": _WITH_A_KEY,
    "responses": _answered(
        "200",
        "The new first password is shown this once; every session has ended.",
        _FIRST_PASSWORD,
        *(401, 403, 404, 409, 422, 503),
    ),
}
DISABLE: dict[str, Any] = {
    "security": _WITH_A_KEY,
    "responses": _answered(
        "204", "The account and its sessions have ended.", None, 401, 403, 404, 409, 422, 503
    ),
}
