"""`peygir up` as a program to kill, with any of its workers faulty, or at work twice."""

import json
import os
from dataclasses import replace
from pathlib import Path

from schemas.settings import Settings
from services.command import up
from services.command.door import in_words
from services.embedded.instance import Cast
from services.embedded.workers import WORKERS

FAULTS = Path(__file__).parent / "faults.py"
SECOND = Path(__file__).parent / "second.py"


def cast() -> Cast:
    """`TEST_FAULTS` names workers and what is wrong with each: {"router-intake": "skips"}.

    `TEST_TWICE` names those of which there is a second one: ["sla-timer"].
    """
    faults: dict[str, str] = json.loads(os.environ.get("TEST_FAULTS", "{}"))
    workers = [
        replace(worker, arguments=(str(FAULTS), faults[worker.name], *worker.arguments[2:]))
        if worker.name in faults
        else worker
        for worker in WORKERS
    ]
    twice: list[str] = json.loads(os.environ.get("TEST_TWICE", "[]"))
    seconds = [
        replace(worker, name=f"{worker.name}-2", arguments=(str(SECOND), *worker.arguments[2:]))
        for worker in WORKERS
        if worker.name in twice
    ]
    return Cast(workers=[*workers, *seconds])


if __name__ == "__main__":
    in_words(lambda: up.start(Settings(), os.environ, cast()))
