"""What is not taken of what is said of a case over HTTP, and in which words."""

from dataclasses import replace
from typing import Any

import pytest

from tests.fact_callers import WAIT, key_of, say
from tests.fact_city import BOSTON, FANI, FactCity, case_number

PROBLEM = "application/problem+json"
PATH = "/intake/v1/cases/{case_id}/facts"


@pytest.mark.parametrize(
    "given",
    ["1", 'W/"1"', '"1", "2"', '"one"', '"-1"', '"01"', '"9223372036854775808"', '"', '"١"'],
)
def test_a_version_that_cannot_be_read_is_refused_in_words(given: str) -> None:
    city = FactCity()
    case = city.open(1)

    answer = say(city.caller(), case, "started", headers={"If-Match": given.encode()})  # type: ignore[dict-item]  # bytes are sent as they are

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "header/If-Match"
    assert city.said == []


@pytest.mark.parametrize(
    ("key", "pointer"),
    [(None, True), ("", True), ("  ", True), ("x" * 201, True), ("x" * 200, False)],
)
def test_a_report_names_its_repetition(key: str | None, pointer: bool) -> None:  # noqa: FBT001
    city = FactCity()
    case = city.open(1)

    answer = say(city.caller(), case, "started", key=key)

    assert answer.status_code == (422 if pointer else 202)
    if pointer:
        assert answer.json()["errors"][0]["pointer"] == "header/Idempotency-Key"


def test_without_kafka_nothing_is_taken_and_it_may_come_again() -> None:
    city = FactCity(away=True)
    case = city.open(1)

    answer = say(city.caller(), case, "started")

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "not taken" in answer.json()["detail"]


@pytest.mark.parametrize("away", ["projection", "policies"])
def test_without_what_it_is_tried_by_nothing_is_taken(away: str) -> None:
    city = FactCity()
    case = city.open(1)
    if away == "projection":
        city.blind = True
    else:
        city.policies = ()

    answer = say(city.caller(), case, "started")

    assert (answer.status_code, city.said) == (503, [])
    assert "retry-after" in answer.headers


def test_a_case_that_may_not_be_seen_is_as_unknown_as_none() -> None:
    city = FactCity()
    theirs, abroad = city.open(1, department=FANI), city.open(2, municipality=BOSTON)
    anothers = city.open(3, author="other-app")
    caller = city.caller()

    answers = [
        say(caller, theirs, "started"),
        say(caller, abroad, "started", by="operator"),
        say(caller, anothers, "confirmed", by="channel"),
        say(caller, case_number(9), "started", by="operator"),
        say(caller, "no-case%00", "started", by="operator"),
    ]

    assert {one.status_code for one in answers} == {404}
    assert len({one.text for one in answers}) == 1
    assert city.said == []


def test_whoever_reads_another_municipality_is_nobody_there() -> None:
    city = FactCity()
    here, abroad = city.open(1), city.open(2, municipality=BOSTON)
    caller = city.caller()

    assert say(caller, here, "started", by="traveller").status_code == 202
    answer = say(caller, abroad, "started", by="traveller")

    assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")


def test_who_may_see_it_and_not_say_that_is_told_so_in_both_languages() -> None:
    city = FactCity()
    case = city.open(1)
    caller = city.caller()

    for by in ("auditor", "administrator", "mayor", "reader"):
        answer = say(caller, case, "resolved", by=by)
        assert answer.status_code == 403
        assert answer.json()["code"] == "not-permitted"
        assert answer.json()["detail_fa"]
    assert city.said == []


@pytest.mark.parametrize(
    "name",
    [
        "author",
        "role",
        "department",
        "municipality",
        "reporter_of",
        "parent_recorded_at",
        "because",
        "case_id",
        "reference",
        "if_version",
        "type",
    ],
)
def test_what_only_the_edge_may_say_is_not_taken_from_anybody(name: str) -> None:
    city = FactCity()
    case = city.open(1)

    body = {"did": "started", name: "operator"}
    sent = key_of("member") | {"Idempotency-Key": "1"}
    answer = city.caller().post(PATH.format(case_id=case), json=body, headers=sent)

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": f"/{name}", "detail": "this field is not known"}]


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no deed": ({"did": None}, "/did"),
    "another deed": ({"did": "danced"}, "/did"),
    "a fact of ours": ({"did": "breached"}, "/did"),
    "stars with a note": ({"did": "noted", "note": "x", "stars": 5}, "/stars"),
    "a reason to acknowledge": ({"did": "acknowledged", "reason": "weather"}, "/reason"),
    "an unknown reason": ({"did": "paused", "reason": "lunch"}, "/reason"),
    "no reason": ({"did": "paused"}, "/reason"),
    "no why": ({"did": "closed-without-action"}, "/why"),
    "another's why": ({"did": "closed-without-action", "why": "wrong-district"}, "/why"),
    "an unknown receiver": (
        {"did": "transfer-requested", "why": "wrong-department", "to": "atlantis"},
        "/to",
    ),
    "an empty note": ({"did": "noted", "note": ""}, "/note"),
    "a blank note": ({"did": "noted", "note": " "}, "/note"),
    "NUL": ({"did": "noted", "note": "a\u0000b"}, "/note"),
    "a long note": ({"did": "noted", "note": "n" * 8_001}, "/note"),
    "NUL as evidence": ({"did": "resolved", "evidence": ["photo:\u0000"]}, "/evidence/0"),
    "much evidence": ({"did": "resolved", "evidence": ["photo:1"] * 21}, "/evidence"),
    "one part": ({"did": "split", "parts": [{"text": "a"}]}, "/parts"),
    "no parts": ({"did": "split"}, "/parts"),
    "an unknown part": (
        {"did": "split", "parts": [{"text": "a", "stars": 1}] * 2},
        "/parts/0/stars",
    ),
    "an unknown body": ({"did": "handed-over", "body": "moon"}, "/body"),
    "a wordy reference": (
        {"did": "handed-over", "body": "water", "body_reference": "خانم رضایی"},
        "/body_reference",
    ),
    "an unknown visibility": ({"did": "noted", "note": "x", "visibility": "secret"}, "/visibility"),
    "a flag in words": (
        {"did": "reclassified", "category": "CIV-01", "new_promises": "yes"},
        "/new_promises",
    ),
    "no parent": ({"did": "linked"}, "/parent"),
    "a parent of null": ({"did": "linked", "parent": None}, "/parent"),
    "parts of null": ({"did": "split", "parts": None}, "/parts"),
}


@pytest.mark.parametrize(("body", "pointer"), BAD.values(), ids=list(BAD))
def test_what_does_not_fit_is_refused_with_its_place(body: dict[str, Any], pointer: str) -> None:
    city = FactCity()
    case = city.open(1)
    sent = key_of("head") | {"Idempotency-Key": "1"}

    answer = city.caller().post(PATH.format(case_id=case), json=body, headers=sent)

    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == PROBLEM
    assert pointer in [one["pointer"] for one in answer.json()["errors"]]
    assert city.said == []


@pytest.mark.parametrize("stars", [0, 6, 4.5, "4", True, None])
def test_stars_are_one_to_five(stars: object) -> None:
    city = FactCity()
    case = city.open(1)

    answer = say(city.caller(), case, "rated", by="operator", stars=stars)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/stars"


def test_a_huge_body_is_refused_before_it_is_read() -> None:
    city = FactCity()
    case = city.open(1)

    answer = say(city.caller(), case, "resolved", evidence=["x" * 8_000] * 20)

    assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)


def test_a_case_without_a_department_waits_for_it() -> None:
    city = FactCity()
    case = city.submit(1)

    answer = say(city.caller(), case, "acknowledged", by="operator")

    assert (answer.status_code, answer.json()["code"]) == (409, "no-department-yet")
    assert answer.headers["retry-after"] == "1"


def test_a_refusal_never_repeats_what_was_said() -> None:
    city = FactCity()
    case = city.open(1)
    caller = city.caller()
    said = "0912-said-by-someone"

    answers = [
        say(caller, case, said),
        say(caller, case, "paused", reason=said),
        say(caller, case, "noted", note=said * 1_000),
        say(caller, case, "transfer-requested", why="wrong-department", to=said),
        say(caller, case, "linked", parent=said),
        say(caller, case, "started", headers={"If-Match": said}),
        say(caller, case, "acknowledged", key="a", headers=WAIT, note=said),
        say(caller, case, "acknowledged", key="b", headers=WAIT, note=said),
    ]

    assert [one.status_code for one in answers] == [422, 422, 422, 422, 409, 422, 200, 409]
    assert not any(said in one.text for one in answers)


@pytest.mark.parametrize("by", [None, "nobody"])
def test_without_a_key_in_force_nothing_is_said(by: str | None) -> None:
    city = FactCity()
    case = city.open(1)
    headers = {"Idempotency-Key": "1"} | (key_of(by) if by else {})

    answer = city.caller().post(PATH.format(case_id=case), json={"did": "started"}, headers=headers)

    assert answer.status_code == 401
    assert "www-authenticate" in answer.headers


def test_a_first_password_says_nothing() -> None:
    class Fresh:
        async def find(self, token: str) -> Any:  # noqa: ANN401, ARG002
            known = city.door().callers.known("pgr_a_member")
            assert known is not None
            return replace(known, must_change=True)

        def known(self, token: str) -> None: ...

    city = FactCity()
    case = city.open(1)

    answer = say(city.caller(callers=Fresh()), case, "started")

    assert answer.status_code == 403
    assert answer.json()["type"].endswith("password-change-needed")
