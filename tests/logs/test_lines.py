"""Every line of a process, whoever says it: JSON, with who and when, and nothing of a citizen."""

import ast
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from schemas import scrubbing
from tests.embedded.running import ROOT
from tests.logs.speaker import WORDS

SPEAKER = Path(__file__).with_name("speaker.py")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"}
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    done = subprocess.run(
        (sys.executable, str(SPEAKER)), env=ENVIRONMENT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stdout == ""
    assert WORDS not in done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_every_line_says_when_how_grave_what_who_and_which_version(
    lines: list[dict[str, Any]],
) -> None:
    for line in lines:
        assert list(line)[:5] == ["timestamp", "level", "event", "worker", "version"]
        assert datetime.fromisoformat(line["timestamp"]).utcoffset() is not None
        assert line["level"] in LEVELS
        assert line["worker"] == "speaker"


def test_what_each_speaker_says_is_a_line(lines: list[dict[str, Any]]) -> None:
    told = [(line["event"], line.get("error")) for line in lines]

    assert told == [
        ("one of ours", None),
        ("caught", "ValueError"),
        ("choked on …", "ValueError"),
        ("… (a library's words, made at run time)", None),
        ("%d", None),
        ("a thread ended by an error", "ValueError"),
        ("… (a library's words, made at run time)", "ValueError"),
        ("an error where nobody could catch it", "ValueError"),
        ("a warning of Python's", "UserWarning"),
        ("ended by an error", "ValueError"),
    ]


def test_a_case_is_named_and_a_personal_field_is_not_told(lines: list[dict[str, Any]]) -> None:
    first = lines[0]

    assert (first["case_id"], first["count"], first["left_out"]) == ("c-1", 3, ["text"])


def test_a_person_at_a_terminal_reads_words_and_no_more_than_in_the_log() -> None:
    ours, theirs = pty.openpty()
    running = subprocess.Popen((sys.executable, str(SPEAKER)), env=ENVIRONMENT, stderr=theirs)
    os.close(theirs)
    said = b"".join(_until_the_end(ours)).decode()
    running.wait(30)

    assert "one of ours" in said
    assert '"event"' not in said
    assert WORDS not in said


def test_only_one_module_knows_the_library_and_no_call_names_a_personal_field() -> None:
    for path, call in _log_calls():
        named = {word.arg for word in call.keywords}
        assert not named & scrubbing.PERSONAL, f"{path}:{call.lineno}"
        # A sentence made at run time could hold anything.
        assert isinstance(call.args[0], ast.Constant), f"{path}:{call.lineno}"


def test_the_rule_for_calls_finds_calls() -> None:
    assert len(list(_log_calls())) > 10


def _log_calls() -> Iterator[tuple[Path, ast.Call]]:
    for folder in ("schemas", "streams", "services"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and _is_log(node.func):
                    yield path, node


def _is_log(function: ast.expr) -> bool:
    match function:
        case ast.Attribute(value=ast.Name(id="_log" | "log" | "_LOG"), attr=attr):
            return attr in LEVELS
        case _:
            return False


def _until_the_end(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            some = os.read(terminal, 4_096)
        except OSError:  # Linux says so when the other side is closed.
            return
        if not some:
            return
        yield some
