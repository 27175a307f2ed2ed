"""`peygir up` with the real servers and two small workers, as a program to start and to kill."""

import os
from pathlib import Path

from schemas.settings import Settings
from services.command import up
from services.command.door import in_words
from services.embedded.instance import Cast
from services.embedded.workers import Layer, Worker

FAKE = str(Path(__file__).with_name("fake_worker.py"))
CAST = Cast(
    provision=Worker(name="provision", arguments=("-c", "print('provisioned')")),
    workers=(
        Worker(name="worker", arguments=(FAKE, "worker")),
        Worker(name="edge", arguments=(FAKE, "edge"), layer=Layer.EDGE),
    ),
)

if __name__ == "__main__":
    in_words(lambda: up.start(Settings(), os.environ, CAST))
