"""`POST /intake/v1/cases/{case_id}/facts`: who says it, and what becomes of it."""

from typing import Any

import pytest

from schemas.codec import encode
from schemas.metrics import INTAKE_REPORTS
from services.intake.deeds.routes import fact_routes
from tests.edges import Caller
from tests.fact_callers import WAIT, say
from tests.fact_city import CITY, FANI, PARKS, FactCity, edge

PROBLEM = "application/problem+json"
PATH = "/intake/v1/cases/{case_id}/facts"


def test_a_report_is_taken_with_all_that_only_the_edge_may_say() -> None:
    city = FactCity()
    case = city.open(1)

    answer = say(city.caller(), case, "resolved", key="r-1", note="درست شد")

    assert answer.status_code == 202
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "case_id": case,
        "fact_id": "staff/gardener/r-1/resolved",
        "href": f"/api/v1/cases/{case}/facts?after=1",
    }
    (report,) = city.said
    assert (report.author, report.role, report.reference) == ("staff/gardener", "member", "r-1")
    assert (report.municipality, report.department, report.note) == (CITY, PARKS, "درست شد")
    ((_, headers),) = city.raw
    assert ("ce_id", b"staff/gardener/r-1/resolved") in headers
    assert ("ce_type", b"progress.v1") in headers


@pytest.mark.parametrize(
    ("given", "version"),
    [("*", None), ('"0"', 0), ('"1"', 1), (' "1" ', 1), ('"9223372036854775807"', 2**63 - 1)],
)
def test_a_version_that_is_named_travels_in_the_report(given: str, version: int | None) -> None:
    city = FactCity()
    case = city.open(1)

    assert say(city.caller(), case, "started", headers={"If-Match": given}).status_code == 202
    assert city.said[0].if_version == version


def test_of_a_case_that_has_moved_on_nothing_is_changed() -> None:
    city = FactCity()
    case = city.open(1)
    caller = city.caller()
    say(caller, case, "started", by="head", key="1")

    answer = say(caller, case, "resolved", key="2", headers=WAIT | {"If-Match": '"1"'})

    assert answer.status_code == 412
    assert answer.json()["code"] == "moved-on"
    assert "نسخه" in answer.json()["detail_fa"]
    assert city.cases[case].state == "started"


@pytest.mark.parametrize(
    ("did", "more", "status"),
    [
        ("started", {}, 412),
        # By then it is with a department that is not below the deputy.
        ("transfer-requested", {"why": "wrong-department", "to": FANI}, 403),
    ],
)
def test_of_two_departments_that_act_at_once_on_one_version_exactly_one_has_an_effect(
    did: str, more: dict[str, Any], status: int
) -> None:
    city = FactCity(slow=True)
    case = city.open(1)
    caller = city.caller()
    tag = {"If-Match": '"1"'}
    said = (("member", did, more), ("deputy", "paused", {"reason": "weather"}))

    for by, deed, with_it in said:
        assert say(caller, case, deed, by=by, headers=tag, **with_it).status_code == 202
    city.catch_up()
    answers = [say(caller, case, deed, by=by, headers=tag, **with_it) for by, deed, with_it in said]

    assert [one.status_code for one in answers] == [200, status]
    assert city.cases[case].waiting is None


def test_an_app_that_replays_yesterday_changes_nothing_and_is_told_what_became_of_it() -> None:
    city = FactCity()
    case = city.open(1)
    caller = city.caller()
    yesterday: tuple[tuple[str, Any], ...] = (
        ("acknowledged", {}),
        ("started", {}),
        ("acknowledged", {}),
        ("noted", {"note": "یک بار"}),
        ("transfer-requested", {"why": "wrong-department", "to": FANI}),
    )
    first = [
        say(caller, case, did, key=f"y-{number}", headers=WAIT, **more)
        for number, (did, more) in enumerate(yesterday)
    ]
    before, taken = city.cases[case], len(city.said)

    city.later(86_400)
    again = [
        say(caller, case, did, key=f"y-{number}", headers=headers, **more)
        for headers in (WAIT, {})
        for number, (did, more) in enumerate(yesterday)
    ]

    assert [one.status_code for one in first] == [200, 200, 409, 200, 200]
    assert [one.status_code for one in again] == [one.status_code for one in first] * 2
    assert [one.json().get("judgement") for one in again[:5]] == [
        one.json().get("judgement") for one in first
    ]
    assert (city.cases[case], len(city.said)) == (before, taken)
    # By now another department has it: what is new is not theirs to say.
    assert say(caller, case, "started", key="today").status_code == 404


def test_a_repetition_before_the_first_is_judged_is_appended_and_has_no_second_effect() -> None:
    city = FactCity(slow=True)
    case = city.open(1)
    caller = city.caller()

    for _ in range(2):
        assert say(caller, case, "noted", note="یک بار").status_code == 202
    city.catch_up()

    assert len(city.said) == 2
    assert len(city.cases[case].effective) == 3


def test_whoever_is_two_things_speaks_as_who_is_nearest_to_the_work() -> None:
    city = FactCity()
    parks, works = city.open(1), city.open(2, department=FANI)
    caller = city.caller()

    said: list[tuple[str, str, dict[str, Any]]] = [
        (parks, "resolved", {}),
        (works, "resolved", {}),
        (parks, "rated", {"stars": 5}),
        (works, "noted", {"note": "تلفنی"}),
    ]
    for case, did, more in said:
        assert say(caller, case, did, by="both", **more).status_code == 202

    assert [(one.role, one.department) for one in city.said] == [
        ("head", PARKS),
        # The work that the 137 centre notes for a department stays the department's.
        ("operator", FANI),
        ("operator", None),
        ("operator", None),
    ]


def test_what_is_taken_is_counted_by_role_and_outcome() -> None:
    city = FactCity()
    case = city.open(1)
    door = city.door()
    caller = Caller(edge(door, fact_routes(door)))

    say(caller, case, "started", key="1")
    say(caller, case, "paused", key="2", reason="lunch")
    city.away = True
    say(caller, case, "resolved", key="3")
    say(caller, case, "noted", key="4", by="operator", note="x")

    def counted(role: str, result: str) -> float | None:
        labels = {"role": role, "result": result}
        return door.meters.registry.get_sample_value(INTAKE_REPORTS.name, labels)

    results = ("taken", "refused", "unavailable")
    assert [counted("member", one) for one in results] == [1, 1, 1]
    assert [counted("operator", one) for one in results] == [0, 0, 1]


def test_requests_are_measured_by_template_and_never_by_case() -> None:
    city = FactCity()
    case = city.open(1)
    door = city.door()

    say(Caller(edge(door, fact_routes(door))), case, "started")

    labels = {
        "http_request_method": "POST",
        "http_route": PATH,
        "http_response_status_code": "202",
    }
    name = "http_server_request_duration_seconds_count"
    assert door.meters.registry.get_sample_value(name, labels) == 1


def test_what_is_sent_is_what_the_router_reads() -> None:
    city = FactCity()
    case = city.open(1)
    parts = [{"text": "چراغ", "category": "CIV-01"}, {"text": "چاله"}]

    assert say(city.caller(), case, "split", parts=parts).status_code == 202

    (report,) = city.said
    assert [(one.text, one.category) for one in report.parts] == [
        ("چراغ", "CIV-01"),
        ("چاله", None),
    ]
    assert city.raw[0][0] == encode(report)
