"""The commands that talk to a running Peygir: words and exit codes where there is none."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.codec import encode
from schemas.example_values import DELIVERY
from schemas.topics import department_of
from schemas.vocabulary import Department, Municipality
from services.kafka import admin, append, producer

ROOT = Path(__file__).parents[2]
MISSING = 3
USAGE = 2
UNAVAILABLE = 69
INTERRUPTED = 130


def environment(data: Path, **more: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PEYGIR_")}
    return ours | {"PEYGIR_DATA": str(data), "PYTHONPATH": str(ROOT)} | more


def peygir(*words: str, data: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "services.command", *words),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment(data, **more),
    )


NOWHERE = {
    "submit": ("submit", "text"),
    "case": ("case", "show", "615705748237402"),
    "say a fact": ("case", "fact", "615705748237402", "started"),
    "department": ("department", "tail", "hashtgerd", "parks"),
    "a department's cases": ("department", "inbox", "hashtgerd", "parks"),
    "a department says": ("department", "resolve", "hashtgerd", "parks", "615705748237402"),
    "a department leaves": ("department", "start", "hashtgerd", "parks", "x", "--no-wait"),
    "list letters": ("dead-letters", "list"),
    "show a letter": ("dead-letters", "show", "1/0"),
    "explain clocks": ("sla", "explain", "a" * 32),
    "what is due": ("sla", "due"),
    "recompute": ("sla", "recompute", "--municipality", "hashtgerd"),
    "list keys": ("keys", "list"),
    "revoke a key": ("keys", "revoke", "x"),
    "watch": ("watch",),
    "what waits": ("lag",),
    "gaps": ("gaps",),
    "import": ("import", __file__, "--mapping", __file__),
}


@pytest.mark.parametrize("words", NOWHERE.values(), ids=list(NOWHERE))
def test_where_nothing_runs_each_command_says_what_to_do(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    done = peygir(*words, data=tmp_path)

    assert done.returncode == MISSING, done.stderr
    assert done.stderr.startswith("peygir: ")
    assert "Traceback" not in done.stderr


WRONG = {
    "a scope that is none": (("keys", "create", "bot", "--scope", "all"), {}, USAGE),
    "a letter that is none": (("dead-letters", "show", "one"), {"PEYGIR_MASTER_KEY": "x"}, USAGE),
    "a deed that is none": (("case", "fact", "x", "danced"), {}, USAGE),
    "a pause without a reason": (("case", "fact", "x", "paused"), {}, USAGE),
    "a reason of another deed": (
        ("case", "fact", "x", "transfer-requested", "--why", "not-ours"),
        {},
        USAGE,
    ),
    "what goes with another deed": (("case", "fact", "x", "started", "--to", "fani"), {}, USAGE),
    "a role that is none": (("case", "fact", "x", "started", "--role", "king"), {}, USAGE),
    "a deputy of nothing": (("case", "fact", "x", "started", "--role", "deputy"), {}, USAGE),
    "stars that are none": (("case", "fact", "x", "rated", "--stars", "6"), {}, USAGE),
    "a split into nothing": (("department", "split", "hashtgerd", "parks", "x"), {}, USAGE),
    "a version that is none": (("case", "fact", "x", "started", "--if-version", "-1"), {}, USAGE),
    "a process that is none": (("watch",), {"PEYGIR_WATCHED": "edge"}, USAGE),
    "a case that is none": (
        ("sla", "explain", "../keys", "--url", "http://127.0.0.1:1"),
        {"PEYGIR_API_KEY": "k"},
        USAGE,
    ),
    "promises without a reason": (
        ("sla", "recompute", "--municipality", "hashtgerd", "--apply"),
        {"PEYGIR_KAFKA": "127.0.0.1:1"},
        USAGE,
    ),
    "nobody at the address": (
        ("submit", "text", "--url", "http://127.0.0.1:1"),
        {"PEYGIR_API_KEY": "k"},
        UNAVAILABLE,
    ),
    "no database": (
        ("keys", "list"),
        {"PEYGIR_DATABASE_URL": "postgresql://x@127.0.0.1:1/x"},
        UNAVAILABLE,
    ),
}


@pytest.mark.parametrize(("words", "settings", "code"), WRONG.values(), ids=list(WRONG))
def test_what_is_wrong_is_said_with_an_exit_code_of_its_own(
    words: tuple[str, ...], settings: dict[str, str], code: int, tmp_path: Path
) -> None:
    done = peygir(*words, data=tmp_path, **settings)

    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.integration
def test_a_tail_ends_cleanly_with_ctrl_c(kafka: str, tmp_path: Path) -> None:
    client = admin(kafka)
    topic = department_of(Municipality("town"), Department("works"))
    if topic not in client.list_topics():
        client.create_topics({topic: {"num_partitions": 1, "replication_factor": 1}})  # type: ignore[arg-type]  # the stubs are older
    client.close()
    running = subprocess.Popen(
        (sys.executable, "-m", "services.command", "department", "tail", "town", "works"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(tmp_path, PEYGIR_KAFKA=kafka),
    )
    time.sleep(8)  # Its imports alone take seconds on a busy machine.

    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=20)

    assert running.returncode == INTERRUPTED
    assert "Traceback" not in said


@pytest.mark.integration
def test_a_refusal_in_a_topic_is_shown_with_its_code(kafka: str, tmp_path: Path) -> None:
    client = admin(kafka)
    topic = department_of(Municipality("town"), Department("lamps"))
    client.create_topics({topic: {"num_partitions": 1, "replication_factor": 1}})  # type: ignore[arg-type]  # the stubs are older
    client.close()
    refused = replace(
        DELIVERY, kind="refused", words="the case is linked", refused_for="state", text=None
    )
    writer = producer(kafka, wait_seconds=10, bytes_max=1 << 20)
    append(writer, topic, key=refused.case_id, value=encode(refused), headers=[])
    writer.close()

    words = ("department", "tail", "town", "lamps", "--from-beginning", "--count", "1")
    done = peygir(*words, data=tmp_path, PEYGIR_KAFKA=kafka)

    assert done.returncode == 0, done.stderr
    assert "the case is linked (state)" in done.stdout


@pytest.mark.integration
def test_a_department_that_is_none_is_named(kafka: str, tmp_path: Path) -> None:
    done = peygir("department", "tail", "town", "nobody", data=tmp_path, PEYGIR_KAFKA=kafka)

    assert done.returncode == 1
    assert "there is no topic department-town-nobody" in done.stderr
