"""Law 2: whichever process is killed at whatever moment, nothing acknowledged is lost."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.crash.city import City
from tests.crash.trial import new_trial

pytestmark = pytest.mark.integration

SUBMISSIONS = 5_000
SHORT_CASES = 200
KILLS_OF_EACH = 3


def test_no_kill_loses_or_doubles_anything(tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o755)  # noqa: PTH101, S103
    city = City(tmp_path / "data").wait_until_ready()
    try:
        trial = new_trial(city)
        asyncio.run(trial.run(SUBMISSIONS, SHORT_CASES, KILLS_OF_EACH))
    finally:
        city.stop()

    print("\n".join(("", *trial.lines())))  # noqa: T201
    assert trial.counts.wrong == []
    assert trial.counts.cases == trial.counts.taken == SUBMISSIONS
    assert len(trial.kills.done) == KILLS_OF_EACH * len(trial.kills.victims())
