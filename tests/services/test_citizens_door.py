"""`POST /intake/v1/tracked/facts`: what a citizen says by the tracking code, without a key."""

from typing import Any

import httpx
import pytest

from services.intake.deeds.routes import fact_routes
from services.intake.deeds.taps import TAP_SECONDS
from tests.edges import Caller
from tests.fact_callers import WAIT, say
from tests.fact_city import BOSTON, FactCity, code_number, edge

PATH = "/intake/v1/tracked/facts"
FARSI = "آابپتجچحخدرزسشفقکگلمنوهی"


def tell(
    caller: Caller,
    did: str,
    *,
    code: int | str = 1,
    headers: dict[str, str] | None = None,
    **more: Any,  # noqa: ANN401
) -> httpx.Response:
    typed = code_number(code) if isinstance(code, int) else code
    body = {"tracking_code": typed, "did": did} | more
    return caller.post(PATH, json=body, headers=WAIT if headers is None else headers)


def closed(city: FactCity, *numbers: int) -> None:
    for number in numbers:
        case = city.open(number)
        answer = say(city.caller(), case, "resolved", key=f"close-{number}", headers=WAIT)
        assert answer.status_code == 200
    city.said.clear()


@pytest.mark.parametrize(
    ("did", "more"),
    [
        ("confirmed", {}),
        ("disputed", {"note": "هنوز خاموش است"}),
        ("rated", {"stars": 4, "note": "زود آمدند"}),
        ("reopened", {}),
        ("noted", {"note": "روبه‌روی پارک"}),
    ],
)
def test_a_citizen_judges_a_closed_case_by_its_code_alone(did: str, more: dict[str, Any]) -> None:
    city = FactCity()
    closed(city, 1)

    answer = tell(city.caller(), did, **more)

    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.json()) == {"fact_id", "href", "judgement", "version"}
    (report,) = city.said
    assert (report.author, report.role, report.department) == ("citizen", "citizen", None)
    assert (report.did, report.note, report.stars) == (did, more.get("note"), more.get("stars"))


def test_a_question_is_answered_by_the_code() -> None:
    city = FactCity()
    case = city.open(1)
    say(city.caller(), case, "information-requested", note="کدام کوچه؟", headers=WAIT)

    assert tell(city.caller(), "information-received", note="کوچهٔ سوم").status_code == 200


def test_without_waiting_it_is_taken() -> None:
    city = FactCity()
    closed(city, 1)

    answer = tell(city.caller(), "confirmed", headers={})

    assert answer.status_code == 202
    assert answer.json()["href"] == "/api/v1/track"
    assert set(answer.json()) == {"fact_id", "href"}


@pytest.mark.parametrize("did", ["resolved", "linked", "acknowledged", "escalation-seen", "danced"])
def test_the_citys_work_is_not_a_citizens_to_say(did: str) -> None:
    city = FactCity()
    city.open(1)

    answer = tell(city.caller(), did)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/did"
    assert "شهروند" in answer.json()["detail_fa"]
    assert city.said == []


def test_who_follows_another_judges_the_one_that_is_worked_on() -> None:
    city = FactCity()
    first, second, third = city.open(1), city.open(2), city.open(3)
    for number, case in enumerate((second, third)):
        answer = say(
            city.caller(),
            case,
            "linked",
            by="operator",
            key=f"{number}",
            headers=WAIT,
            parent=first,
        )
        assert answer.status_code == 200
    say(city.caller(), first, "resolved", key="r", headers=WAIT)
    city.said.clear()
    caller, headers = city.caller(), WAIT | {"Idempotency-Key": "1"}

    answers = [
        tell(caller, "rated", code=code, headers=headers, stars=stars)
        for code, stars in ((1, 5), (2, 2), (3, 1), (3, 1))
    ]
    noted = tell(caller, "noted", code=2, note="مال ما هنوز خاموش است")

    assert [one.status_code for one in answers] == [200] * 4
    assert noted.status_code == 200
    assert [(one.case_id, one.reporter_of) for one in city.said] == [
        (first, None),
        (first, second),
        (first, third),
        (second, None),
    ]
    # Each has said it once, whatever key another chose; and nobody is told another's case.
    assert answers[2].json() == answers[3].json()
    assert not any(first in one.text for one in [*answers, noted])


def test_a_code_that_two_cases_have_asks_for_more() -> None:
    city = FactCity()
    city.open(1, code=7, phone="09120001111")
    city.open(2, code=7, phone="09120002222")
    abroad = city.open(3, code=7, municipality=BOSTON, phone="09120002222")
    caller = city.caller()

    def told(**more: Any) -> httpx.Response:  # noqa: ANN401
        return tell(caller, "noted", code=7, note="سلام", **more)

    asked = told()
    assert (asked.status_code, asked.json()["type"]) == (409, "urn:peygir:problem:ambiguous-code")
    assert "شهرداری" in asked.json()["detail_fa"]
    within = told(municipality="hashtgerd")
    assert within.status_code == 409
    assert "تلفن" in within.json()["detail_fa"]
    assert told(municipality="boston").status_code == 200
    assert city.said[-1].case_id == abroad
    short = told(municipality="hashtgerd", phone_last_digits="11")
    assert (short.status_code, short.json()["errors"][0]["pointer"]) == (422, "/phone_last_digits")
    assert "چهار رقم" in short.json()["detail_fa"]
    assert told(municipality="hashtgerd", phone_last_digits="۱۱۱۱").status_code == 200
    assert told(municipality="hashtgerd", phone_last_digits="3333").status_code == 404


def test_it_is_limited_as_the_look_up_is() -> None:
    city = FactCity()
    closed(city, 1)
    caller = city.caller(per_minute=2)

    answers = [tell(caller, "noted", note=f"{number}") for number in range(3)]

    assert [one.status_code for one in answers] == [200, 200, 429]
    assert [one.headers["ratelimit"].split(";")[1] for one in answers] == ["r=1", "r=0", "r=0"]
    assert int(answers[2].headers["retry-after"]) > 0
    assert "زیاد" in answers[2].json()["detail_fa"]
    assert len(city.said) == 2


def test_what_is_refused_counts_against_the_limit_too() -> None:
    city = FactCity()
    caller = city.caller(per_minute=2)

    answers = [tell(caller, "confirmed", code="123456789012345") for _ in range(3)]

    assert [one.status_code for one in answers] == [404, 404, 429]
    assert "ratelimit" in answers[0].headers


@pytest.mark.parametrize("slow", [True, False])
def test_a_second_tap_is_the_same_as_the_first(slow: bool) -> None:  # noqa: FBT001
    city = FactCity()
    closed(city, 1)
    city.slow, caller = slow, city.caller()

    ids = set()
    for _ in range(3):
        ids.add(tell(caller, "noted", note="هنوز خاموش است", headers={}).json()["fact_id"])
        city.later(1)
    other = tell(caller, "noted", note="روشن شد", headers={}).json()["fact_id"]

    assert len(ids) == 1
    assert other not in ids


def test_a_second_process_knows_a_second_tap_by_the_version() -> None:
    city = FactCity(slow=True)
    city.open(1)

    ids = {tell(city.caller(), "noted", note="سلام", headers={}).json()["fact_id"] for _ in "ab"}

    assert len(ids) == 1


def test_who_changes_their_mind_is_heard() -> None:
    city = FactCity()
    closed(city, 1)
    caller = city.caller()

    for stars in (3, 5, 3):
        assert tell(caller, "rated", stars=stars).status_code == 200
        city.later(1)
    assert [one.stars for one in city.cases.values()] == [3]

    city.later(TAP_SECONDS)
    assert tell(caller, "rated", stars=3).json()["version"] == 6


def test_a_refusal_is_in_persian_first_of_all_for_the_citizen() -> None:
    city = FactCity()
    closed(city, 1)
    caller = city.caller()
    tell(caller, "confirmed")
    city.later(60)

    again = tell(caller, "confirmed")

    assert (again.status_code, again.json()["code"]) == (409, "confirmed-already")
    assert again.json()["detail_fa"] == "شهروند پیش‌تر آن را تأیید کرده است"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"tracking_code": 1}',
        b'{"tracking_code": "x", "did": "noted"}',
        b'{"tracking_code": "x", "did": "noted", "case_id": "x"}',
        b'{"tracking_code": "x", "did": "noted", "role": "operator"}',
        b'{"tracking_code": "000000000000018", "did": "noted"}',
        b'{"tracking_code": "000000000000018", "did": "noted", "stars": 4}',
        b'{"tracking_code": "000000000000018", "did": "rated", "stars": 9}',
    ],
)
@pytest.mark.parametrize("away", [False, True])
def test_every_problem_has_a_sentence_in_persian(body: bytes, away: bool) -> None:  # noqa: FBT001
    city = FactCity(away=away)
    city.open(1)

    answer = city.caller().post(PATH, content=body)

    assert answer.status_code in {400, 404, 422}
    assert set(answer.json()["detail_fa"]) & set(FARSI)
    assert city.said == []


@pytest.mark.parametrize("missing", ["kafka", "policies"])
def test_what_cannot_be_taken_now_says_so_in_persian(missing: str) -> None:
    city = FactCity(away=missing == "kafka")
    city.open(1)
    city.policies = city.policies if missing == "kafka" else ()

    answer = tell(city.caller(), "noted", note="سلام")

    assert answer.status_code == 503
    assert "دوباره" in answer.json()["detail_fa"]
    assert "retry-after" in answer.headers


def test_the_code_stands_in_no_record_answer_metric_or_log(
    capfd: pytest.CaptureFixture[str],
) -> None:
    city = FactCity()
    closed(city, 1)
    door = city.door()
    caller = Caller(edge(door, fact_routes(door)))
    code = code_number(1)

    answers = [
        tell(caller, "confirmed"),
        tell(caller, "noted"),
        tell(caller, "rated", stars=9),
        tell(caller, "resolved"),
        tell(caller, "confirmed", headers=WAIT | {"Idempotency-Key": "1"}),
    ]

    metrics = "".join(
        f"{sample.name}{sample.labels}"
        for family in door.meters.registry.collect()
        for sample in family.samples
    )
    written = b"".join(value + repr(headers).encode() for value, headers in city.raw)
    logged = capfd.readouterr()
    assert {one.status_code for one in answers} == {200, 409, 422}
    for text in (*(one.text for one in answers), metrics, written.decode(), *logged):
        assert code not in text


def test_a_case_that_was_submitted_just_now_is_answered_in_persian() -> None:
    city = FactCity()
    city.submit(1)

    answer = tell(city.caller(), "noted", note="سلام")

    assert (answer.status_code, answer.json()["code"]) == (409, "no-department-yet")
    assert "واحد" in answer.json()["detail_fa"]
