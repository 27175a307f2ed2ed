"""What a command takes from the instance in the data folder, and what from its settings."""

from pathlib import Path

import pytest

from schemas.settings import Settings
from services.command import reach
from services.embedded.folder import DataFolder


@pytest.mark.parametrize(("kept", "counts"), [({}, 1), ({"inbox_generation": 2}, 2)])
def test_after_a_restore_the_new_inboxes_count(
    tmp_path: Path, kept: dict[str, int], counts: int
) -> None:
    DataFolder(tmp_path).write("instance.json", kept)

    assert reach.inbox_generation(Settings(data=tmp_path)) == counts


def test_with_a_kafka_of_ones_own_the_setting_counts(tmp_path: Path) -> None:
    DataFolder(tmp_path).write("instance.json", {"inbox_generation": 2})
    settings = Settings(data=tmp_path, kafka="somewhere:9092", inbox_generation=3)

    assert reach.inbox_generation(settings) == 3
