"""The list of erasures: an order stands on disk before anything else knows of it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.vocabulary import CaseId
from services.backup import erasures
from services.backup.errors import AbsentError, BrokenError
from tests.embedded.running import command

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CASE = CaseId("a" * 32)
OTHER = CaseId("b" * 32)


def test_an_order_is_noted_once_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "erasures.jsonl"

    assert erasures.note(path, CASE, "letter-1", NOW)
    assert not erasures.note(path, CASE, "letter-1", NOW)
    assert erasures.note(path, OTHER, "letter-1", NOW)

    assert [(one.case_id, one.reference) for one in erasures.read(path)] == [
        (CASE, "letter-1"),
        (OTHER, "letter-1"),
    ]
    assert path.stat().st_mode & 0o077 == 0


def test_a_line_that_a_crash_cut_off_is_no_order_and_hinders_none(tmp_path: Path) -> None:
    path = tmp_path / "erasures.jsonl"
    erasures.note(path, CASE, "letter-1", NOW)
    with path.open("a") as file:
        file.write('{"case_id": "bbbb')

    assert len(erasures.read(path)) == 1
    assert erasures.note(path, OTHER, "letter-2", NOW)
    assert [one.case_id for one in erasures.read(path)] == [CASE, OTHER]


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "erasures.jsonl"
    erasures.note(path, CASE, "letter-1", NOW)
    with path.open("a") as file:
        file.write("{}\n")

    with pytest.raises(BrokenError, match="line 2"):
        erasures.read(path)


def test_a_list_that_cannot_be_written_refuses_the_order(tmp_path: Path) -> None:
    with pytest.raises(AbsentError, match="nothing was asked"):
        erasures.note(tmp_path / "nowhere" / "erasures.jsonl", CASE, "letter-1", NOW)


def test_where_nothing_runs_nobody_is_erased_and_it_is_said(tmp_path: Path) -> None:
    done = command("erase", CASE, "--yes", data=tmp_path / "data")

    assert done.returncode == 3
    assert "nothing runs here" in done.stderr
