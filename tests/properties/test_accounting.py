"""The accounting over all inboxes: marks rise to the first hole, and no hole is passed over."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from streams.core.accounting import (
    GAPS_A_TURN_MAX,
    TRIES_BY_ROUTER,
    Attempt,
    Repaired,
    advanced,
    gaps,
    gaps_counted,
    next_attempt,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OFFSETS = st.sets(st.integers(0, 60))


@given(turns=st.lists(OFFSETS))
def test_the_mark_stands_at_the_first_offset_without_outcome(turns: list[set[int]]) -> None:
    mark, above, everything = 0, set[int](), set[int]()
    for covered in turns:
        everything |= covered
        above |= {offset for offset in covered if offset >= mark}
        before, mark = mark, advanced(mark, above)
        above = {offset for offset in above if offset >= mark}

        assert mark >= before
        assert mark == next(offset for offset in range(100) if offset not in everything)


@given(mark=st.integers(0, 30), covered=OFFSETS, below=st.integers(0, 60))
def test_a_gap_is_every_committed_offset_above_the_mark_that_is_not_covered(
    mark: int, covered: set[int], below: int
) -> None:
    found = gaps(mark, covered, below)

    assert set(found) | covered >= set(range(mark, below))
    assert not set(found) & covered
    assert all(mark <= offset < below for offset in found)
    assert list(found) == sorted(set(found))
    assert gaps_counted(mark, covered, below) == len(found)


def test_a_turn_takes_a_bounded_number_of_gaps() -> None:
    assert len(gaps(0, (), 10_000_000)) == GAPS_A_TURN_MAX
    assert gaps_counted(0, (), 10_000_000) == 10_000_000


def test_a_gap_goes_to_the_router_three_times_and_then_to_the_centre() -> None:
    asked: list[Attempt] = []
    repaired: Repaired | None = None
    for turn in range(5):
        now = NOON + turn * MINUTE
        attempt = next_attempt(repaired, now, MINUTE)
        assert attempt is not None
        asked.append(attempt)
        repaired = Repaired(attempts=attempt.number, last_at=now)

    assert [one.number for one in asked] == [1, 2, 3, 4, 5]
    assert [one.to_centre for one in asked] == [False] * TRIES_BY_ROUTER + [True] * 2


def test_a_try_is_given_its_time() -> None:
    tried = Repaired(attempts=1, last_at=NOON)

    assert next_attempt(tried, NOON + MINUTE - timedelta(seconds=1), MINUTE) is None
    assert next_attempt(tried, NOON + MINUTE, MINUTE) == Attempt(number=2, to_centre=False)
