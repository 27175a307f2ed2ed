"""`peygir watch` as a person and as a program start it."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from schemas import metrics
from services.command.composed import composed
from tests.embedded.running import environment
from tests.terminal.shown import CALM, DAY, answering, text

ROOT = Path(__file__).parents[2]
NOBODY = "127.0.0.1:1"
WEB = (metrics.INTAKE_EVENTS, ("web", "accepted"))


def watch(*words: str, watched: str, **more: str) -> Result:
    given = {"PEYGIR_WATCHED": watched, "COLUMNS": "120", "LC_ALL": "C.UTF-8", **more}
    return CliRunner().invoke(composed(), ["watch", *words], env=given)


def test_one_look_ends_with_0_where_it_is_fine_and_with_1_where_it_is_not() -> None:
    with answering(text(CALM)) as calm, answering(text(DAY)) as late:
        fine = watch("--once", watched=f"127.0.0.1:{calm}")
        urgent = watch("--once", watched=f"127.0.0.1:{late}")
        dead = watch("--once", watched=f"127.0.0.1:{calm},{NOBODY}")

    assert (fine.exit_code, urgent.exit_code, dead.exit_code) == (0, 1, 1)
    assert "1 of 1 processes answer" in fine.output
    assert "act now" in urgent.output
    assert "nobody listens" in dead.output


def test_a_program_is_told_the_same_by_names_that_stay() -> None:
    with answering(text(DAY)) as port:
        told = json.loads(watch("--json", watched=f"127.0.0.1:{port},{NOBODY}").stdout)

    assert not told["fine"]
    assert told["now"]["overdue_promises"] == {
        "title": "Overdue promises",
        "value": 14,
        "state": "look",
    }
    assert told["now"]["line_blocked_for"]["value"] == 25
    assert [one["department"] for one in told["departments"]] == ["parks", "fani", "streets"]
    assert told["waiting"][0]["source"] == "progress-fani"
    assert [(one["condition"], one["wrong"]) for one in told["processes"]] == [
        ("well", None),
        ("down", "nobody listens"),
    ]


def test_what_nobody_shows_is_null_for_a_program() -> None:
    told = json.loads(watch("--json", watched=NOBODY).stdout)

    assert {one["value"] for one in told["now"].values()} == {None}
    assert {one["state"] for one in told["now"].values()} == {"unknown"}


@pytest.mark.parametrize(
    ("words", "spoken", "title"),
    [
        ((), "fa_IR.UTF-8", "موردهای باز"),
        ((), "C.UTF-8", "Open cases"),
        (("--lang", "fa"), "C.UTF-8", "موردهای باز"),
        (("--lang", "en"), "fa_IR.UTF-8", "Open cases"),
    ],
)
def test_the_language_is_the_one_asked_for_or_the_terminals(
    words: tuple[str, ...], spoken: str, title: str
) -> None:
    with answering(text(DAY)) as port:
        assert title in watch(*words, watched=f"127.0.0.1:{port}", LC_ALL=spoken).output


def test_one_municipality_is_watched_alone() -> None:
    with answering(text(DAY)) as port:
        given = ("--json", "--municipality", "boston")
        told = json.loads(watch(*given, watched=f"127.0.0.1:{port}").stdout)

    assert told["now"]["open_cases"]["value"] == 100


def test_into_a_pipe_goes_one_look_without_colours() -> None:
    with answering(text(DAY)) as port:
        said = watch(watched=f"127.0.0.1:{port}").output

    assert "\x1b" not in said
    assert "Open cases" in said


@contextmanager
def at_a_terminal(watched: str, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        (sys.executable, "-m", "services.command", "watch", "--every", "1"),
        env={
            **environment(folder, PEYGIR_WATCHED=watched, COLUMNS="120", LINES="40"),
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
        },
        cwd=ROOT,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield process, ours
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def read_until(terminal: int, words: str, seconds_max: float = 30.0) -> None:
    read, deadline = b"", time.monotonic() + seconds_max
    while words.encode() not in read:
        assert time.monotonic() < deadline, read[-2_000:]
        read += os.read(terminal, 65_536)


def test_at_a_terminal_it_goes_on_over_a_death_until_ctrl_c(tmp_path: Path) -> None:
    with answering(text({**DAY, WEB: 100.0})) as port:
        pass
    with at_a_terminal(f"127.0.0.1:{port}", tmp_path) as (process, terminal):
        read_until(terminal, "0 of 1 processes answer")
        with answering(text({**DAY, WEB: 100.0}), port=port):
            read_until(terminal, "1 of 1 processes answer")
        read_until(terminal, "0 of 1 processes answer")
        with answering(text({**DAY, WEB: 2.0}), port=port):
            read_until(terminal, "accepted 2")
        process.send_signal(signal.SIGINT)
        read_until(terminal, "\x1b[?1049l")

        assert process.wait(10) == 0
