"""Law 2: whichever process is killed at whatever moment, nothing acknowledged is lost."""

import asyncio
from pathlib import Path

import pytest

from tests.conftest import reachable
from tests.crash.city import City
from tests.crash.trial import new_trial

pytestmark = pytest.mark.integration

SUBMISSIONS = 5_000
SHORT_CASES = 200
KILLS_OF_EACH = 3


def test_no_kill_loses_or_doubles_anything(tmp_path: Path) -> None:
    city = City(reachable(tmp_path) / "data").wait_until_ready()
    try:
        trial = new_trial(city)
        asyncio.run(trial.run(SUBMISSIONS, SHORT_CASES, KILLS_OF_EACH))
    finally:
        city.stop()

    print("\n".join(("", *trial.lines())))  # noqa: T201
    assert trial.counts.wrong == []
    assert trial.counts.cases == trial.counts.taken == SUBMISSIONS
    assert len(trial.kills.done) == KILLS_OF_EACH * len(trial.kills.victims())
