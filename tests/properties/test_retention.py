"""What may be deleted, over all positions: never a message that has no outcome yet."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from streams.core.retention import Kept, deletable_below, heartbeat_due

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
OFFSETS = st.integers(0, 1_000)
POSITIONS = st.none() | OFFSETS
DAYS = st.integers(1, 400)


@given(mark=POSITIONS, committed=POSITIONS, aged=OFFSETS)
def test_nothing_above_the_gapless_mark_is_ever_deleted(
    mark: int | None, committed: int | None, aged: int
) -> None:
    below = deletable_below(mark=mark, committed=committed, aged=aged)

    assert below <= (mark or 0)
    assert below <= (committed or 0)
    assert below <= aged


@given(mark=OFFSETS, committed=OFFSETS, aged=OFFSETS)
def test_what_has_its_outcome_its_router_behind_it_and_its_age_may_go(
    mark: int, committed: int, aged: int
) -> None:
    below = deletable_below(mark=mark, committed=committed, aged=aged)

    assert below in (mark, committed, aged)


@given(inbox=DAYS, keyring=DAYS, letters=DAYS, department=DAYS)
def test_nothing_can_be_read_for_longer_than_is_stated(
    inbox: int, keyring: int, letters: int, department: int
) -> None:
    kept = Kept(
        inbox_days=inbox,
        keyring_days=keyring,
        dead_letter_days=letters,
        department_days=department,
    )

    # A file is deleted once its newest record has its age, and it grows for a day.
    assert all(kept.readable_days_max > one for one in (inbox, letters, department))
    assert kept.readable_days_max >= keyring


@given(days=DAYS, seconds=st.integers(0, 400 * 86_400))
def test_the_keyring_lives_often_enough_for_its_age(days: int, seconds: int) -> None:
    now = NOON + timedelta(seconds=seconds)

    due = heartbeat_due(NOON, now, keyring_days=days)

    assert heartbeat_due(None, now, keyring_days=days)
    assert due or seconds < days * 86_400 / 4
    assert not (due and seconds < days * 86_400 / 100)
