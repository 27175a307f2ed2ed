"""How far notices may go, by example; the rules for all histories are among the properties."""

from datetime import timedelta

from streams.core.firing import NEVER, reach
from tests.builders import NOON, after

HOLD = timedelta(minutes=5)


def test_what_was_due_before_all_is_read_may_be_said_and_the_rest_is_held() -> None:
    far = reach(after(-1), now=NOON, watched_since=after(-60), hold_max=HOLD)

    assert far.reaches(after(-1.001))
    assert not far.reaches(after(-1))
    assert far.confirmed_to == after(-1)


def test_nothing_is_said_while_a_source_is_not_read_at_all() -> None:
    far = reach(None, now=NOON, watched_since=after(-60), hold_max=HOLD)

    assert not far.reaches(after(-3600))


def test_held_too_long_it_is_said_and_not_confirmed() -> None:
    far = reach(after(-900), now=NOON, watched_since=after(-3600), hold_max=HOLD)

    assert far.reaches(after(-301))
    assert not far.reaches(after(-300))
    assert far.confirmed_to == after(-900)


def test_after_an_outage_the_sources_are_given_their_time() -> None:
    just_started = reach(None, now=NOON, watched_since=after(-10), hold_max=HOLD)
    long_watching = reach(None, now=NOON, watched_since=after(-301), hold_max=HOLD)

    assert not just_started.reaches(after(-86_400))
    assert long_watching.reaches(after(-86_400))
    assert long_watching.confirmed_to == NEVER
