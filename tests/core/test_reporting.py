"""What a report becomes: a fact for each deed, or a refusal that names the field."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from schemas.calendar import Hours
from schemas.facts import Acknowledged, ClosedWithoutAction, Progress, Resolved
from schemas.messages import ProgressReport, ReportedPart
from schemas.policy import BodyPolicy, Budget, DistrictRule, PausePolicy, Policy
from schemas.steering import (
    InformationReceived,
    InformationRequested,
    Linked,
    Paused,
    Reclassified,
    Reopened,
    Started,
    TransferRequested,
)
from schemas.topics import PROGRESS_DESK, ProgressInbox, progress_of
from schemas.vocabulary import (
    Author,
    Body,
    CaseId,
    Category,
    Deed,
    Department,
    District,
    Municipality,
    PauseReason,
)
from streams.core.in_force import Published, ready, with_version
from streams.core.refused import RefusedError
from streams.core.reporting import DEPARTMENTS_DEEDS, reported
from tests.builders import CASE_ID, CENTRE, CITY, NOON, PARKS, SEALED, source
from tests.policies import policy

OWN = ProgressInbox(
    topic=progress_of(CITY, PARKS),
    municipality=CITY,
    department=PARKS,
)
DESK = ProgressInbox(topic=PROGRESS_DESK)
DEEDS: tuple[Deed, ...] = get_args(Deed)
HOUR = Budget(seconds=3_600, working_time=False)
# What goes with the deeds that need something.
WITH: dict[Deed, dict[str, Any]] = {
    "paused": {"reason": "weather"},
    "transfer-requested": {"why": "wrong-department"},
    "linked": {"parent": CaseId("b" * 32)},
    "reclassified": {"category": Category("CIV-01")},
    "closed-without-action": {"why": "not-ours"},
    "reopened": {"note": "the lamp went out again"},
    "noted": {"note": "two lamps"},
    "handed-over": {"body": Body("water")},
    "handed-over-answered": {"answer": "done"},
    "split": {"parts": (ReportedPart(text="a lamp"), ReportedPart(text="a hole"))},
    "rated": {"stars": 4},
}


def pausing(*, longest: Budget = HOUR, since: datetime | None = None) -> Policy:
    small = policy(since=since) if since else policy()
    reasons = ("weather", "waiting-for-citizen")
    return replace(
        small,
        bodies=(
            BodyPolicy(
                body=Body("water"),
                title_fa="آبفا",
                title_en="Water",
                contact="194",
                pause=PauseReason("weather"),
            ),
        ),
        districts=(DistrictRule(district=District("2"), department=PARKS, goes_to=CENTRE),),
        pauses=tuple(
            PausePolicy(
                reason=PauseReason(one),
                title_fa=one,
                title_en=one,
                longest=longest,
                clocks=("resolution",),
            )
            for one in reasons
        ),
    )


def published(*policies: Policy) -> Published:
    known: Published = {}
    for one in policies or (pausing(),):
        known = with_version(known, ready(one))
    return known


def report(did: Deed, **more: Any) -> ProgressReport:  # noqa: ANN401  # a field of any type
    return replace(ProgressReport(case_id=CASE_ID, did=did), **(WITH.get(did, {}) | more))


def from_desk(did: Deed, **more: Any) -> ProgressReport:  # noqa: ANN401  # a field of any type
    who = {"author": Author("operator"), "municipality": CITY, "department": PARKS}
    return report(did, **(who | more))


def fact(
    said: ProgressReport,
    inbox: ProgressInbox = DESK,
    *,
    at: datetime = NOON,
    known: Published | None = None,
) -> Progress:
    rules = published() if known is None else known
    return reported(said, inbox, source(7, inbox=inbox.topic), at, SEALED, rules)


def refusal(said: ProgressReport, inbox: ProgressInbox = DESK) -> str:
    with pytest.raises(RefusedError) as refused:
        fact(said, inbox)
    return str(refused.value)


@pytest.mark.parametrize("did", DEEDS)
def test_each_deed_is_a_fact_of_its_own_with_what_was_said(did: Deed) -> None:
    said = fact(from_desk(did, if_version=5, reference="r1"))

    assert said.type == f"case.{did}.v1"
    assert said.fact_id == f"operator/r1/{did}"
    assert (said.case_id, said.recorded_at, said.if_version) == (CASE_ID, NOON, 5)
    assert (said.author, said.municipality, said.department) == ("operator", CITY, PARKS)
    assert said.source == source(7, inbox=PROGRESS_DESK)
    note = said.evidence if isinstance(said, Resolved | ClosedWithoutAction) else said.note
    assert note == SEALED


@pytest.mark.parametrize("did", DEEDS)
def test_a_department_speaks_for_itself_and_says_what_is_its_to_say(did: Deed) -> None:
    said = report(did, department=CENTRE, author=Author("somebody"), municipality=CITY)

    if did in DEPARTMENTS_DEEDS:
        own = fact(said, OWN)
        assert (own.author, own.department) == (OWN.topic, PARKS)
    else:
        assert refusal(said, OWN).startswith(f"/did: {did} is for the desk")


@pytest.mark.parametrize("did", DEEDS)
def test_the_centre_steers_without_a_department_and_does_nobodys_work(did: Deed) -> None:
    said = from_desk(did, department=None)

    if did in {"acknowledged", "resolved", "closed-without-action"}:
        assert refusal(said).startswith("/department: is missing")
    else:
        assert fact(said).department is None


def test_a_pause_ends_by_itself_by_the_policy_in_force_when_it_came() -> None:
    later = pausing(longest=Budget(seconds=7_200, working_time=False), since=NOON)
    known = published(pausing(), later)

    before = fact(from_desk("paused"), at=NOON - timedelta(seconds=1), known=known)
    then = fact(from_desk("paused"), at=NOON, known=known)

    assert isinstance(before, Paused)
    assert isinstance(then, Paused)
    assert before.pause.until == NOON - timedelta(seconds=1) + timedelta(hours=1)
    assert then.pause.until == NOON + timedelta(hours=2)
    assert (then.policy_version, then.pause.why) == (later.version, "weather")
    assert then.pause.clocks == ("resolution",)
    assert before.policy_version != then.policy_version


def test_working_time_of_a_pause_is_that_of_the_department_else_the_citys() -> None:
    """The city works on Mondays and Saturdays from 8 to 16, parks round the clock."""
    whole = (Hours(opens=0, closes=86_400),)
    small = pausing(longest=Budget(seconds=3_600, working_time=True))
    city = small.calendars[0]
    always = replace(
        city, calendar_id="always", tuesday=whole, wednesday=whole, thursday=whole, friday=whole
    )
    known = published(
        replace(
            small,
            calendars=(city, always),
            departments=tuple(
                replace(one, calendar_id="always") if one.department == PARKS else one
                for one in small.departments
            ),
        )
    )

    parks = fact(from_desk("paused"), known=known)
    centre = fact(from_desk("paused", department=None), known=known)

    assert isinstance(parks, Paused)
    assert isinstance(centre, Paused)
    assert parks.pause.until == NOON + timedelta(hours=1)
    # The noon of the examples is a Tuesday; on Saturday it opens at 8 by Tehran's clock.
    assert centre.pause.until == datetime(2026, 11, 28, 5, 30, tzinfo=UTC)


def test_a_question_to_the_citizen_pauses_where_the_policy_has_a_pause_for_it() -> None:
    asked = fact(from_desk("information-requested"))
    without = fact(from_desk("information-requested"), known=published(policy()))

    assert isinstance(asked, InformationRequested)
    assert isinstance(without, InformationRequested)
    assert asked.pause is not None
    assert (asked.pause.why, asked.pause.until) == (
        "waiting-for-citizen",
        NOON + timedelta(hours=1),
    )
    assert without.pause is None


def test_what_goes_with_a_deed_stands_in_its_fact() -> None:
    moved = fact(from_desk("transfer-requested", why="wrong-district", to=Department("fani")))
    linked = fact(from_desk("linked"))
    other = fact(from_desk("reclassified", new_promises=True))
    closed = fact(from_desk("closed-without-action", why="not-possible-now"))

    assert isinstance(moved, TransferRequested)
    assert (moved.why, moved.to) == ("wrong-district", "fani")
    assert isinstance(linked, Linked)
    assert linked.parent == "b" * 32
    assert isinstance(other, Reclassified)
    assert (other.category, other.new_promises) == ("CIV-01", True)
    assert isinstance(closed, ClosedWithoutAction)
    assert closed.why == "not-possible-now"


def test_what_does_not_go_with_a_deed_is_passed_over() -> None:
    said = fact(from_desk("started", reason=PauseReason("x\x00"), why="not-ours", to=CENTRE))

    assert isinstance(said, Started)


@pytest.mark.parametrize(
    ("did", "more", "words"),
    [
        ("paused", {"reason": None}, "/reason: is missing; the policy allows: waiting-for-citizen"),
        ("paused", {"reason": ""}, "/reason: is missing"),
        ("paused", {"reason": "\x00"}, "/reason: is not one that the policy allows: waiting"),
        ("paused", {"reason": "lunch"}, "allows: waiting-for-citizen, weather"),
        ("transfer-requested", {"why": None}, "/why: is needed, one of: wrong-department, wrong-d"),
        ("transfer-requested", {"why": "not-ours"}, "/why: is needed, one of: wrong-department"),
        ("transfer-requested", {"to": "atlantis"}, "/to: is no department that the policy has: f"),
        ("transfer-requested", {"to": ""}, "/to: is no department"),
        ("closed-without-action", {"why": None}, "/why: is needed, one of: no-action-needed"),
        ("closed-without-action", {"why": "wrong-district"}, "/why: is needed"),
        ("linked", {"parent": None}, "/parent: is missing"),
        ("linked", {"parent": " "}, "/parent: is empty"),
        ("linked", {"parent": "p" * 65}, "/parent: is longer than 64"),
        ("linked", {"parent": "a\x00b"}, "/parent: holds a NUL"),
        ("reclassified", {"category": None}, "/category: is missing"),
        (
            "reclassified",
            {"category": "my own name"},
            "/category: is none that the policy has: CIV",
        ),
        ("transfer-requested", {"category": "GRN-99"}, "/category: is none that the policy has"),
        ("transfer-requested", {"district": "atlantis"}, "/district: is none that the policy has"),
        ("reopened", {"note": " "}, "/note: is missing: why is it opened again?"),
        ("reopened", {"role": "head", "note": None}, "/note: is missing"),
        ("reopened", {"role": "head", "department": None}, "/department: is missing: of which"),
        ("noted", {"note": None}, "/note: is missing: what is to be noted?"),
        ("noted", {"role": "citizen", "visibility": "internal"}, "/visibility: a citizen's note"),
        ("handed-over", {"body": None}, "/body: is needed, one that the policy has: water"),
        ("handed-over", {"body": "atlantis"}, "/body: is needed"),
        ("handed-over", {"body_reference": "آقای رضایی"}, "/body_reference: is to be 1 to 40"),
        ("handed-over-answered", {"answer": None}, "/answer: is needed, one of: accepted, done"),
        ("split", {"parts": ()}, "/parts: is to hold 2 to 10 parts"),
        ("split", {"parts": (ReportedPart(text="x"),)}, "/parts: is to hold 2 to 10 parts"),
        (
            "split",
            {"parts": (ReportedPart(text="x"), ReportedPart(text=" "))},
            "/parts/1/text: is empty",
        ),
        (
            "split",
            {"parts": (ReportedPart(text="x", category=Category("?")), ReportedPart(text="y"))},
            "/category: is none that the policy has",
        ),
        ("rated", {"stars": None}, "/stars: is to be a whole number from 1 to 5"),
        ("rated", {"stars": 6}, "/stars: is to be"),
        ("rated", {"stars": 0}, "/stars: is to be"),
        ("started", {"because": "b" * 201}, "/because: is longer than 200"),
        ("started", {"case_id": ""}, "/case_id: is empty"),
        ("started", {"case_id": "c" * 65}, "/case_id: is longer than 64"),
        ("started", {"case_id": "\x00"}, "/case_id: holds a NUL"),
        ("started", {"reference": "r" * 201}, "/reference: is longer than 200"),
        ("started", {"reference": "\x00"}, "/reference: holds a NUL"),
        ("started", {"note": "n" * 8_001}, "/note: is longer than 8000"),
        ("started", {"note": "\x00"}, "/note: holds a NUL"),
        ("started", {"evidence": ("e",) * 21}, "/evidence: holds more than 20"),
        ("started", {"evidence": ("e", "\x00")}, "/evidence/1: holds a NUL"),
        ("started", {"if_version": -1}, "/if_version: is no version"),
        ("started", {"if_version": 10**5_000}, "/if_version: is no version"),
        ("started", {"author": None}, "/author: is missing"),
        ("started", {"author": "a" * 501}, "/author: is longer than 500"),
        ("started", {"municipality": None}, "/municipality: is missing"),
        ("started", {"municipality": "atlantis"}, "/municipality: is not served here; served are"),
        ("started", {"department": "\x00"}, "/department: holds a NUL"),
    ],
)
def test_what_is_missing_or_wrong_is_named_with_what_would_be_right(
    did: Deed, more: dict[str, Any], words: str
) -> None:
    said = refusal(from_desk(did, **more))

    assert words in said
    assert "my own name" not in said
    assert "atlantis" not in said


def test_a_policy_without_pauses_says_that_it_has_none() -> None:
    with pytest.raises(RefusedError, match="allows: none"):
        fact(from_desk("paused"), known=published(policy()))


def test_who_says_the_same_again_says_it_once() -> None:
    once, again = fact(from_desk("reopened", reference="r")), fact(from_desk("reopened"))
    other = fact(from_desk("information-received", reference="r"))

    assert isinstance(once, Reopened)
    assert isinstance(other, InformationReceived)
    assert len({once.fact_id, again.fact_id, other.fact_id}) == 3


def test_a_city_that_is_gone_from_the_rules_is_told_so() -> None:
    with pytest.raises(RefusedError, match="/municipality"):
        fact(from_desk("started", municipality=Municipality("boston")))


def test_an_acknowledgement_keeps_its_note() -> None:
    said = fact(report("acknowledged"), OWN)

    assert isinstance(said, Acknowledged)
    assert said.note == SEALED
