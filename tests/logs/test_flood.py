"""An event that happens without end fills no disk, and hides no other event."""

import io
import json
from collections import Counter
from typing import Any

from schemas import logs
from schemas.logs import LINES_A_MINUTE_MAX


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def lines(file: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.getvalue().splitlines()]


def test_of_one_event_so_many_lines_a_minute_are_written_and_the_rest_is_counted() -> None:
    file, clock = io.StringIO(), Clock()
    log = logs.beside("worker", file, clock)

    for _ in range(1_000):
        log.warning("away")
    log.warning("another")
    clock.seconds = 61.0
    log.warning("away")
    log.warning("away")

    told = lines(file)
    assert Counter(line["event"] for line in told) == {
        "away": LINES_A_MINUTE_MAX + 2,
        "another": 1,
    }
    assert [line.get("not_written") for line in told[-3:]] == [
        None,
        1_000 - LINES_A_MINUTE_MAX,
        None,
    ]


def test_a_few_lines_a_minute_are_all_written() -> None:
    file, clock = io.StringIO(), Clock()
    log = logs.beside("worker", file, clock)

    for minute in range(10):
        clock.seconds = 61.0 * minute
        for _ in range(LINES_A_MINUTE_MAX):
            log.info("ready")

    told = lines(file)
    assert len(told) == 10 * LINES_A_MINUTE_MAX
    assert not any("not_written" in line for line in told)
