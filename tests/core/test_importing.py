"""What a case of another system's past becomes: facts whose ids follow from the row alone."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

import pytest

from schemas.facts import (
    ClosedWithoutAction,
    DeadlineSet,
    Fact,
    Resolved,
    Routed,
    Submitted,
    time_that_counts,
)
from schemas.messages import ImportedCase, ImportedClosing
from schemas.policy import ImportPolicy
from schemas.vocabulary import Category, Department, Municipality
from streams.core.case import Case
from streams.core.decide import Identity, RefusedError
from streams.core.delivery import outgoing
from streams.core.fold import EFFECTIVE, fold
from streams.core.importing import fact_ids, imported
from streams.core.in_force import Published, ready, with_version
from streams.core.tables import outcome_row
from tests.builders import CASE_ID, NOON, SEALED, history, imported_case, source
from tests.policies import policy

OPENED = NOON - timedelta(days=4_000)
ROW = imported_case(OPENED)
IDENTITY = Identity(case_id=CASE_ID, tracking_code="123456789012345", digest="d", content=SEALED)


def published(times: Literal["claimed", "recorded"] = "claimed") -> Published:
    allowed = (ImportPolicy(system="former", times=times),)
    return with_version({}, ready(replace(policy(), imports=allowed)))


def facts(row: ImportedCase = ROW, *, at: datetime = NOON) -> tuple[Fact, ...]:
    return imported(row, IDENTITY, source(inbox="imports"), at, published())


def folded(row: ImportedCase) -> Case:
    return fold(CASE_ID, history(*facts(row)))


def test_a_row_becomes_its_facts_in_order_of_which_the_last_is_its_outcome() -> None:
    made = facts()

    assert [type(one) for one in made] == [Submitted, Routed, DeadlineSet, Resolved]
    assert [outcome_row(one) for one in made[:-1]] == [None, None, None]
    assert outcome_row(made[-1]) == ("imports", 1, 0, 0)
    assert tuple(one.fact_id for one in made) == fact_ids(ROW, CASE_ID)


def test_a_row_that_was_never_closed_has_its_deadline_or_its_routing_as_its_outcome() -> None:
    promised = facts(replace(ROW, closing=None))
    bare = facts(replace(ROW, closing=None, deadline=None))

    assert outcome_row(promised[-1]) == outcome_row(bare[-1]) == ("imports", 1, 0, 0)
    assert isinstance(promised[-1], DeadlineSet)
    assert isinstance(bare[-1], Routed)


def test_the_clock_is_judged_by_the_times_that_the_other_system_kept() -> None:
    late = replace(ROW, closing=ImportedClosing(at=OPENED + timedelta(hours=9)))
    on_the_dot = replace(ROW, closing=ImportedClosing(at=OPENED + timedelta(hours=8)))

    assert [folded(one).clocks[0].state for one in (ROW, late, on_the_dot)] == [
        "met",
        "missed",
        "met",
    ]


def test_where_policy_does_not_take_its_times_what_was_recorded_counts() -> None:
    made = imported(ROW, IDENTITY, source(inbox="imports"), NOON, published("recorded"))

    assert [time_that_counts(one) for one in made] == [NOON] * 4


def test_a_closing_with_a_reason_fixed_nothing() -> None:
    row = replace(ROW, closing=ImportedClosing(at=OPENED, without_action="not-ours"))

    assert isinstance(facts(row)[-1], ClosedWithoutAction)
    assert folded(row).state == "closed"


def test_the_same_row_later_has_the_same_ids_and_a_changed_one_adds_what_changed() -> None:
    again = facts(replace(ROW, text="told otherwise"), at=NOON + timedelta(days=9))
    closed_since = set(fact_ids(ROW, CASE_ID)) - set(fact_ids(replace(ROW, closing=None), CASE_ID))

    assert tuple(one.fact_id for one in again) == fact_ids(ROW, CASE_ID)
    assert closed_since == {facts()[-1].fact_id}


def test_nobody_is_told_of_it() -> None:
    case = folded(replace(ROW, closing=None))

    assert case.historical
    assert [outgoing(case, case, one, EFFECTIVE) for one in facts()] == [()] * 4


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        (replace(ROW, municipality=Municipality("nowhere")), "/municipality"),
        (replace(ROW, system="another"), "/system"),
        (replace(ROW, department=Department("nobody")), "/department"),
        (replace(ROW, category=Category("nothing")), "/category"),
        (replace(ROW, opened_at=NOON + timedelta(days=1)), "/occurred_at"),
        (replace(ROW, closing=ImportedClosing(at=NOON + timedelta(days=1))), "/closing/at"),
        (replace(ROW, closing=ImportedClosing(at=NOON - timedelta(days=60_000))), "/closing/at"),
        (replace(ROW, deadline=NOON + timedelta(days=100_000)), "/deadline"),
        (replace(ROW, text=" "), "/text"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_field(row: ImportedCase, pointer: str) -> None:
    with pytest.raises(RefusedError, match=f"^{pointer}: "):
        facts(row)
