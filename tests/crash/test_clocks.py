"""Law 5: two timers and two routers, any of them killed at any moment, and each notice once."""

import asyncio
import json
from collections.abc import Iterator

import pytest

from tests.conftest import reachable
from tests.crash.city import City
from tests.crash.clock_trial import TWICE, VICTIMS, ClockTrial, away, killing
from tests.embedded.running import command

pytestmark = [pytest.mark.integration, pytest.mark.crash]

CASES_A_SECOND = 50
SENDING_SECONDS = 8
KILLING_SECONDS = 20.0
NOTICES = 2_000
AWAY_CASES_A_SECOND = 8
AWAY_SENDING_SECONDS = 3
AWAY_SECONDS = 12.0


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = reachable(tmp_path_factory.mktemp("clocks"))
    city = City(folder / "data", more={"TEST_TWICE": json.dumps(TWICE)}).wait_until_ready()
    try:
        yield city
    finally:
        city.stop()


def test_every_notice_is_said_once_and_no_resolution_in_time_is_counted_late(city: City) -> None:
    trial = killing(city, seed=137)
    asyncio.run(trial.run(CASES_A_SECOND, SENDING_SECONDS, KILLING_SECONDS))

    check(trial)
    assert trial.counted["effective notices"] >= NOTICES
    assert {"warned", "breached", "escalated", "pause-ended"} <= trial.counted.keys()
    assert len(trial.harm.done) > len(VICTIMS) // 2


def test_a_broker_or_a_database_that_is_away_costs_no_notice(city: City) -> None:
    trial = away(city)
    asyncio.run(trial.run(AWAY_CASES_A_SECOND, AWAY_SENDING_SECONDS, AWAY_SECONDS))

    check(trial)
    assert trial.harm.done == {"kafka": 1, "postgres": 1}


def check(trial: ClockTrial) -> None:
    proof = command("verify", data=trial.city.data)
    print("\n".join(("", *trial.lines(), proof.stdout)))  # noqa: T201
    assert trial.wrong == []
    assert proof.returncode == 0, proof.stdout + proof.stderr
