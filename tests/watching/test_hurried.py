"""Rules in a hurry: every time of theirs is short, and nothing else is other."""

from pathlib import Path

import pytest

from tests.deployments import documents
from tests.watching.hurried import hurried, short, short_windows
from tests.watching.prometheus import SHIPPED


@pytest.mark.parametrize(
    ("duration", "hurried"),
    [("10m", "10s"), ("1h30m", "90s"), ("30d", "43200s"), ("30s", "5s")],
)
def test_a_time_is_a_sixtieth_and_no_shorter_than_some_scrapes(duration: str, hurried: str) -> None:
    assert short(duration) == hurried


def test_windows_are_short_and_thresholds_are_as_they_were() -> None:
    shipped = "rate(a_total[1h]) > 60 and max_over_time(b[30d:5m]) > 3600 unless c offset 7d"

    quick = "rate(a_total[60s]) > 60 and max_over_time(b[43200s:1s]) > 3600 unless c offset 10080s"
    assert short_windows(shipped) == quick


@pytest.mark.parametrize(
    "path", sorted((SHIPPED / "rules").glob("*.yml")), ids=lambda one: one.name
)
def test_every_shipped_rule_is_among_the_hurried_ones(path: Path) -> None:
    (shipped,) = documents(path)
    made = hurried(shipped)

    for group, quick in zip(shipped["groups"], made["groups"], strict=True):
        assert "interval" not in quick
        for rule, other in zip(group["rules"], quick["rules"], strict=True):
            assert {**other, "expr": 0, "for": 0} == {**rule, "expr": 0, "for": 0}
