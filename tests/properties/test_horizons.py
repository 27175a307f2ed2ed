"""Horizons over all sightings: what is said to be read is read, and as much as can be known."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from streams.core.horizons import SIGHTINGS_MAX, Horizon, Horizons

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
Sightings = list[tuple[int, datetime]]


@st.composite
def sightings(draw: st.DrawFn, *, most: int = 40) -> Sightings:
    """A source that grows, or does not, looked at again and again."""
    steps = draw(
        st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=most)
    )
    end, at, seen = 0, NOON, Sightings()
    for grown, waited in steps:
        end, at = end + grown, at + timedelta(seconds=waited)
        seen.append((end, at))
    return seen


@given(seen=sightings(), reached=st.integers(0, 130))
def test_a_source_is_read_until_the_last_look_whose_end_is_reached(
    seen: Sightings, reached: int
) -> None:
    horizon = _of(seen)

    assert horizon.read_until(reached) == max(
        (at for end, at in seen if end <= reached), default=None
    )


@given(seen=sightings(most=30), steps=st.lists(st.integers(0, 5)))
def test_forgetting_what_is_passed_changes_no_answer(seen: Sightings, steps: list[int]) -> None:
    whole, thin, reached = Horizon(), Horizon(), 0
    for index, (end, at) in enumerate(seen):
        reached += steps[index] if index < len(steps) else 1
        whole, thin = whole.seen(end, at), thin.seen(end, at).without_passed(reached)

        assert thin.read_until(reached) == whole.read_until(reached)


@given(every=st.integers(1, 7), reached=st.integers(0, 20 * SIGHTINGS_MAX))
def test_a_long_lag_makes_the_horizon_coarser_and_never_wrong(every: int, reached: int) -> None:
    seen = [(number * every, NOON + timedelta(seconds=number)) for number in range(1_000)]
    horizon = _of(seen)
    true = max((at for end, at in seen if end <= reached), default=None)
    said = horizon.read_until(reached)

    assert len(horizon.sightings) <= SIGHTINGS_MAX
    assert said is None or (true is not None and said <= true)
    if reached >= seen[-1][0]:
        assert said == seen[-1][1]


@given(lag=st.integers(SIGHTINGS_MAX, 4 * SIGHTINGS_MAX))
def test_a_lag_that_lasts_does_not_hold_the_horizon_for_ever(lag: int) -> None:
    horizon, looks = Horizon(), 10 * SIGHTINGS_MAX
    for number in range(looks):
        horizon = horizon.seen(number, NOON + timedelta(seconds=number))
        horizon = horizon.without_passed(max(number - lag, 0))
    said = horizon.read_until(looks - lag)

    assert said is not None
    assert said > NOON + timedelta(seconds=looks - 2 * lag)


@given(one=sightings(), other=sightings(), reached=st.integers(0, 130))
def test_several_sources_are_read_as_far_as_the_slowest(
    one: Sightings, other: Sightings, reached: int
) -> None:
    known: Horizons[str] = Horizons()
    for (end, at), (other_end, _) in zip(one, other, strict=False):
        known = known.seen({"one": end, "other": other_end}, at)

    both = known.read_until(("one", "other"), {"one": reached, "other": 3})
    alone = [
        known.read_until(("one",), {"one": reached}),
        known.read_until(("other",), {"other": 3}),
    ]

    assert both == (None if None in alone else min(moment for moment in alone if moment))


def test_a_source_nobody_looked_at_is_not_read() -> None:
    known = Horizons[str]().seen({"one": 0}, NOON)

    assert known.read_until(("one",), {}) == NOON
    assert known.read_until(("one", "other"), {}) is None
    assert known.read_until((), {}) is None


def test_a_source_that_went_back_begins_anew() -> None:
    horizon = Horizon().seen(10, NOON).seen(3, NOON + timedelta(seconds=1))

    assert horizon.read_until(2) is None
    assert horizon.read_until(3) == NOON + timedelta(seconds=1)


def _of(seen: Sightings) -> Horizon:
    horizon = Horizon()
    for end, at in seen:
        horizon = horizon.seen(end, at)
    return horizon
