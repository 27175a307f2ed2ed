"""The file of what is wrong with which row: there if something is, named if it cannot be."""

from pathlib import Path

import pytest

from services.importing.fault_file import FaultFileError, fault_file


def test_a_row_that_is_wrong_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "errors.csv"

    with fault_file(path) as faults:
        faults.add(3, "ref", "OPEN_DT", "is no time")

    assert path.read_text("utf-8").splitlines()[1] == "3,ref,OPEN_DT,is no time"


def test_where_nothing_is_wrong_no_file_is_left_not_even_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "errors.csv"
    path.write_text("of an earlier run", "utf-8")

    with fault_file(path):
        pass

    assert not path.exists()


def test_what_is_no_file_is_not_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "nowhere"
    path.symlink_to("/dev/null")

    with fault_file(path):
        pass

    assert path.is_symlink()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "errors.csv"

    with pytest.raises(FaultFileError, match=r"errors\.csv.*No such file"), fault_file(path):
        pass
