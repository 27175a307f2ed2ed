"""A backup for the tests that read one."""

from pathlib import Path

import pytest

from tests.backup import small


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return small.write(tmp_path / "backup")
