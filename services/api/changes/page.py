"""A page of the projection's facts, and the changes it holds for a watcher at a cursor."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from schemas.topics import LOG_PARTITIONS
from services.api.changes import events
from services.api.changes.cursor import Cursor, Offsets, moved
from streams.core.transitions import TRANSITIONS, State, Step

UNKNOWN: State = "unknown"


def _states_led_to() -> dict[Step, frozenset[State]]:
    """By step: the states that it leads to, other than the one that a case has anyway."""
    led: defaultdict[Step, set[State]] = defaultdict(set)
    for state, steps in TRANSITIONS.items():
        for step, target in steps.items():
            led[step] |= {target} if target != state or step == _UNLINKED else set()
    return {step: frozenset(states) for step, states in led.items() if states}


def _anchors() -> dict[str, State]:
    """The steps that lead to one state from wherever they are allowed."""
    return {
        step: target
        for step, states in _STATES_LED_TO.items()
        if step not in _APART
        for target in states
        if {steps.get(step, target) for steps in TRANSITIONS.values()} == {target}
    }


_LINKED, _UNLINKED = "case.linked.v1", "case.unlinked.v1"
_APART = {_LINKED, _UNLINKED}
_STATES_LED_TO = _states_led_to()
ANCHORS: Mapping[str, State] = _anchors()
"""What a case's state follows from, whatever it was before."""
TURNS = frozenset(_STATES_LED_TO) - ANCHORS.keys()
"""What may change the state and depends on it: only those since the last anchor count."""


def state_after(anchor: str | None, turns: Iterable[str]) -> State:
    """The state of a case whose last anchor was followed by those turns."""
    state = apart = ANCHORS[anchor] if anchor else UNKNOWN
    for turn in turns:
        if turn == _UNLINKED:
            state = apart
            continue
        if turn == _LINKED:
            apart = state
        state = TRANSITIONS[state].get(cast("Step", turn), state)
    return state


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
