"""Where a department stands in its topic, and where it goes on."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """The next record to be read, in the topic that was made with this id.

    A topic that was made anew, as after a restore, has another id and counts from 0 again. The id
    is empty where it is not known.
    """

    offset: int
    topic_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a topic holds: the records from `first` up to `end`, without that one."""

    topic_id: str
    first: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Records that were never read and are gone; what follows begins at `follows`."""

    first: int
    follows: int
    why: Literal["retention", "recreated"]


def missing(kept: Position, held: Held) -> Missing | None:
    """What a reader who stands at `kept` can no longer read."""
    other = bool(kept.topic_id and held.topic_id) and kept.topic_id != held.topic_id
    if other or kept.offset > held.end:
        return Missing(first=kept.offset, follows=held.first, why="recreated")
    if kept.offset < held.first:
        return Missing(first=kept.offset, follows=held.first, why="retention")
    return None
