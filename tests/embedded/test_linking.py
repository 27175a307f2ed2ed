"""Kafka's linked classes: made once, and never needed."""

from pathlib import Path

import pytest

from services.embedded import kafka, linking
from services.embedded.errors import StartError
from services.embedded.parts import Embedded
from tests.conftest import reachable


def test_the_setup_has_linked_them() -> None:
    said: list[str] = []

    assert linking.link(said.append)
    assert said == []


@pytest.mark.integration
def test_java_uses_them(tmp_path: Path) -> None:
    assert _words_of_java(reachable(tmp_path) / "data") == ""


@pytest.mark.integration
def test_without_sound_ones_kafka_starts_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsound = tmp_path / "unsound.aot"
    unsound.write_bytes(b"nothing that a Java has linked")
    monkeypatch.setattr(kafka, "classes", lambda: unsound)

    assert "[aot]" in _words_of_java(reachable(tmp_path) / "data")


def _words_of_java(data: Path) -> str:
    """What it says of linked classes while a broker starts, and serves."""
    with Embedded(data) as parts, parts.kafka() as broker:
        assert kafka.cluster_id_at(broker.address) == broker.cluster_id
        lines = (parts.folder.logs / "kafka-console.log").read_text().splitlines()
    return "\n".join(line for line in lines if "[aot]" in line)


def test_a_kafka_that_does_not_start_is_said_and_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise StartError("no room")

    monkeypatch.setattr(linking, "start", fails)
    said: list[str] = []

    assert not linking.link(said.append, tmp_path / "made.aot")
    assert said[-1] == "not prepared: no room"
