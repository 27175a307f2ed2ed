"""What holds of every set of reports, in whatever order they are looked at."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from math import asin, cos, dist, pi, radians, sin

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas.vocabulary import CaseId
from streams.core.decide import AREA_DECIMALS
from streams.core.duplicates import FOLLOWED, Compared, duplicate_of, first_of, where_to_look
from streams.core.nearness import EARTH_METRES, Spot, box_around, metres_between
from streams.core.transitions import STATES
from tests.alike import HERE, compared, ruled
from tests.builders import NOON

TERMS = ruled()
SPOTS = st.builds(
    Spot,
    lat=st.floats(min_value=-90, max_value=90),
    lon=st.floats(min_value=-180, max_value=180),
)
ADDRESSES = st.sampled_from((None, "خیابان امام پلاک ۱۲", "خیابان امام", "بلوار شهید بهشتی شمالی"))


@st.composite
def reports(draw: st.DrawFn, most: int = 9) -> list[Compared]:
    """Cases within two hundred metres and a week, some of them linked to earlier ones."""
    found: list[Compared] = []
    for number in range(draw(st.integers(min_value=1, max_value=most))):
        spot = Spot(
            lat=HERE.lat + draw(st.integers(0, 4)) * 0.0004,
            lon=HERE.lon + draw(st.integers(0, 1)) * 0.0004,
        )
        one = compared(
            draw(st.sampled_from("abcdef")) + str(number),
            at=NOON + timedelta(hours=draw(st.integers(0, 7)) * 23),
            spot=draw(st.sampled_from((spot, None))),
            address=draw(ADDRESSES),
            category=draw(st.sampled_from(("GRN-02", "GRN-02", "CIV-01"))),
        )
        one = replace(
            one,
            state=draw(st.sampled_from((*FOLLOWED, *FOLLOWED, *STATES))),
            historical=draw(st.integers(0, 9)) == 0,
            erased=draw(st.integers(0, 9)) == 0,
            part_of=draw(st.sampled_from((None, None, CaseId("whole"), CaseId("a0")))),
        )
        found.append(one)
    return found


def looked_at(cases: Sequence[Compared]) -> dict[CaseId, Compared]:
    """All of them, after each was looked at once in this order, and linked where it follows."""
    world = {one.case_id: one for one in cases}
    for case_id in [one.case_id for one in cases]:
        again = duplicate_of(world[case_id], world.values(), TERMS)
        if again is not None:
            world[case_id] = replace(world[case_id], parent=again.parent, state="linked")
    return world


@given(cases=reports(), data=st.data())
def test_links_lead_to_earlier_cases_and_never_in_a_circle(
    cases: list[Compared], data: st.DataObject
) -> None:
    world = looked_at(data.draw(st.permutations(cases)))

    for one in world.values():
        if one.parent is not None:
            above = world[one.parent]
            assert above.age < one.age
            assert (above.municipality, above.category) == (one.municipality, one.category)
            assert (above.historical, above.erased) == (False, False)
        assert one.state == "linked" or first_of(one, world) is one


@given(cases=reports(), data=st.data())
def test_asked_twice_and_in_any_order_it_says_the_same(
    cases: list[Compared], data: st.DataObject
) -> None:
    case = data.draw(st.sampled_from(cases))
    mixed = data.draw(st.permutations(cases))

    assert duplicate_of(case, cases, TERMS) == duplicate_of(case, [*mixed, *mixed], TERMS)


@given(
    names=st.lists(st.text("abc", min_size=1, max_size=4), min_size=2, max_size=8, unique=True),
    data=st.data(),
)
def test_reports_of_one_pipe_in_one_second_all_follow_the_first(
    names: list[str], data: st.DataObject
) -> None:
    """Whatever the order of looking; some see the links of those before them, and some do not."""
    cases = [
        compared(name, at=NOON + timedelta(microseconds=data.draw(st.integers(0, 2))))
        for name in names
    ]
    first = min(cases, key=lambda one: one.age)
    world = {one.case_id: one for one in cases}
    for one in data.draw(st.permutations(cases)):
        seen = [data.draw(st.sampled_from((other, world[other.case_id]))) for other in cases]
        again = duplicate_of(one, seen, TERMS)
        assert (again.parent if again else one.case_id) == first.case_id
        if again is not None:
            world[one.case_id] = replace(one, parent=again.parent, state="linked")


@given(cases=reports(), data=st.data())
def test_what_is_looked_for_holds_all_that_may_be_the_same(
    cases: list[Compared], data: st.DataObject
) -> None:
    case = data.draw(st.sampled_from(cases))
    around = where_to_look(case, TERMS)
    again = duplicate_of(case, cases, TERMS)
    assume(around is not None)
    assert around is not None

    inside = [
        one
        for one in cases
        if one.recorded_at >= around.since
        and (
            (around.box and one.spot and _holds(one.spot, case.spot, 60))
            or (around.address and one.address == around.address)
        )
    ]
    assert duplicate_of(case, inside, TERMS) == again


def _holds(area: Spot, spot: Spot | None, metres: float) -> bool:
    assert spot is not None
    box = box_around(spot, metres)
    lat, lon = round(area.lat, AREA_DECIMALS), round(area.lon, AREA_DECIMALS)
    return box.south <= lat <= box.north and box.west <= lon <= box.east


def _through_the_earth(one: Spot, other: Spot) -> float:
    """The same distance by the chord between two points of space."""

    def point(spot: Spot) -> tuple[float, float, float]:
        lat, lon = radians(spot.lat), radians(spot.lon)
        return cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)

    return 2 * EARTH_METRES * asin(min(1.0, dist(point(one), point(other)) / 2))


@given(one=SPOTS, other=SPOTS)
def test_a_distance_is_what_the_chord_says_both_ways(one: Spot, other: Spot) -> None:
    metres = metres_between(one, other)

    # Towards the antipode the arcsine is steep: the last digits there are metres.
    assert metres == pytest.approx(_through_the_earth(one, other), rel=1e-6, abs=1e-2)
    assert metres == pytest.approx(metres_between(other, one), abs=1e-6)
    assert metres_between(one, one) == 0


@given(one=SPOTS, other=SPOTS, third=SPOTS)
def test_a_way_round_is_never_shorter(one: Spot, other: Spot, third: Spot) -> None:
    around = metres_between(one, third) + metres_between(third, other)

    assert metres_between(one, other) <= around + 1


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        (Spot(lat=0, lon=0), Spot(lat=1, lon=0), 111_195),
        (Spot(lat=60, lon=0), Spot(lat=60, lon=1), 55_597),
        (Spot(lat=0, lon=179.9995), Spot(lat=0, lon=-179.9995), 111.195),
        (Spot(lat=90, lon=0), Spot(lat=90, lon=135), 0),
        (Spot(lat=0, lon=0), Spot(lat=0, lon=180), pi * EARTH_METRES),
        (Spot(lat=51.5074, lon=-0.1278), Spot(lat=48.8566, lon=2.3522), 343_556),  # London, Paris.
        (Spot(lat=35.9621, lon=50.6789), Spot(lat=35.9626, lon=50.6789), 55.6),
    ],
)
def test_known_distances_are_as_known(one: Spot, other: Spot, metres: float) -> None:
    assert metres_between(one, other) == pytest.approx(metres, rel=1e-4, abs=0.1)


@given(spot=SPOTS, north=st.floats(-1, 1), east=st.floats(-1, 1), metres=st.integers(1, 1_000))
def test_the_box_holds_the_rounded_place_of_all_that_is_near(
    spot: Spot, north: float, east: float, metres: int
) -> None:
    lat = min(90.0, max(-90.0, spot.lat + north * metres / 111_000))
    lon = spot.lon + east * metres / 111_000 / max(cos(radians(lat)), 1e-9)
    near = Spot(lat=lat, lon=(lon + 180) % 360 - 180)
    assume(metres_between(spot, near) <= metres)

    assert _holds(near, spot, metres)
