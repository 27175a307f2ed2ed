"""`make soak 30`: the crash test's trial, again and again, for so many minutes."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.crash.city import City
from tests.crash.trial import new_trial

SUBMISSIONS, SHORT_CASES, ROUNDS = 2_000, 100, 1


def main(minutes: float) -> int:
    """One city lives through all of it; the first thing that is wrong ends the soak."""
    end = time.monotonic() + 60 * minutes
    passed = 0
    with tempfile.TemporaryDirectory(prefix="peygir-soak-") as folder:
        Path(folder).chmod(0o755)
        city = City(Path(folder) / "data").wait_until_ready()
        try:
            trial = new_trial(city)
            while not trial.counts.wrong and time.monotonic() < end:
                asyncio.run(trial.run(SUBMISSIONS, SHORT_CASES, ROUNDS))
                passed += not trial.counts.wrong
                print("\n".join(trial.lines()), flush=True)
        finally:
            city.stop()
    print(f"{passed} passed, {int(bool(trial.counts.wrong))} failed, 0 skipped")
    return 1 if trial.counts.wrong else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0))
