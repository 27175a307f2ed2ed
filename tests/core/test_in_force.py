"""Which policy version decides, and what its calendar and categories make of a message."""

from datetime import timedelta

from schemas.fact_parts import Source
from schemas.sealing import Sealed
from schemas.vocabulary import CaseId
from streams.core.decide import Identity, decide
from streams.core.in_force import in_force, ready, with_version
from tests.builders import CITY, NOON, after, source, submission
from tests.policies import policy

FIRST, SECOND = policy(since=NOON, seconds=60), policy(since=after(100), seconds=30)
PUBLISHED = with_version(with_version({}, ready(SECOND)), ready(FIRST))
IDENTITY = Identity(
    case_id=CaseId("c" * 32),
    tracking_code="1" * 15,
    digest="d",
    content=Sealed(kid="k", nonce="", data=""),
)


def decided_by(seconds: float, lies: Source | None = None) -> str:
    decision = decide(submission(), IDENTITY, lies or source(), after(seconds), PUBLISHED)
    return decision.routed.policy_version


def test_versions_are_kept_by_age_however_they_came() -> None:
    assert [one.policy.since for one in PUBLISHED[CITY]] == [FIRST.since, SECOND.since]


def test_the_version_in_force_when_the_message_arrived_decides() -> None:
    assert decided_by(99.999) == FIRST.version
    assert decided_by(100) == SECOND.version


def test_what_came_before_the_first_version_is_decided_by_the_first() -> None:
    assert in_force(PUBLISHED[CITY], NOON - timedelta(days=1)).policy == FIRST


def test_the_same_version_again_replaces_itself() -> None:
    assert len(with_version(PUBLISHED, ready(FIRST))[CITY]) == 2


def test_a_message_decided_again_gives_the_same_facts() -> None:
    first, again = (decide(submission(), IDENTITY, source(), after(5), PUBLISHED) for _ in range(2))

    assert first == again


def test_a_promise_is_the_budget_of_the_version_that_decided() -> None:
    decision = decide(submission(), IDENTITY, source(), after(100), PUBLISHED)

    first_response, resolution = decision.routed.promises
    assert first_response.deadline == after(130)
    assert resolution.deadline == after(400)
    assert [(one.percent, one.at) for one in first_response.warnings] == [
        (50, after(115)),
        (80, after(124)),
    ]
