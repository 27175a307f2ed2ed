"""What waits, and since when: by the record's own time, or by when it was first seen."""

from streams.core.lag import (
    FOLLOWED,
    Behind,
    Oldest,
    Place,
    Waiting,
    by_source,
    consumer_of,
    learned,
    unread,
    waiting,
)
from tests.builders import NOON, after

PHONE: Place = ("intake-phone", 0)
WEB: Place = ("intake-web", 0)
OTHER_WEB: Place = ("intake-web", 1)


def waits(records: int = 1, first: int = 0) -> Waiting:
    return Waiting(first=first, records=records)


def test_each_topic_that_is_looked_at_has_the_consumer_that_handles_it() -> None:
    assert consumer_of("intake-hashtgerd-sms-gateway") == "router-intake"
    assert consumer_of("progress-desk") == "router-progress"
    assert consumer_of("imports") == "router-imports"
    assert consumer_of("repairs") == "router-repairs"
    assert consumer_of("case-facts") == "projector"
    assert consumer_of("department-hashtgerd-parks") is None
    assert "imports-of-others".startswith(FOLLOWED)
    assert consumer_of("imports-of-others") is None


def test_what_is_deleted_waits_for_nobody_and_who_began_nothing_begins_there() -> None:
    assert waiting(None, start=5, end=9) == Waiting(first=5, records=4)
    assert waiting(2, start=5, end=9) == Waiting(first=5, records=4)
    assert waiting(7, start=5, end=9) == Waiting(first=7, records=2)
    assert waiting(9, start=5, end=9).records == 0


def test_an_end_that_went_back_is_nothing_that_waits() -> None:
    assert waiting(9, start=0, end=4).records == 0


def test_only_what_waits_and_has_moved_is_read() -> None:
    known = {
        PHONE: Oldest(first=3, since=NOON, exact=True),
        WEB: Oldest(first=3, since=NOON, exact=False),
        OTHER_WEB: Oldest(first=2, since=NOON, exact=True),
    }
    there = {
        PHONE: waits(first=3),
        WEB: waits(first=3),
        OTHER_WEB: waits(first=3),
        ("repairs", 0): waits(records=0),
    }

    assert unread(there, known) == {WEB: 3, OTHER_WEB: 3}


def test_what_cannot_be_read_waits_since_it_was_first_seen_to_and_what_can_by_its_time() -> None:
    there = {WEB: waits(first=3), PHONE: waits(first=8)}

    first = learned(there, {}, {PHONE: after(-60)}, NOON)
    second = learned(there, first, {}, after(5))
    moved = learned({WEB: waits(first=4)}, second, {}, after(10))
    read = learned({WEB: waits(first=4)}, moved, {WEB: after(-7)}, after(15))

    assert first == second
    assert second[WEB] == Oldest(first=3, since=NOON, exact=False)
    assert second[PHONE] == Oldest(first=8, since=after(-60), exact=True)
    assert moved == {WEB: Oldest(first=4, since=after(10), exact=False)}
    assert read == {WEB: Oldest(first=4, since=after(-7), exact=True)}


def test_what_is_done_with_is_forgotten() -> None:
    known = {WEB: Oldest(first=3, since=NOON, exact=True)}

    assert learned({WEB: waits(records=0, first=4)}, known, {}, after(5)) == {}


def test_partitions_are_summed_and_the_longest_wait_is_the_sources() -> None:
    there = {WEB: waits(2), OTHER_WEB: waits(3), PHONE: waits(0), ("elsewhere", 0): waits(9)}
    oldest = {
        WEB: Oldest(first=0, since=after(-5), exact=True),
        OTHER_WEB: Oldest(first=0, since=after(-50), exact=True),
    }

    assert by_source(there, oldest) == {
        ("router-intake", "intake-web"): Behind(records=5, since=after(-50)),
        ("router-intake", "intake-phone"): Behind(records=0, since=None),
    }


def test_nothing_waits_for_less_than_no_time() -> None:
    assert Behind(records=1, since=after(30)).seconds(NOON) == 0
    assert Behind(records=1, since=after(-30)).seconds(NOON) == 30
    assert Behind().seconds(NOON) == 0
