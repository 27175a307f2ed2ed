"""The processes of our own that an instance consists of, as a table."""

from dataclasses import dataclass
from enum import IntEnum


class Layer(IntEnum):
    """Started from the lowest, stopped from the highest: nothing runs without what it needs."""

    SERVER = 0
    PROCESSOR = 1
    EDGE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """`python ARGUMENTS`, which answers `/healthz` on the port it is given."""

    name: str
    arguments: tuple[str, ...]
    layer: Layer = Layer.PROCESSOR


PROVISION = Worker(name="provision", arguments=("-m", "services", "provision", "--demo"))

# One of each kind.
WORKERS = (
    Worker(name="router-intake", arguments=("-m", "streams", "router", "intake")),
    Worker(name="router-progress", arguments=("-m", "streams", "router", "progress")),
    Worker(name="router-imports", arguments=("-m", "streams", "router", "imports")),
    Worker(name="router-repairs", arguments=("-m", "streams", "router", "repairs")),
    Worker(name="projector", arguments=("-m", "streams", "projector")),
    Worker(name="accountant", arguments=("-m", "streams", "accountant")),
    Worker(name="sla-timer", arguments=("-m", "streams", "sla-timer")),
    Worker(name="dispatcher", arguments=("-m", "streams", "dispatcher")),
    Worker(name="linker", arguments=("-m", "streams", "linker")),
    Worker(name="janitor", arguments=("-m", "streams", "janitor")),
    Worker(name="edge", arguments=("-m", "services", "edge"), layer=Layer.EDGE),
)
