"""`make soak 30`: the trial of the clocks, then the crash test's again and again, so long."""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.crash.city import City
from tests.crash.clock_trial import TWICE, killing
from tests.crash.trial import new_trial
from tests.embedded.running import command

SUBMISSIONS, SHORT_CASES, ROUNDS = 2_000, 100, 1
# Twenty thousand notices fall due in the two minutes in which anything is killed.
CASES_A_SECOND, SENDING_SECONDS, KILLING_SECONDS = 28, 110, 120.0


def main(minutes: float) -> int:
    """The clocks once; then one city lives through the rest. What is wrong first ends the soak."""
    end = time.monotonic() + 60 * minutes
    passed, wrong = 0, False
    with tempfile.TemporaryDirectory(prefix="peygir-soak-") as folder:
        Path(folder).chmod(0o755)
        for trial in (_clocks(Path(folder)), _storms(Path(folder), end)):
            for right in trial:
                passed, wrong = passed + right, wrong or not right
            if wrong:
                break
    print(f"{passed} passed, {int(wrong)} failed, 0 skipped")
    return 1 if wrong else 0


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
