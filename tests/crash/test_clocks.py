"""Law 5: two timers and two routers, any of them killed at any moment, and each notice once."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.conftest import reachable
from tests.crash.city import City
from tests.crash.clock_trial import TWICE, VICTIMS, new_clock_trial
from tests.embedded.running import command

pytestmark = [pytest.mark.integration, pytest.mark.crash]

CASES_A_SECOND = 36
SENDING_SECONDS = 10
KILLING_SECONDS = 20.0
NOTICES = 2_000


def test_every_notice_is_said_once_and_no_resolution_in_time_is_counted_late(
    tmp_path: Path,
) -> None:
    twice = {"TEST_TWICE": json.dumps(TWICE)}
    city = City(reachable(tmp_path) / "data", more=twice).wait_until_ready()
    try:
        trial = new_clock_trial(city, seed=137)
        asyncio.run(trial.run(CASES_A_SECOND, SENDING_SECONDS, KILLING_SECONDS))
        proof = command("verify", data=city.data)
    finally:
        city.stop()

    print("\n".join(("", *trial.lines(), proof.stdout)))  # noqa: T201
    assert trial.wrong == []
    assert trial.counted["effective notices"] >= NOTICES
    assert {"warned", "breached", "escalated", "pause-ended"} <= trial.counted.keys()
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert len(trial.kills.done) > len(VICTIMS) // 2
