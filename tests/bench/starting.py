"""From `make run` on warm caches, with an empty data folder, to the first routed case."""

import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import httpx

from tests.bench.table import Row
from tests.crash.storm import CITY

ROOT = Path(__file__).parents[2]
SECONDS_MAX = 180.0


def measure() -> Row:
    with tempfile.TemporaryDirectory(prefix="peygir-bench-") as folder:
        Path(folder).chmod(0o755)
        data = Path(folder) / "data"
        given = {key: value for key, value in os.environ.items() if not key.startswith("PEYGIR_")}
        began = time.monotonic()
        running = subprocess.Popen(
            ("make", "--silent", "run"),
            cwd=ROOT,
            env={**given, "PEYGIR_DATA": str(data), "PEYGIR_PORT": "0"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # make says that it was interrupted
            start_new_session=True,
        )
        try:
            took = _first_routed(data, began)
        finally:
            os.killpg(running.pid, signal.SIGINT)
            running.wait(60)
    return Row(
        what="`make run` on warm caches to the first routed case",
        measured=took,
        unit=" s",
        floor=60,
        aim=20,
        at_most=True,
        detail="an empty data folder, so Kafka's format and Postgres' initdb are in it",
    )


def _first_routed(data: Path, began: float) -> float:
    while time.monotonic() - began < SECONDS_MAX:
        try:
            if _routed(data):
                return time.monotonic() - began
        except (OSError, ValueError, KeyError, httpx.HTTPError):
            pass  # It is not there yet.
        time.sleep(0.1)
    raise TimeoutError(f"no case was routed within {SECONDS_MAX} s")


def _routed(data: Path) -> bool:
    url = json.loads((data / "run.json").read_text())["url"]
    keys = json.loads((data / "demo.json").read_text())
    body = {"municipality": CITY, "channel": "phone", "text": "چراغ کوچه خاموش است"}
    taken = httpx.post(
        f"{url}/intake/v1/cases",
        json=body,
        headers={"Authorization": f"Bearer {keys['intake']}", "Idempotency-Key": "first"},
    )
    taken.raise_for_status()
    read = httpx.get(
        f"{url}/api/v1/cases/{taken.json()['case_id']}",
        headers={"Authorization": f"Bearer {keys['read']}"},
    )
    return read.is_success and read.json()["state"] == "routed"
