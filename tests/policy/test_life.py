"""How a city says what a case may go through: life.yaml, and every mistake in it by its line."""

from pathlib import Path

import orjson
import pytest

from schemas.codec import decode, encode
from schemas.policy import BodyPolicy, DistrictRule, DuplicatePolicy, Policy
from schemas.vocabulary import Body, Department, District, PauseReason
from services.policy.close import close, same_content
from services.policy.draft import Life
from services.policy.load import load
from tests.policies import policy as small_policy
from tests.policy.boston import boston
from tests.policy.files import FILES, problems, real, working, written
from tests.policy.hashtgerd import SINCE, hashtgerd

RULE = "  - {district: 2, department: parks, goes_to: centre}\n"
EAST = """\
east:
  title_fa: شرق
  title_en: East
  contact: east@testshahr.example
west:
  title_fa: غرب
  title_en: West
  contact: west@testshahr.example
"""
NOTHING = Life(
    bodies=(), districts=(), transfers_max=3, dispute_within=None, silence=None, duplicates=None
)
"""What counts in a city that says nothing."""


def with_departments(*rows: str) -> tuple[tuple[str, str, str], ...]:
    """Two departments more, and these rules."""
    rules = "".join(f"  - {{{row}}}\n" for row in rows)
    return ("departments", "centre:\n", f"{EAST}centre:\n"), ("life", RULE, rules)


def line_of(text: str, within: str = FILES["life"]) -> int:
    return next(n for n, line in enumerate(within.splitlines(), 1) if text in line)


def test_a_city_says_how_its_cases_live(tmp_path: Path) -> None:
    life = load(written(tmp_path)).life

    assert life.transfers_max == 4
    assert life.dispute_within == real(30 * 24)
    assert life.silence == working(5 * 6)
    assert life.districts == (
        DistrictRule(
            district=District("2"), department=Department("parks"), goes_to=Department("centre")
        ),
    )
    assert life.duplicates == DuplicatePolicy(
        metres_max=60, within=real(3 * 24), settling_seconds=20
    )


def test_other_bodies_have_a_name_a_contact_and_maybe_a_reason_to_pause(tmp_path: Path) -> None:
    water, roads = load(written(tmp_path)).life.bodies

    assert water == BodyPolicy(
        body=Body("water"),
        title_fa="آب",
        title_en="Water company",
        contact="water@testshahr.example",
        pause=PauseReason("weather"),
    )
    assert roads.pause is None


def test_a_resolution_is_shown_by_what_its_category_says_else_by_what_is_usual(
    tmp_path: Path,
) -> None:
    trees, other = load(written(tmp_path)).categories

    assert trees.shown == ("note",)
    assert other.shown == ("photo", "document")


def test_what_is_usual_is_for_problem_reports_alone(tmp_path: Path) -> None:
    question = ("categories", "problem_report: true", "problem_report: false")

    trees, _ = load(written(tmp_path, question)).categories

    assert trees.shown == ()


def test_a_category_may_ask_for_nothing(tmp_path: Path) -> None:
    _, other = load(written(tmp_path, ("life", "[document, photo]", "[]"))).categories

    assert other.shown == ()


def test_a_city_without_the_file_has_what_is_usual(tmp_path: Path) -> None:
    (written(tmp_path) / "life.yaml").unlink()

    draft = load(tmp_path)

    assert draft.life == NOTHING
    assert {one.shown for one in draft.categories} == {()}


def test_without_any_of_its_keys_the_file_says_nothing(tmp_path: Path) -> None:
    (written(tmp_path) / "life.yaml").write_text("transfers_max: 3\n", encoding="utf-8")

    assert load(tmp_path).life == NOTHING


def test_the_closed_policy_has_all_of_it_and_survives_its_encoding(tmp_path: Path) -> None:
    draft = load(written(tmp_path))

    policy = close(draft, SINCE)

    assert Life(**{name: getattr(policy, name) for name in Life.__slots__}) == draft.life
    assert [one.shown for one in policy.categories] == [("note",), ("photo", "document")]
    assert decode(encode(policy), Policy) == policy


def test_a_version_that_was_published_before_there_was_any_reads_as_before() -> None:
    raw = orjson.loads(encode(small_policy()))
    for name in Life.__slots__:
        raw.pop(name, None)
    for category in raw["categories"]:
        del category["shown"]

    assert decode(orjson.dumps(raw), Policy) == small_policy()
    assert Life(**{name: getattr(small_policy(), name) for name in Life.__slots__}) == NOTHING


@pytest.mark.parametrize(
    "change",
    [
        ("transfers_max: 4", "transfers_max: 5"),
        ("dispute_within: 30 days", "dispute_within: 31 days"),
        ("silence: 5 working", "silence: 4 working"),
        ("title_en: Roads authority", "title_en: Roads"),
        ("    pause: weather\n", ""),
        ("shown_usually: [note]", "shown_usually: [photo]"),
        ("[document, photo]", "[photo]"),
        ("{district: 2,", "{district: 3,"),
        ("metres_max: 60", "metres_max: 61"),
        ("within: 3 days", "within: 2 days"),
        ("settling_seconds: 20", "settling_seconds: 21"),
    ],
)
def test_what_differs_in_it_is_another_version(tmp_path: Path, change: tuple[str, str]) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()

    one = close(load(written(before)), SINCE)
    other = close(load(written(after, ("life", *change))), SINCE)

    assert not same_content(one, other)


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("max: 4", "max: 0", "transfers_max", "is to be a whole number from 1 to 20, not 0"),
        ("max: 4", "max: 21", "transfers_max", "is to be a whole number from 1 to 20, not 21"),
        ("max: 4", "max: many", "transfers_max", "from 1 to 20, not 'many'"),
        ("max: 4", "max: 2.5", "transfers_max", "from 1 to 20, not 2.5"),
        ("max: 4", "max: true", "transfers_max", "from 1 to 20, not True"),
        ("30 days", "for ever", "dispute_within", "is to be like"),
        ("30 days", "0 days", "dispute_within", "is to be more than nothing"),
        ("5 working days", "31 days", "silence", "is longer than the citizen may dispute"),
        ("5 working days", "721 working hours", "silence", "is longer than the citizen may"),
        ("5 working days", "a week", "silence", "is to be like"),
        ("  water:\n", "  Water!:\n", "bodies.Water!", "an id is lower-case letters and hyphens"),
        ("pause: weather", "pause: rain", "bodies.water.pause", 'no reason "rain" to pause for'),
        ("    title_fa: آب\n", "", "bodies.water.title_fa", "is missing"),
        ("    contact: roads@testshahr.example\n", "", "bodies.roads.contact", "is missing"),
        ("[note]", "[picture]", "shown_usually", '"picture" is none of note, photo, document'),
        ("[note]", "[note, note]", "shown_usually", '"note" occurs twice'),
        ("[note]", "note", "shown_usually", "is to be a list"),
        ("OTH-01: [", "OTH-02: [", "shown.OTH-02", "there is no such category"),
        (", photo]", ", pixels]", "shown.OTH-01", '"pixels" is none of'),
        ("OTH-01: [document, photo]", "OTH-01:", "shown.OTH-01", "is missing"),
        ("{district: 2, ", "{", "districts[0].district", "is missing"),
        ("district: 2,", "district: 02,", "districts[0].district", "is to be a text"),
        ("t: parks,", "t: park,", "districts[0].department", 'there is no department "park"'),
        ("goes_to: centre", "goes_to: center", "districts[0].goes_to", "no department"),
        (
            "department: parks, goes_to: centre",
            "department: centre, goes_to: parks",
            "districts[0].department",
            "is the 137 centre, whose cases are the whole city's",
        ),
        ("goes_to: centre", "goes_to: parks", "districts[0].goes_to", "in a circle: parks → parks"),
        ("metres_max: 60", "metres_max: 1001", "duplicates.metres_max", "from 1 to 1000, not 1001"),
        ("  metres_max: 60\n", "", "duplicates.metres_max", "is missing"),
        ("  within: 3 days\n", "", "duplicates.within", "is missing"),
        ("3 days", "3 working days", "duplicates.within", "is to run round the clock"),
        ("3 days", "31 days", "duplicates.within", "is more than 30 days"),
        ("seconds: 20", "seconds: 0", "duplicates.settling_seconds", "from 1 to 3600, not 0"),
        ("seconds: 20", "seconds: 3601", "duplicates.settling_seconds", "from 1 to 3600"),
    ],
)
def test_a_mistake_is_named_with_its_file_line_and_field(
    tmp_path: Path, old: str, new: str, field: str, words: str
) -> None:
    text = FILES["life"].replace(old, new, 1)
    assert text != FILES["life"]

    found = problems(written(tmp_path, ("life", old, new)))

    assert len(found) == 1, found
    place, named, said = found[0].split(": ", 2)
    assert (named, words in said) == (field, True), found
    assert place.startswith("life.yaml:")
    line = text.splitlines()[int(place.removeprefix("life.yaml:")) - 1]
    last = field.rsplit(".", 1)[-1]
    assert last in line or said == "is missing"


@pytest.mark.parametrize(
    ("dispute", "silence"),
    [
        ("30 days", "30 days"),
        ("30 days", "720 working hours"),
        ("5 working days", "40 days"),
        ("5 working days", "5 working days"),
    ],
)
def test_silence_is_as_long_as_disputing_at_most_where_that_can_be_told(
    tmp_path: Path, dispute: str, silence: str
) -> None:
    text = f"dispute_within: {dispute}\nsilence: {silence}\n"
    (written(tmp_path) / "life.yaml").write_text(text, encoding="utf-8")

    assert load(tmp_path).life.silence is not None


@pytest.mark.parametrize("left_out", ["dispute_within: 30 days\n", "silence: 5 working days\n"])
def test_one_may_be_said_without_the_other(tmp_path: Path, left_out: str) -> None:
    life = load(written(tmp_path, ("life", left_out, ""))).life

    assert (life.dispute_within is None) is not (life.silence is None)


def test_a_reason_that_clocks_yaml_has_with_a_mistake_is_one_all_the_same(tmp_path: Path) -> None:
    found = problems(written(tmp_path, ("clocks", "longest: 48 hours", "longest: long")))

    assert [one.split(": ")[1] for one in found] == ["pauses.weather.longest"]


def test_without_clocks_there_is_nothing_that_a_body_could_pause_for(tmp_path: Path) -> None:
    (written(tmp_path) / "clocks.yaml").unlink()

    (found,) = problems(tmp_path)

    assert found.startswith(f"life.yaml:{line_of('pause: weather')}: bodies.water.pause: ")


def test_no_district_is_decided_twice_however_it_is_written(tmp_path: Path) -> None:
    found = problems(
        written(
            tmp_path,
            *with_departments(
                "district: 2, department: parks, goes_to: east",
                "district: 3, department: parks, goes_to: east",
                "district: ۲, department: parks, goes_to: west",
            ),
        )
    )

    first = line_of("districts:") + 1
    assert found == [
        f"life.yaml:{first + 2}: districts[2].district: line {first} says already where parks's go"
    ]


def test_rules_may_lead_on_but_not_in_a_circle(tmp_path: Path) -> None:
    chain = (
        "district: 2, department: parks, goes_to: east",
        "district: 2, department: east, goes_to: west",
        "district: 3, department: west, goes_to: parks",
    )
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.mkdir()
    bad.mkdir()

    assert len(load(written(good, *with_departments(*chain))).life.districts) == 3
    found = problems(
        written(
            bad,
            *with_departments(
                "district: 2, department: west, goes_to: parks",
                "district: 2, department: parks, goes_to: east",
                "district: 2, department: east, goes_to: parks",
            ),
        )
    )
    assert [one.split(": ", 1)[1] for one in found] == [
        "districts[1].goes_to: the rules go in a circle: parks → east → parks",
        "districts[2].goes_to: the rules go in a circle: east → parks → east",
    ]


def test_what_is_promised_can_be_kept_in_the_hours_of_whoever_gets_it(tmp_path: Path) -> None:
    short = FILES["calendar"].rstrip() + (
        "\n  short:\n    zone: Europe/Berlin\n    working_day_minutes: 1\n"
        '    weekly: {monday: [["09:00", "09:01"]], tuesday: [], wednesday: [], thursday: [], '
        "friday: [], saturday: [], sunday: []}\n"
    )
    rules = with_departments(
        "district: 2, department: parks, goes_to: east",
        "district: 2, department: east, goes_to: west",
    )
    folder = written(
        tmp_path,
        *rules,
        ("departments", "west@testshahr.example\n", "west@testshahr.example\n  calendar: short\n"),
        ("categories", "resolution: 2 working days", "resolution: 10 working days"),
        ("clocks", "holding: 2 working days", "holding: 2 hours"),
    )
    (folder / "calendar.yaml").write_text(short, encoding="utf-8")

    found = [one for one in problems(folder) if one.startswith("life.yaml")]

    assert len(found) == 1
    assert found[0].split(": ", 1)[1] == (
        "districts[1].goes_to: GRN-01 would take more than ten years of its working hours"
    )


def test_hashtgerd_says_how_its_cases_live() -> None:
    policy = hashtgerd()

    assert policy.transfers_max == 3
    assert policy.dispute_within == real(30 * 24)
    assert policy.silence == working(5 * 8)
    assert policy.duplicates == DuplicatePolicy(
        metres_max=60, within=real(3 * 24), settling_seconds=20
    )
    assert {"water", "power", "gas", "roads", "neighbouring-municipality"} <= {
        one.body for one in policy.bodies
    }
    assert all(one.contact.endswith(".example") for one in policy.bodies)
    assert {one.category for one in policy.categories if "photo" in one.shown} >= {
        "CIV-01",
        "CIV-06",
    }
    assert all(one.problem_report for one in policy.categories if one.shown)


def test_boston_asks_for_nothing_that_its_past_does_not_have() -> None:
    policy = boston()

    assert (policy.bodies, policy.districts, policy.duplicates) == ((), (), None)
    assert not any(one.shown for one in policy.categories)
    assert policy.dispute_within == real(30 * 24)
    # Ten working days of eight and a half hours.
    assert policy.silence == working(10 * 8.5)
