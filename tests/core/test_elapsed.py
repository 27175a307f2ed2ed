"""How much of its time a promise had used: by the hours that it counts, without its pauses."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from schemas.calendar import Hours
from schemas.facts import Fact
from schemas.vocabulary import PolicyVersion
from streams.core.case import Case, Positioned
from streams.core.elapsed import TOO_MUCH, elapsed
from streams.core.fold import step
from streams.core.terms import AllTerms
from tests.builders import (
    CASE_ID,
    NOON,
    PARKS,
    acknowledged,
    after,
    deadline_set,
    past,
    promise,
    resolved,
    routed,
    submitted,
)
from tests.policies import policy
from tests.steering import (
    HOUR,
    ROADS,
    city,
    known,
    linked,
    opened,
    passed_on,
    paused,
    real,
    reopened,
    resumed,
    unlinked,
    working,
)

PLAIN = known(policy())
BEGUN = (submitted(), routed())
CALENDAR = policy().calendars[0]
OFFICE = city(CALENDAR, answer=real(HOUR), done=working(4 * HOUR), held=working(2 * HOUR))
# Eight o'clock of a Monday, when the office opens for eight hours; Tuesday it is closed.
OPENS = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)


def hours(number: float) -> datetime:
    return OPENS + timedelta(hours=number)


def parts(*facts: Fact, terms: AllTerms = PLAIN) -> list[tuple[str, str, float]]:
    """The clock, whose it is and the part that was used, of each clock that a fact stopped."""
    case, found = Case(case_id=CASE_ID), list[tuple[str, str, float]]()
    for offset, fact in enumerate(facts):
        later, _ = step(case, Positioned(offset=offset, fact=fact), terms)
        found += [(one.clock, one.department, one.ratio) for one in elapsed(case, later, terms)]
        case = later
    return found


def test_a_clock_is_measured_once_when_it_stops_in_time_or_too_late() -> None:
    found = parts(*BEGUN, acknowledged(at=after(15)), acknowledged(), resolved(at=after(900)))

    assert found == [("first-response", PARKS, 0.25), ("resolution", PARKS, 1.5)]


@pytest.mark.parametrize(("seconds", "part"), [(60, 1.0), (60.000001, 1 + 1e-6 / 60)])
def test_what_is_kept_at_its_deadline_used_all_and_a_moment_later_more(
    seconds: float, part: float
) -> None:
    ((_, _, found),) = parts(*BEGUN, acknowledged(at=after(seconds)))

    assert found == pytest.approx(part, rel=1e-12)
    assert (found > 1) == (seconds > 60)


def test_working_time_counts_by_the_hours_of_the_version_that_promised_it() -> None:
    always = replace(
        CALENDAR, monday=(Hours(opens=0, closes=86_400),), tuesday=(Hours(opens=0, closes=86_400),)
    )
    later = city(
        always, answer=real(HOUR), done=working(HOUR), version=PolicyVersion("hashtgerd/later")
    )
    begun = opened(OFFICE, hours(6))
    saturday = hours(5 * 24)

    found = parts(*begun, resolved(at=saturday + timedelta(hours=1)), terms=known(OFFICE, later))

    assert ("resolution", PARKS, 0.75) in found
    assert ("first-response", PARKS, 5 * 24.0 - 5) in found


def test_what_ends_late_before_the_office_opens_again_has_used_more_than_all() -> None:
    begun = opened(OFFICE, hours(4))

    found = parts(*begun, resolved(at=hours(9)), terms=known(OFFICE))

    assert ("resolution", PARKS, TOO_MUCH) in found


def test_the_time_of_a_pause_is_nobodys() -> None:
    begun = opened(OFFICE, hours(0))
    waited = (paused(hours(1), hours(7)), resumed(hours(4)))

    found = parts(*begun, *waited, resolved(at=hours(5)), terms=known(OFFICE))

    assert ("resolution", PARKS, 0.5) in found


def test_what_is_done_while_it_waits_has_used_what_it_had_until_then() -> None:
    begun = opened(OFFICE, hours(0))

    found = parts(*begun, paused(hours(1), hours(7)), resolved(at=hours(6)), terms=known(OFFICE))

    assert ("resolution", PARKS, 0.25) in found


def test_each_department_answers_for_how_long_it_had_the_case_and_the_last_for_the_rest() -> None:
    begun = opened(OFFICE, hours(0))
    done = resolved(at=hours(2), department=ROADS)

    found = parts(*begun, passed_on(hours(1), ROADS), done, terms=known(OFFICE))

    assert found == [
        ("holding", PARKS, 0.5),
        ("first-response", ROADS, 2.0),
        ("resolution", ROADS, 0.5),
        ("holding", ROADS, 0.5),
    ]


def test_a_case_that_is_opened_again_is_measured_again_from_then() -> None:
    again = resolved(at=after(320), offset=9)

    found = parts(*BEGUN, resolved(at=after(150)), reopened(after(200)), again)

    assert [part for clock, _, part in found if clock == "resolution"] == [0.25, 0.2]


def test_a_linked_case_is_measured_when_its_own_clocks_stop() -> None:
    answered = acknowledged(at=after(30), offset=9)

    found = parts(*BEGUN, linked(after(10)), acknowledged(), unlinked(after(20)), answered)

    assert found == [("first-response", PARKS, 0.5)]


def test_a_deadline_that_another_system_stated_is_all_the_time_there_is() -> None:
    found = parts(*BEGUN, deadline_set(seconds=1_000), resolved(at=after(250)))

    assert ("resolution", PARKS, 0.25) in found


def test_what_had_no_time_at_all_or_no_terms_has_no_part() -> None:
    nothing = routed(promises=(promise("resolution", seconds=0),))
    assert not parts(submitted(), nothing, resolved(at=NOON))

    case, found = Case(case_id=CASE_ID), list[str]()
    for offset, fact in enumerate((*opened(OFFICE, hours(0)), resolved(at=hours(2)))):
        later, _ = step(case, Positioned(offset=offset, fact=fact), known(OFFICE))
        found += [one.clock for one in elapsed(case, later, {})]
        case = later
    assert found == ["first-response"]


def test_an_imported_case_is_not_measured() -> None:
    old = past(submitted(), after(-10))

    assert not parts(old, replace(routed(), cause=old.fact_id), acknowledged(), resolved())
