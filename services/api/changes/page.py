"""A page of the projection's facts, and the changes it holds for a watcher at a cursor."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from schemas.topics import LOG_PARTITIONS
from services.api.changes import events
from services.api.changes.cursor import Cursor, Offsets, moved
from streams.core.transitions import TRANSITIONS, State

UNKNOWN: State = "unknown"


def _states_after() -> dict[str, State]:
    """The state that a step leads to; one that leads to many leaves a case in what it has."""
    targets: defaultdict[str, set[State]] = defaultdict(set)
    for steps in TRANSITIONS.values():
        for step, target in steps.items():
            targets[step].add(target)
    return {step: found.pop() for step, found in targets.items() if len(found) == 1}


STATE_AFTER = _states_after()


@dataclass(frozen=True, slots=True)
class Learned:
    """One effective fact, with the case as it left it."""

    partition: int
    offset: int
    case_id: str
    fact_id: str
    type: str
    recorded_at: datetime
    municipality: str
    department: str | None
    state: str


@dataclass(frozen=True, slots=True)
class Page:
    """What lies after a cursor, in the order of each partition.

    `reached`: where the cursor stands after it; `positions`: how far the projection is.
    """

    generation: bytes
    positions: Offsets
    reached: Offsets
    facts: tuple[Learned, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing more lay there."""
        return Cursor(self.generation, self.reached).reaches(self.positions)


@dataclass(frozen=True, slots=True)
class Change:
    """An event as it is sent, with what decides who gets it and where it leaves its reader."""

    case_id: str
    municipality: str
    department: str | None
    state: str
    after: Offsets
    text: bytes


def changes(cursor: Cursor, facts: Iterable[Learned]) -> Iterator[Change]:
    """Each with the cursor after it; those of a partition come in its order."""
    offsets = cursor.offsets
    assert len(offsets) == LOG_PARTITIONS
    for fact in facts:
        assert fact.offset >= offsets[fact.partition], "a page begins at the cursor"
        offsets = moved(offsets, fact.partition, fact.offset)
        after = Cursor(cursor.generation, offsets)
        yield Change(
            case_id=fact.case_id,
            municipality=fact.municipality,
            department=fact.department,
            state=fact.state,
            after=offsets,
            text=events.change(
                after,
                {
                    "case_id": fact.case_id,
                    "version": fact.offset,
                    "type": fact.type,
                    "fact_id": fact.fact_id,
                    "recorded_at": fact.recorded_at,
                    "municipality": fact.municipality,
                    "department": fact.department,
                    "state": fact.state,
                },
            ),
        )
