"""The page for a department's programmers: its code is run as it stands."""

import os
import re
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka.structs import TopicPartition

from schemas.codec import decode
from schemas.messages import ProgressReport
from services.kafka import admin
from tests.department.laid import CITY, delivery, lay, lying, make_topics
from tests.department.listing import KEY, case, listing

PAGE = Path(__file__).parents[2] / "docs" / "connect-a-department.md"
DEPARTMENT = "of-the-page"


def block() -> str:
    (found,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return found


@pytest.fixture
def signals() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def test_it_has_no_more_than_thirty_lines() -> None:
    assert len([line for line in block().splitlines() if line.strip()]) <= 30


@pytest.mark.integration
@pytest.mark.usefixtures("signals")
def test_the_system_of_the_page_works_its_cases_and_makes_up_for_what_it_missed(
    kafka: str, tmp_path: Path
) -> None:
    topic = make_topics(kafka, DEPARTMENT)
    path = tmp_path / "work.db"
    lay(kafka, topic, [delivery(1, "c-1"), delivery(2, "c-2"), delivery(3, "c-1", "withdrawn")])

    with listing([case(7), case(8)]) as api:
        _run(kafka, api.address, path, until=["c-2"])
        lay(kafka, topic, [delivery(4, "c-3"), delivery(5, "c-7", "warned")])
        client: Any = admin(kafka)
        client.delete_records({TopicPartition(topic, 0): 4})
        client.close()
        _run(kafka, api.address, path, until=["c-7", "c-8"])

    inbox = f"progress-{CITY}-{DEPARTMENT}"
    reports = [decode(one.value, ProgressReport) for one in lying(kafka, inbox)]
    assert [(one.case_id, one.did, one.reference) for one in reports] == [
        ("c-1", "acknowledged", "d-1/seen"),
        ("c-2", "acknowledged", "d-2/seen"),
    ]


def _run(kafka: str, address: str, path: Path, *, until: list[str]) -> None:
    """Runs the page's code until its table says that, and then ends it as a supervisor does."""
    names: dict[str, Any] = {}
    exec(compile(block(), str(PAGE), "exec"), names)  # noqa: S102  # the page's code is the subject

    failed = threading.Event()

    def end() -> None:
        give_up_at = time.monotonic() + 60
        while _jobs(path) != until and time.monotonic() < give_up_at:
            if failed.wait(0.05):
                return
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=end)
    thread.start()
    try:
        names["work"](kafka, DEPARTMENT, address, KEY, path)
    except BaseException:
        failed.set()
        raise
    finally:
        thread.join()
    assert _jobs(path) == until


def _jobs(path: Path) -> list[str]:
    connection = sqlite3.connect(path, timeout=30)
    try:
        query = "select case_id from jobs, department_position order by case_id"
        return [case_id for (case_id,) in connection.execute(query)]
    except sqlite3.OperationalError:
        return []  # It has not begun.
    finally:
        connection.close()
