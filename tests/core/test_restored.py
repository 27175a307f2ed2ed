"""After a restore: which deliveries are told again, and which may have been told before."""

from datetime import timedelta

import pytest

from schemas.facts import Fact
from streams.core.restored import uncertain
from tests.builders import acknowledged, breached, routed, submitted, warned

MOMENT = timedelta(milliseconds=1)


@pytest.mark.parametrize("notice", [warned(), breached()])
def test_a_notice_due_up_to_the_restore_may_have_been_sent(notice: Fact) -> None:
    assert isinstance(notice, type(warned()) | type(breached()))

    assert uncertain(notice, notice.due_at)
    assert uncertain(notice, notice.due_at + MOMENT)
    assert not uncertain(notice, notice.due_at - MOMENT), "nobody was there to send it"


@pytest.mark.parametrize("fact", [submitted(), routed(), acknowledged()])
def test_what_no_case_may_be_forgotten_for_is_told_again(fact: Fact) -> None:
    assert not uncertain(fact, fact.recorded_at + timedelta(days=1))


def test_where_nothing_was_restored_all_is_told() -> None:
    assert not uncertain(breached(), None)
