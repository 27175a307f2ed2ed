"""Nothing that a citizen said of themselves is in a log, a metric, or a topic for others."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.crash.city import City, until
from tests.embedded.running import command
from tests.whole.planted import PERSONAL, found_in, through_the_edge, through_the_inboxes

pytestmark = pytest.mark.integration

SECONDS_MAX = 90.0
LOCKED = ("case-facts", "dead-letters", "keyring", "policies", "answered-calls")
OURS = ("edge", "projector", "router-intake", "router-progress", "router-imports", "sla-timer")


@pytest.fixture(scope="module")
def planted(city: City) -> City:
    """The city, after everything personal went into every door and came to rest."""
    first, *_ = through_the_edge(city)
    asyncio.run(_routed(city, first))
    through_the_inboxes(city, first)
    asyncio.run(_at_rest(city))
    return city


def test_the_words_are_found_where_they_belong(planted: City) -> None:
    """Else a search that finds nothing would prove nothing."""
    raw = _bytes(planted, "intake-", "progress-hashtgerd-parks", "imports")
    told = _bytes(planted, "department-hashtgerd-")

    assert set(found_in(raw)) == set(PERSONAL)
    assert {"text", "address"} <= set(found_in(told))


def test_every_kind_of_refusal_was_met(planted: City) -> None:
    kinds = asyncio.run(planted.rows("select distinct kind from dead_letters"))
    logged = _lines(planted, "router-intake")

    assert {row["kind"] for row in kinds} >= {"unreadable", "refused", "incident"}
    assert {"set aside", "incident", "choked on …"} <= {line["event"] for line in logged}
    assert any("made at run time" in line["event"] for line in logged)


def test_no_log_holds_them(planted: City) -> None:
    logs = list(_logs(planted))

    assert {log.stem for log in logs} >= {*OURS, "kafka", "postgres", "supervisor"}
    assert {log.name: found_in(log.read_bytes()) for log in logs} == {log.name: [] for log in logs}


@pytest.mark.parametrize("worker", OURS)
def test_every_line_of_a_log_is_json(planted: City, worker: str) -> None:
    lines = _lines(planted, worker)

    assert lines
    assert all(line["worker"] == worker for line in lines)


def test_no_metric_holds_them(planted: City) -> None:
    ports = {name: one["metrics_port"] for name, one in planted.run()["processes"].items()}
    pages = {
        name: httpx.get(f"http://127.0.0.1:{port}/metrics").content
        for name, port in ports.items()
        if port
    }

    assert set(pages) >= set(OURS)
    assert {name: found_in(page) for name, page in pages.items()} == {name: [] for name in pages}


@pytest.mark.parametrize("topic", LOCKED)
def test_no_topic_whose_readers_have_no_right_holds_them(planted: City, topic: str) -> None:
    raw = _bytes(planted, topic)

    assert raw
    assert found_in(raw) == []


def test_no_command_for_operators_shows_them(planted: City) -> None:
    for words in (("doctor", "--json"), ("dead-letters", "list")):
        done = command(*words, data=planted.data)

        assert done.returncode in (0, 1), done.stderr
        assert found_in((done.stdout + done.stderr).encode()) == []


def _logs(city: City) -> Iterator[Path]:
    yield from sorted((city.data / "logs").iterdir())
    yield city.output


def _lines(city: City, worker: str) -> list[dict[str, Any]]:
    log = city.data / "logs" / f"{worker}.log"
    return [json.loads(line) for line in log.read_text().splitlines()]


def _bytes(city: City, *topics: str) -> bytes:
    """Keys, values and headers of all that lies there, one after the other."""
    records = asyncio.run(city.records(topics))
    parts = [
        part
        for record in records
        for part in (record.key, record.value, *(value for _, value in record.headers))
    ]
    return b"\n".join(part or b"" for part in parts)


async def _routed(city: City, case_id: str) -> None:
    asked = "select count(*) from cases where case_id = $1 and department is not null"
    await until(lambda: city.value(asked, case_id), 1, SECONDS_MAX, "routed")


async def _at_rest(city: City) -> None:
    await until(city.unaccounted, 0, SECONDS_MAX, "unaccounted")
    await until(city.unprojected, 0, SECONDS_MAX, "unprojected")
    await until(city.undelivered, 0, SECONDS_MAX, "undelivered")
