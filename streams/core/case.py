"""What is known of one case: the value that the fold makes of its facts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from schemas.facts import Fact, Promise, Routed, Submitted
from schemas.vocabulary import CaseId, ClockKind, Department, FactId
from streams.core.transitions import State

ClockState = Literal["running", "breached", "met", "missed"]
Verdict = Literal["effective", "refused", "duplicate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Positioned:
    """A fact with its place in the case's partition of the log."""

    offset: int
    fact: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the fold made of one fact; a refused one says why, and stays without effect."""

    verdict: Verdict
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One promise and what became of it.

    *breached*: its deadline passed and was announced; it still runs. *met* and *missed* are the
    verdict, by the time that counts of the stopping fact. `voided`: a breach was announced and the
    verdict showed it wrong. *silent*: it is judged, and nothing of it is ever announced.
    """

    promise: Promise
    set_by: FactId
    state: ClockState = "running"
    stopped_at: datetime | None = None
    announced: frozenset[int] = frozenset()
    voided: bool = False
    silent: bool = False

    @property
    def kind(self) -> ClockKind:
        return self.promise.kind

    @property
    def open(self) -> bool:
        return self.state in {"running", "breached"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The fold of a case's facts. `version` is the log offset of the last effective one.

    `times_reversed`: it is said to have been closed before it was opened.
    """

    case_id: CaseId
    state: State = "unknown"
    version: int = -1
    counted_at: datetime | None = None
    submitted: Submitted | None = None
    submitted_offset: int = -1
    routed: Routed | None = None
    clocks: tuple[Clock, ...] = ()
    closed_at: datetime | None = None
    times_reversed: bool = False
    erased_at: datetime | None = None
    effective: frozenset[FactId] = frozenset()
    refused: frozenset[FactId] = frozenset()

    @property
    def known(self) -> bool:
        return self.state != "unknown"

    @property
    def historical(self) -> bool:
        """Another system's past: folded and counted, and nobody is told of it."""
        return self.submitted is not None and self.submitted.historical

    @property
    def due_at(self) -> datetime | None:
        """The first deadline that is still to be kept, passed or not."""
        return min((clock.promise.deadline for clock in self.clocks if clock.open), default=None)

    @property
    def department(self) -> Department | None:
        return self.routed.department if self.routed else None

    def clock(self, kind: ClockKind) -> Clock | None:
        return next((clock for clock in self.clocks if clock.kind == kind), None)
