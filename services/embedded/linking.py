"""Kafka's classes, linked once for every later start."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from services.embedded.errors import EmbeddedError
from services.embedded.folder import DataFolder
from services.embedded.kafka import Kafka, classes
from services.embedded.server import start

HEAP_MB = 256
LINKED_SECONDS_MAX = 120.0  # Five on an idle machine.


def link(say: Callable[[str], None], made: Path | None = None) -> bool:
    """Whether they are there. Java writes them when a broker that recorded them ends.

    Quick when they are there already. Without them all works as well, and starts later.
    """
    made = made or classes()
    if made.exists():
        return True
    say("preparing the start of Kafka, once")
    with tempfile.TemporaryDirectory() as folder:
        data = DataFolder(Path(folder) / "data")
        unfinished = made.with_name(f"{made.name}.part")
        try:
            data.create()
            broker = Kafka(data, heap_mb=HEAP_MB, record_classes=unfinished)
            whole = start(broker, say).stop(LINKED_SECONDS_MAX)
        except EmbeddedError as error:
            say(f"not prepared: {error}")
            return False
    if whole and unfinished.exists():
        unfinished.replace(made)
    return made.exists()
