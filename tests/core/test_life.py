"""What a case lives through: other bodies, verdicts, windows, links, and a stop to ping-pong."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from schemas.facts import Fact, Progress
from schemas.messages import ProgressReport, ReportedPart
from schemas.notices import Undisputed
from schemas.topics import PROGRESS_DESK, ProgressInbox
from schemas.vocabulary import Author, BodyAnswer, CaseId, Deed, Department, Role
from streams.core.case import Case
from streams.core.delivery import outgoing
from streams.core.fold import EFFECTIVE
from streams.core.happening import happened
from streams.core.reporting import reported
from tests.builders import CENTRE, CITY, NOON, PARKS, SEALED, after, past, resolved, source
from tests.living import ABOVE, HOLES, LIVING_CITY, PUBLISHED, SILENCE, TERMS, WATER, WINDOW
from tests.steering import ROADS, opened
from tests.told import MOMENT, announced, clock, judged, refused, told

DESK = ProgressInbox(topic=PROGRESS_DESK)
OPENED = opened(LIVING_CITY, NOON)


def said(
    did: Deed,
    seconds: float,
    *,
    role: Role = "member",
    department: Department | None = PARKS,
    **more: Any,  # noqa: ANN401  # a field of any type
) -> Progress:
    """What becomes of it at the desk."""
    whose = department if role in {"member", "head", "deputy"} else None
    report = ProgressReport(
        case_id=OPENED[0].case_id,
        did=did,
        municipality=CITY,
        department=whose,
        role=role,
        author=Author("somebody"),
        reference=f"{did}-{seconds}",
        note="words",
    )
    spoken = replace(report, **more)
    return reported(spoken, DESK, source(inbox=PROGRESS_DESK), after(seconds), SEALED, PUBLISHED)


def life(*facts: Fact) -> Case:
    return told(*OPENED, *facts, terms=TERMS)


def why_not(*facts: Fact) -> str:
    return refused(*OPENED, *facts, terms=TERMS)


def done(seconds: float) -> Progress:
    return said("resolved", seconds, evidence=("photo:1",))


def over(seconds: float = 10) -> Progress:
    return said("handed-over", seconds, body=WATER, body_reference="W-7")


def answered(seconds: float, answer: BodyAnswer) -> Progress:
    return said("handed-over-answered", seconds, answer=answer, body_reference=None)


def passed(seconds: float, by: Department, to: Department | None) -> Progress:
    return said("transfer-requested", seconds, department=by, why="wrong-department", to=to)


def test_a_resolution_without_the_photo_that_its_category_demands_has_no_effect() -> None:
    assert why_not(said("resolved", 10)) == "its category demands as evidence: photo"
    assert life(done(10)).state == "resolved"
    elsewhere = said("reclassified", 5, role="head", category=HOLES)
    assert life(elsewhere, said("resolved", 10)).state == "resolved"


def test_another_systems_resolution_is_shown_by_nothing() -> None:
    assert life(resolved()).state == "resolved"


def test_a_closed_case_waits_for_the_citizens_word_and_then_counts_as_undisputed() -> None:
    case = life(done(10))
    assert case.verdict is None
    assert case.closing is not None
    assert case.closing.dispute_until == after(10 + WINDOW)

    early, none = announced(case, after(10 + SILENCE), TERMS)
    later, (notice,) = announced(case, after(10 + SILENCE) + MOMENT, TERMS)

    assert (early.verdict, none) == (None, ())
    assert (later.verdict, notice.type) == ("undisputed", "case.undisputed.v1")
    assert announced(later, after(10**7), TERMS)[1] == ()


@pytest.mark.parametrize("verdict", ["confirmed", "disputed"])
def test_who_has_spoken_is_not_counted_as_silent(verdict: Deed) -> None:
    case = life(done(10), said(verdict, 20, role="citizen"))

    assert case.verdict == verdict
    _, notices = announced(case, after(10 + SILENCE) + MOMENT, TERMS)
    assert "case.undisputed.v1" not in {one.type for one in notices}


def test_silence_is_not_told_of_whoever_has_spoken_or_too_early() -> None:
    closed = done(10)
    _, (notice,) = announced(life(closed), after(10 + SILENCE) + MOMENT, TERMS)
    assert isinstance(notice, Undisputed)

    spoken = said("confirmed", 20, role="citizen")
    assert why_not(closed, spoken, notice) == "the citizen has given a verdict: confirmed"
    early = replace(notice, recorded_at=after(SILENCE))
    assert why_not(closed, early).startswith("it is early: due at ")
    again = said("disputed", 20, role="citizen")
    assert why_not(closed, again, notice) == "the case is open, or was closed otherwise since"
    assert why_not(closed, again, done(30), notice) == (
        "the case is open, or was closed otherwise since"
    )


def test_a_word_that_comes_after_the_silence_was_told_counts() -> None:
    silent, _ = announced(life(done(10)), after(10 + SILENCE) + MOMENT, TERMS)

    confirmed = judged(silent, said("confirmed", SILENCE + 30, role="citizen"), TERMS)
    disputed = judged(silent, said("disputed", SILENCE + 30, role="citizen"), TERMS)

    assert (confirmed.verdict, confirmed.state) == ("confirmed", "resolved")
    assert (disputed.verdict, disputed.state) == ("disputed", "routed")


def test_one_touch_opens_a_disputed_case_again_with_a_new_promise() -> None:
    case = life(done(10), said("disputed", 20, role="citizen"))

    assert (case.state, case.department, case.reopenings) == ("routed", PARKS, 1)
    assert (clock(case).cycle, clock(case).state) == (1, "running")
    again = life(done(10), said("disputed", 20, role="citizen"), done(30))
    assert (again.state, again.verdict) == ("resolved", None)


@pytest.mark.parametrize("did", ["disputed", "reopened"])
def test_the_citizen_has_a_window_and_staff_a_reason(did: Deed) -> None:
    last, late = 10 + WINDOW, 11 + WINDOW
    words = f"the time to dispute it was over at {after(last).isoformat()}"

    assert life(done(10), said(did, last, role="citizen")).state == "routed"
    assert why_not(done(10), said(did, late, role="citizen")) == words
    assert life(done(10), said("reopened", late, role="head")).state == "routed"


def test_a_confirmation_is_said_once_and_a_rating_may_change() -> None:
    closed = (done(10), said("confirmed", 20, role="citizen"))

    assert why_not(*closed, said("confirmed", 30, role="citizen")) == (
        "the citizen has confirmed it already"
    )
    rated = said("rated", 30, role="citizen", stars=2), said("rated", 40, role="citizen", stars=5)
    assert life(*closed, *rated).stars == 5
    assert why_not(said("rated", 5, role="citizen", stars=5)) == "the case is routed"


def test_what_was_closed_without_action_is_never_counted_as_fixed() -> None:
    closing = said("closed-without-action", 10, why="not-ours")
    before, case = life(), life(closing)

    one = happened(before, closing, case)

    assert case.state == "closed"
    assert one is not None
    assert one.event == "closed"


def test_a_case_that_is_handed_over_is_still_the_departments_and_waits() -> None:
    case = life(over())

    assert (case.state, case.department) == ("handed-over", PARKS)
    assert case.handed_over is not None
    assert (case.handed_over.body, case.handed_over.reference) == (WATER, "W-7")
    assert clock(case, "first-response").state == "met"
    assert clock(case).state == "paused"


@pytest.mark.parametrize("answer", ["done", "refused"])
def test_what_the_other_body_has_done_or_refuses_comes_back(answer: BodyAnswer) -> None:
    case = life(over(), answered(50, answer))

    assert (case.state, case.waiting) == ("acknowledged", None)
    assert clock(case).state == "running"
    assert case.handed_over is not None
    assert (case.handed_over.answer, case.handed_over.reference) == (answer, "W-7")


def test_what_the_other_body_takes_stays_with_it() -> None:
    case = life(over(), answered(50, "accepted"))

    assert case.state == "handed-over"
    assert clock(case).state == "paused"
    assert why_not(answered(50, "done")) == "the case is routed"


def test_an_answer_of_the_other_body_does_not_end_another_wait() -> None:
    ends = said("resumed", 20)
    rain = said("paused", 30, reason="weather")

    case = life(over(), ends, rain, answered(50, "refused"))

    assert case.waiting is not None
    assert case.waiting.set_by == rain.fact_id


def test_who_passes_a_case_on_or_closes_it_is_done_with_the_other_body() -> None:
    assert life(over(), passed(20, PARKS, ROADS)).handed_over is None
    assert life(over(), done(20)).handed_over is None


def test_after_three_departments_the_centre_decides_and_its_clock_runs() -> None:
    ping = (passed(1, PARKS, ROADS), passed(2, ROADS, PARKS), passed(3, PARKS, ROADS))

    case = life(*ping, passed(4, ROADS, PARKS))

    assert (case.department, case.bounces) == (CENTRE, 4)
    held = clock(case, "holding")
    assert (held.department, held.state) == (CENTRE, "running")
    decided = life(*ping, passed(4, ROADS, PARKS), passed(5, CENTRE, ROADS))
    assert (decided.department, decided.bounces) == (ROADS, 0)


def test_a_case_of_another_subject_goes_to_whose_subject_it_is() -> None:
    by_subject = said("transfer-requested", 5, why="wrong-department", category=HOLES)
    by_district = said("transfer-requested", 5, why="wrong-district", district="east")

    assert life(by_subject).department == ROADS
    there = life(by_district)
    assert (there.department, there.district) == (ROADS, "east")


def test_a_deputy_passes_on_what_a_department_below_has() -> None:
    below = passed(5, ABOVE, ROADS)

    assert life(replace(below, role="deputy", above_by=LIVING_CITY.version)).department == ROADS
    assert why_not(said("resolved", 5, role="deputy", department=ABOVE)) == (
        f"the case belongs to {PARKS}"
    )


@pytest.mark.parametrize(
    ("role", "department", "words"),
    [
        ("auditor", None, "“noted” is not for the auditor to say"),
        ("member", ROADS, "the case belongs to parks"),
        ("deputy", CENTRE, "“noted” is not for the deputy to say"),
    ],
)
def test_who_may_not_say_it_is_told_so(role: Role, department: Department, words: str) -> None:
    assert words in why_not(said("noted", 5, role=role, department=department))


def test_a_channel_speaks_for_those_who_reported_by_it() -> None:
    brought = OPENED[0].author

    assert life(said("noted", 5, role="channel", author=brought)).state == "routed"
    assert why_not(said("noted", 5, role="channel")) == "another channel brought the case"


def test_only_an_earlier_case_is_followed_so_no_two_follow_each_other() -> None:
    own = OPENED[0]

    def link(parent: CaseId, at: datetime) -> Progress:
        return said("linked", 5, parent=parent, parent_recorded_at=at)

    assert life(link(CaseId("0" * 32), own.recorded_at)).parent == "0" * 32
    assert why_not(link(CaseId("b" * 32), own.recorded_at)) == "only an earlier case is followed"
    assert why_not(link(CaseId("0" * 32), after(1))) == "only an earlier case is followed"
    assert why_not(link(own.case_id, after(-5))) == "a case does not follow itself"


def test_whoever_was_told_of_a_deadline_says_once_that_they_have_seen_it() -> None:
    late, _ = announced(life(), after(10**6), TERMS)
    seen = replace(said("escalation-seen", 10**6, role="mayor"), case_id=late.case_id)

    assert why_not(said("escalation-seen", 5, role="mayor")) == (
        "nothing of the case was escalated to the mayor"
    )
    assert "mayor" in judged(late, seen, TERMS).seen


def test_a_split_leaves_the_case_as_it_is_and_counts_its_parts() -> None:
    parts = (ReportedPart(text="a lamp"), ReportedPart(text="a hole", category=HOLES))

    case = life(said("split", 5, parts=parts))

    assert (case.state, case.parts) == ("routed", 2)


def test_a_case_of_another_systems_past_is_a_case_like_any_other_once_it_is_reopened() -> None:
    submitted, routed = OPENED
    closed = resolved(at=after(10))
    old = (past(submitted, after(-100)), routed, closed)

    before = told(*old, terms=TERMS)
    case = told(*old, said("reopened", 50, role="head"), terms=TERMS)

    assert (before.historical, case.historical) == (True, False)
    assert not clock(case).silent
    _, notices = announced(case, after(10**6), TERMS)
    assert "case.breached.v1" in {one.type for one in notices}


def test_what_is_reopened_of_a_department_that_is_gone_is_the_centres() -> None:
    submitted, routed = OPENED
    gone = Department("streets")
    old = (submitted, replace(routed, department=gone), resolved(at=after(10), department=gone))
    again = said("reopened", 50, role="operator")

    before, case = told(*old, terms=TERMS), told(*old, again, terms=TERMS)

    assert case.department == CENTRE
    assert clock(case, "resolution").open
    out = outgoing(before, case, again, EFFECTIVE)
    assert [(one.department, one.kind) for one in out] == [
        (gone, "withdrawn"),
        (CENTRE, "assigned"),
    ]
