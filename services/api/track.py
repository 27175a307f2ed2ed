"""What a citizen learns of a case by its tracking code: nothing personal, by anyone's hand."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import orjson

from schemas.policy import Policy
from services.api.reads import Reads, Tracked
from services.http.problems import Fault, ProblemError, refused
from streams.core.ids import read_tracking_code, spoken
from streams.core.text import normalise

PHONE_DIGITS_MIN = 4

FindPolicy = Callable[[str], Policy | None]
"""The policy of a municipality in force now, for titles; none where it is not known here."""


async def track(
    reads: Reads,
    find_policy: FindPolicy,
    code: str,
    *,
    municipality: str | None = None,
    phone_last_digits: str | None = None,
) -> dict[str, Any]:
    """The case's state. Raises a problem: unknown, or more than one case has this code."""
    digits = read_tracking_code(code)
    if digits is None:
        raise _unknown("This cannot be a tracking code: it has 15 digits; one may be mistyped.")
    found = await reads.tracked(digits, municipality)
    if len(found) > 1 and phone_last_digits is not None:
        found = [one for one in found if same_phone(one.phone, phone_last_digits)]
    if not found:
        raise _unknown("No case has this tracking code; a new one can be seen after a second.")
    if len(found) > 1:
        raise _ambiguous(found)
    return _shown(found[0], digits, find_policy)


def _shown(case: Tracked, digits: str, find_policy: FindPolicy) -> dict[str, Any]:
    policy = find_policy(case.municipality)
    departments = {one.department: one for one in policy.departments} if policy else {}
    categories = {one.category: one for one in policy.categories} if policy else {}
    reasons = {one.reason: one for one in policy.pauses} if policy else {}
    bodies = {one.body: one for one in policy.bodies} if policy else {}
    document = orjson.loads(case.document)
    body, first = document["handed_over"], document["first_tracking_code"]
    if body is not None:
        body |= _titled(body["id"], bodies.get(body["id"])) or {}
    document["first_tracking_code"] = first and spoken(first)
    document["parts"] = [spoken(one) for one in document["parts"]]
    for one in (*document["steps"], *filter(None, (document["waiting"],))):
        one["reason"] = _titled(one["reason"], reasons.get(one["reason"]))
    return {
        "tracking_code": spoken(digits),
        "municipality": _titled(case.municipality, policy),
        "department": _titled(case.department, departments.get(case.department)),  # type: ignore[arg-type]  # absent is not found
        "category": _titled(case.category, categories.get(case.category)),  # type: ignore[arg-type]  # absent is not found
        **document,
    }


def _titled(name: str | None, titled: Any) -> dict[str, str | None] | None:  # noqa: ANN401
    if name is None:
        return None
    if titled is None:
        return {"id": name, "title_fa": None, "title_en": None}
    return {"id": name, "title_fa": titled.title_fa, "title_en": titled.title_en}


def same_phone(phone: str | None, given: str) -> bool:
    """Whether it ends so. Raises a 422 problem where what is given could be anybody's."""
    last = _digits(given)
    if len(last) < PHONE_DIGITS_MIN:
        words = f"give at least {PHONE_DIGITS_MIN} digits"
        raise refused(Fault(pointer="/phone_last_digits", detail=words))
    return phone is not None and _digits(phone).endswith(last)


def _digits(text: str) -> str:
    return "".join(one for one in normalise(text) if one.isascii() and one.isdigit())


def _unknown(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.NOT_FOUND, "not-found", detail, headers={"Retry-After": "1"})


def _ambiguous(found: list[Tracked]) -> ProblemError:
    several = len({one.municipality for one in found}) > 1
    words = "More than one case has this code. "
    words += (
        "Say which municipality: `?municipality=`."
        if several
        else "POST it to /api/v1/track with `phone_last_digits`."
    )
    return ProblemError(HTTPStatus.CONFLICT, "ambiguous-code", words)
