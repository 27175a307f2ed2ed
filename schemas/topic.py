"""What a topic is: who writes it, how it is kept, how it is keyed."""

from dataclasses import dataclass
from typing import Literal

Writer = Literal[
    "edge",
    "router",
    "timer",
    "dispatcher",
    "accountant",
    "linker",
    "janitor",
    "operator",
    "outside",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic, by the names that its processes and its messages have in the contract."""

    name: str
    purpose: str
    messages: tuple[str, ...]
    key: str
    partitions: int
    writers: tuple[Writer, ...]
    readers: tuple[str, ...]
    bytes_max: int
    append_time: bool = False
    compacted: bool = False
    retention_days: int | None = None
    compacted_within_days: int | None = None
