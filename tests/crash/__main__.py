"""`make soak 30`: the clocks, a department's system, then the crash test over and over, so long."""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from services.embedded.parts import Embedded
from tests.crash.city import City
from tests.crash.clock_trial import TWICE, killing
from tests.crash.trial import new_trial
from tests.department.killing import Trial
from tests.embedded.running import command

SUBMISSIONS, SHORT_CASES, ROUNDS = 2_000, 100, 1
# Twenty thousand notices fall due in the two minutes in which anything is killed.
CASES_A_SECOND, SENDING_SECONDS, KILLING_SECONDS = 28, 110, 120.0
DEPARTMENT_KILLS = 20


def main(minutes: float) -> int:
    """Two trials once; then one city lives through the rest. What is wrong first ends the soak."""
    end = time.monotonic() + 60 * minutes
    passed, wrong = 0, False
    with tempfile.TemporaryDirectory(prefix="peygir-soak-") as folder:
        Path(folder).chmod(0o755)
        for trial in _trials(Path(folder), end):
            for right in trial:
                passed, wrong = passed + right, wrong or not right
            if wrong:
                break
    print(f"{passed} passed, {int(wrong)} failed, 0 skipped")
    return 1 if wrong else 0


def _trials(folder: Path, end: float) -> Iterator[Iterator[bool]]:
    yield _clocks(folder)
    yield _department(folder)
    yield _storms(folder, end)


def _clocks(folder: Path) -> Iterator[bool]:
    data = folder / "clocks"
    city = City(data, more={"TEST_TWICE": json.dumps(TWICE)}).wait_until_ready()
    try:
        trial = killing(city, seed=int(time.time()))
        asyncio.run(trial.run(CASES_A_SECOND, SENDING_SECONDS, KILLING_SECONDS))
        proof = command("verify", data=data)
    finally:
        city.stop()
    print("\n".join((*trial.lines(), proof.stdout)), flush=True)
    yield not trial.wrong and proof.returncode == 0


def _department(folder: Path) -> Iterator[bool]:
    """Its process is killed as often as a whole night would."""
    with Embedded(folder / "department") as parts, parts.kafka() as broker:
        trial = Trial(broker.address, folder)
        trial.run(DEPARTMENT_KILLS, Random())  # noqa: S311
    print(f"a department: {trial.kills} kills in {trial.seconds:.0f} s, {trial.wrong}", flush=True)
    yield not trial.wrong


def _storms(folder: Path, end: float) -> Iterator[bool]:
    city = City(folder / "data").wait_until_ready()
    try:
        trial = new_trial(city)
        while not trial.counts.wrong and time.monotonic() < end:
            asyncio.run(trial.run(SUBMISSIONS, SHORT_CASES, ROUNDS))
            print("\n".join(trial.lines()), flush=True)
            yield not trial.counts.wrong
    finally:
        city.stop()


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0))
