"""From when a version counts, and which version counts when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.command.policy import said
from services.follow import PublishedPolicies
from services.policy.close import close
from services.policy.load import load
from services.policy.publish import (
    LEAD_SECONDS,
    Outcome,
    PublishError,
    begins,
    decide,
    of_municipality,
)
from streams.core.in_force import in_force, ready, with_version
from tests.builders import CITY
from tests.policies import policy
from tests.policy.files import written

NOW = datetime(2026, 11, 24, 8, 0, 0, 700_000, tzinfo=UTC)


def test_the_first_version_counts_at_once() -> None:
    assert begins(None, now=NOW, first=True) == NOW.replace(microsecond=0)


def test_a_successor_counts_once_its_readers_can_know_it() -> None:
    begun = begins(None, now=NOW, first=False)

    assert begun > NOW
    assert begun - NOW <= timedelta(seconds=LEAD_SECONDS)


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (NOW - timedelta(seconds=1), "is past"),
        (datetime(2027, 1, 1), "has no zone"),
        (NOW + timedelta(seconds=1), "a whole second"),
    ],
)
def test_a_moment_that_cannot_count_is_refused_in_words(since: datetime, said: str) -> None:
    with pytest.raises(PublishError, match=said):
        begins(since, now=NOW, first=False)


def test_the_version_in_force_is_the_last_that_has_begun() -> None:
    one, other = policy(), policy(since=NOW)

    assert in_force((other, one), NOW) == other
    assert in_force((other, one), NOW - timedelta(microseconds=1)) == one
    assert in_force((other, one), one.since - timedelta(seconds=1)) == one


@pytest.mark.parametrize("seconds", [-1, 0, 99, 100, 1_000])
def test_who_follows_the_policies_and_who_decides_agree_on_what_is_in_force(seconds: int) -> None:
    versions = (policy(since=NOW), policy(since=NOW + timedelta(seconds=100)))
    followed, decided = PublishedPolicies(), {}
    for one in reversed(versions):
        followed.learn(one)
        decided = with_version(decided, ready(one))
    at = NOW + timedelta(seconds=seconds)

    counts = followed.in_force(CITY, at)

    assert counts == in_force(decided[CITY], at).policy == versions[seconds >= 100]
    assert followed.in_force("nowhere", at) is None


def test_versions_are_told_apart_by_municipality() -> None:
    other = replace(policy(), municipality="karaj")

    assert of_municipality((policy(), other), "karaj") == (other,)


def test_the_same_files_are_not_published_twice(tmp_path: Path) -> None:
    draft = load(written(tmp_path))
    first = close(draft, NOW)

    outcome = decide(draft, (first,), NOW + timedelta(days=1))

    assert outcome == Outcome(policy=first, published=False)


def test_a_closure_is_another_version_and_said_to_change_what_promises_rest_on(
    tmp_path: Path,
) -> None:
    first = close(load(written(tmp_path)), NOW)
    draft = load(written(tmp_path, ("calendar", "2026-11-30: snow", "2026-12-01: dust")))

    outcome = decide(draft, (first,), NOW + timedelta(days=1))

    assert outcome.published
    assert outcome.changed == ("calendars",)
    assert any("`peygir sla recompute`" in line for line in said(outcome))


def test_a_further_year_of_holidays_is_no_change_of_the_citys(tmp_path: Path) -> None:
    draft = load(written(tmp_path))
    first = close(draft, NOW)

    outcome = decide(draft, (first,), NOW + timedelta(days=366))

    assert outcome.published
    assert outcome.changed == ()
    assert list(said(outcome)) == [f"published {outcome.policy.version}"]


def test_other_content_under_a_version_that_exists_is_refused(tmp_path: Path) -> None:
    first = close(load(written(tmp_path)), NOW)
    draft = load(written(tmp_path, ("municipality", "title_en: Testshahr", "title_en: Other")))

    with pytest.raises(PublishError, match="is published already, with other content"):
        decide(draft, (first,), first.since)


def test_the_first_version_of_a_city_changes_nothing(tmp_path: Path) -> None:
    outcome = decide(load(written(tmp_path)), (), NOW)

    assert outcome.published
    assert outcome.changed == ()
