"""A whole instance: started, asked, stopped, killed, and started again on the same folder.

The tests of this module share one instance and follow each other, since a start takes seconds.
"""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.structs import TopicPartition

from tests.conftest import reachable
from tests.embedded.running import Running, command, lives, wait_for

pytestmark = pytest.mark.integration

TOPIC = "kept"
QUICK = {"PEYGIR_WATCHDOG_SECONDS": "1.5"}


class Stage:
    """The instance that stands on it now."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.running = Running(data, **QUICK)

    def again(self) -> Running:
        self.running = Running(self.data, **QUICK).wait_until_ready()
        return self.running


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = reachable(tmp_path_factory.mktemp("instance")) / "a folder with spaces و حروف"
    folder.mkdir()
    stage = Stage(folder / "data")
    stage.running.wait_until_ready()
    yield stage
    stage.running.kill()


def test_it_says_when_it_is_ready_and_what_lies_where(stage: Stage) -> None:
    said = stage.running.said()

    assert f"\nready: {stage.running.run()['url']}\n" in said
    assert f"data folder: {stage.data}\n" in said
    assert "provisioned" in (stage.data / "logs" / "provision.log").read_text()


def test_status_tells_every_process_and_folder(stage: Stage) -> None:
    done = command("status", "--json", data=stage.data)
    table = command("status", data=stage.data)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["ready"]
    assert told["data_folder"] == str(stage.data)
    assert told["postgres_folder"] == str(stage.data / "postgres")
    assert {name: one["pid"] for name, one in told["processes"].items()} == stage.running.pids()
    assert {one["health"] for one in told["processes"].values()} == {"ok"}
    assert set(told["processes"]) == {"kafka", "postgres", "worker", "edge"}
    assert table.returncode == 0
    assert "postgres" in table.stdout


def test_what_is_secret_is_for_the_owner_alone(stage: Stage) -> None:
    for name in ("secrets.json", "run.json", "instance.json"):
        assert (stage.data / name).stat().st_mode & 0o077 == 0, name
    for name in ("kafka", "postgres", "logs"):
        assert (stage.data / name).stat().st_mode & 0o077 == 0, name


def test_a_second_instance_of_the_same_folder_is_refused_in_words(stage: Stage) -> None:
    other = Running(stage.data)
    other.process.wait(30)

    assert other.process.returncode == 4
    assert f"in use (pid {stage.running.process.pid})" in other.said()
    assert "Traceback" not in other.said()


def test_a_taken_port_is_told_with_its_holder(stage: Stage, tmp_path: Path) -> None:
    port = stage.running.run()["url"].rpartition(":")[2]
    other = Running(tmp_path / "data", PEYGIR_PORT=port)
    other.process.wait(30)

    assert other.process.returncode == 4
    assert f"port {port} is taken by " in other.said()
    assert str(stage.running.pids()["edge"]) in other.said()


def test_data_survive_an_orderly_stop(stage: Stage) -> None:
    keep_something(stage.running)
    pids = stage.running.pids()
    done = command("down", data=stage.data)

    assert done.returncode == 0, done.stderr
    assert stage.running.process.wait(5) == 0
    assert not any(lives(pid) for pid in pids.values())
    assert command("status", data=stage.data).returncode == 1

    assert kept(stage.again()) == ([b"1"], ["1"])


def test_no_child_outlives_a_killed_parent_and_the_data_do(stage: Stage) -> None:
    pids = stage.running.pids()
    children = psutil.Process(stage.running.process.pid).children(recursive=True)
    stage.running.kill()

    assert {child.pid for child in children} >= set(pids.values())
    wait_for(lambda: not any(lives(child.pid) for child in children), 10)
    assert kept(stage.again()) == ([b"1"], ["1"])


@pytest.mark.parametrize("name", ["kafka", "postgres", "worker"])
def test_a_killed_process_is_started_again(stage: Stage, name: str) -> None:
    before = stage.running.run()
    os.kill(before["processes"][name]["pid"], signal.SIGKILL)
    wait_for(lambda: restarted(stage.running, name, before))

    after = stage.running.run()
    assert after["processes"][name]["address"] == before["processes"][name]["address"]
    assert kept(stage.running) == ([b"1"], ["1"])


def test_a_worker_whose_source_stands_still_is_killed_and_started_again(stage: Stage) -> None:
    before = stage.running.run()
    sick = stage.data / "worker.sick"
    sick.touch()
    wait_for(lambda: "its source stands still" in stage.running.said(), 10)
    sick.unlink()

    wait_for(lambda: restarted(stage.running, "worker", before))


def test_a_worker_that_no_longer_answers_is_killed_and_started_again(stage: Stage) -> None:
    before = stage.running.run()
    os.kill(before["processes"]["worker"]["pid"], signal.SIGSTOP)

    wait_for(lambda: restarted(stage.running, "worker", before), 20)


def test_interrupted_it_stops_in_order_and_says_so_with_its_exit_code(stage: Stage) -> None:
    pids = stage.running.pids()

    assert stage.running.stop(signal.SIGINT) == 130
    assert stage.running.said().endswith("stopped\n")
    assert not any(lives(pid) for pid in pids.values())
    assert not (stage.data / "run.json").exists()


def restarted(running: Running, name: str, before: dict) -> bool:
    now, then = running.run()["processes"].get(name), before["processes"][name]
    return now is not None and now["pid"] != then["pid"] and now["state"] == "healthy"


def keep_something(running: Running) -> None:
    run = running.run()
    admin = KafkaAdminClient(bootstrap_servers=run["kafka"])
    admin.create_topics([NewTopic(TOPIC, 1, 1)])
    admin.close()
    producer = KafkaProducer(bootstrap_servers=run["kafka"])
    producer.send(TOPIC, b"1").get(10)
    producer.close()
    asyncio.run(fetch(run["database_url"], "create table kept as select '1' as what"))


def kept(running: Running) -> tuple[list[bytes], list[str]]:
    run = running.run()
    consumer = KafkaConsumer(bootstrap_servers=run["kafka"], auto_offset_reset="earliest")
    consumer.assign([TopicPartition(TOPIC, 0)])
    batches = consumer.poll(timeout_ms=10_000)
    consumer.close()
    messages = [message.value for batch in batches.values() for message in batch]
    rows = asyncio.run(fetch(run["database_url"], "select what from kept"))
    return messages, [row["what"] for row in rows]


async def fetch(url: str, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()
