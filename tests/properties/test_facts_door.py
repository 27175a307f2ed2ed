"""Whatever is sent to the doors for what is said of a case: an answer in words, and never a 5xx.

What was taken is what the router can read, and names its speaker as the edge knows it.
"""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.vocabulary import DEEDS
from services.intake.deeds.body import FactBody, TrackedFactBody
from tests.edges import Caller
from tests.fact_callers import key_of
from tests.fact_city import FactCity, code_number

TRACKED = "/intake/v1/tracked/facts"
ANSWERS = {200, 202, 400, 403, 404, 409, 412, 413, 422}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
FITTING = st.sampled_from(
    ["weather", "wrong-department", "not-ours", "fani", "CIV-01", "water", "public", "done", "سلام"]
)
VALUES = FITTING | JSON | st.lists(st.fixed_dictionaries({"text": st.text(max_size=5)}), max_size=3)
BODIES = st.fixed_dictionaries(
    {"did": st.sampled_from(DEEDS) | JSON},
    optional={name: VALUES for name in FactBody.model_fields if name != "did"},
)
TRACKED_BODIES = st.fixed_dictionaries(
    {
        "did": st.sampled_from(["noted", "rated", "confirmed", "disputed"]) | JSON,
        "tracking_code": st.just(code_number(1)) | JSON,
    },
    optional={
        name: VALUES
        for name in TrackedFactBody.model_fields
        if name not in {"did", "tracking_code"}
    },
)
HEADER = st.text(st.characters(codec="latin-1", exclude_categories=("Cc",)), max_size=30)
HEADERS = st.fixed_dictionaries(
    {"Idempotency-Key": HEADER | st.just("k")},
    optional={
        "If-Match": HEADER | st.sampled_from(["*", '"1"', '"0"']),
        "Prefer": HEADER | st.just("wait=0"),
    },
)
WHO = st.sampled_from(["member", "head", "deputy", "operator", "mayor", "channel", "reader"])


def asked(city: FactCity, path: str, raw: bytes, headers: dict[str, str], who: str | None) -> int:
    sent = {name: value.encode("latin-1") for name, value in headers.items()}
    key = key_of(who) if who else {}
    caller: Caller = city.caller()
    how: dict[str, Any] = {"content": raw, "headers": [*key.items(), *sent.items()]}
    answer = caller.post(path, **how)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
        assert who or answer.json()["detail_fa"]
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code


def closed() -> FactCity:
    city = FactCity()
    city.open(1)
    return city


@given(body=BODIES, headers=HEADERS, who=WHO)
def test_whatever_is_said_of_a_case_is_answered(
    body: dict[str, Any], headers: dict[str, str], who: str
) -> None:
    city = closed()
    (case,) = city.cases

    status = asked(city, f"/intake/v1/cases/{case}/facts", json.dumps(body).encode(), headers, who)

    assert status in ANSWERS
    # Taken, it was folded at once: the router could read it.
    assert status not in {200, 202} or len(city.said) == 1
    assert {one.role for one in city.said} <= {who}


@given(body=TRACKED_BODIES, headers=HEADERS)
def test_whatever_a_citizen_says_is_answered(body: dict[str, Any], headers: dict[str, str]) -> None:
    city = closed()

    assert asked(city, TRACKED, json.dumps(body).encode(), headers, None) in ANSWERS
    assert {one.author for one in city.said} <= {"citizen"}


@given(raw=st.binary(max_size=200), who=st.none() | WHO)
def test_bytes_of_any_kind_are_answered(raw: bytes, who: str | None) -> None:
    city = closed()
    (case,) = city.cases
    path = TRACKED if who is None else f"/intake/v1/cases/{case}/facts"

    assert asked(city, path, raw, {"Idempotency-Key": "k"}, who) in {400, 422}
    assert city.said == []
