"""What is known of one case: the value that the fold makes of its facts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from schemas.fact_parts import Promise
from schemas.facts import Fact, Routed, Submitted
from schemas.vocabulary import (
    Body,
    BodyAnswer,
    CaseId,
    Category,
    ClockKind,
    Department,
    District,
    EscalationRole,
    FactId,
    PauseReason,
    PolicyVersion,
    Priority,
    Verdict,
)
from streams.core.paused_time import Pause
from streams.core.refusal import Refusal
from streams.core.transitions import State

ClockState = Literal["running", "paused", "breached", "met", "missed"]
Judged = Literal["effective", "refused", "duplicate"]
CITIZENS_CLOCKS: tuple[ClockKind, ...] = ("first-response", "resolution")
"""What is promised to the citizen; the others are between departments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Positioned:
    """A fact with its place in the case's partition of the log."""

    offset: int
    fact: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the fold made of one fact; a refused one says why, and stays without effect."""

    verdict: Judged
    refusal: Refusal | None = None

    @property
    def reason(self) -> str | None:
        """The refusal in English, for those who run the system."""
        return None if self.refusal is None else self.refusal.english


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One promise and what became of it.

    *breached*: its deadline passed and was announced; it still runs. *met* and *missed* are the
    verdict, by the time that counts of the stopping fact. `breach` is the announcement that stands;
    `voided`: one was made and was shown wrong. *silent*: it is judged, and never spoken of.

    `set_by` is the fact that set or restored this deadline. The promise was made for `department`
    by `policy_version`; none, where another system made it. A case that is reopened or passed on
    has a further clock of the kind, with the next `cycle`.
    """

    promise: Promise
    set_by: FactId
    department: Department
    policy_version: PolicyVersion | None = None
    cycle: int = 0
    state: ClockState = "running"
    pauses: tuple[Pause, ...] = ()
    stopped_at: datetime | None = None
    announced: frozenset[int] = frozenset()
    escalated: frozenset[int] = frozenset()
    breach: FactId | None = None
    voided: bool = False
    silent: bool = False

    @property
    def kind(self) -> ClockKind:
        return self.promise.kind

    @property
    def open(self) -> bool:
        return self.state in {"running", "paused", "breached"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The case waits for somebody else, at most until then; `set_by` is the fact that said so."""

    why: PauseReason
    since: datetime
    until: datetime
    clocks: tuple[ClockKind, ...]
    set_by: FactId


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsed:
    """A pause of which the timer said that it was over, and the clocks as they stood until then.

    What was said before it was over may still arrive, and counts.
    """

    waiting: Waiting
    clocks: tuple[Clock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Which other body has to do it, what it calls it, and what it said last."""

    body: Body
    set_by: FactId
    reference: str | None = None
    answer: BodyAnswer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The closing that the citizen may judge: `by` is the fact.

    Without the moments, it may be disputed for ever, and silence says nothing.
    """

    by: FactId
    dispute_until: datetime | None = None
    undisputed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The fold of a case's facts. `version` is the log offset of the last effective one.

    `times_reversed`: it is said to have been closed before it was opened. `parent`: the case whose
    clocks it follows, and `state_apart` the state it had before. `bounces`: how often departments
    passed it on since the 137 centre said whose it is. `parts`: how many cases it was split into.
    `verdict` and `stars` are what the citizen said last; an open case that was disputed keeps the
    verdict until it is closed again. `told` are those above the department that were told of a
    deadline, and `seen` those who said that they saw it.
    """

    case_id: CaseId
    state: State = "unknown"
    version: int = -1
    counted_at: datetime | None = None
    submitted: Submitted | None = None
    submitted_offset: int = -1
    routed: Routed | None = None
    department: Department | None = None
    category: Category | None = None
    priority: Priority | None = None
    problem_report: bool | None = None
    clocks: tuple[Clock, ...] = ()
    waiting: Waiting | None = None
    lapsed: Lapsed | None = None
    parent: CaseId | None = None
    state_apart: State | None = None
    district: District | None = None
    handed_over: HandOver | None = None
    closing: Closed | None = None
    verdict: Verdict | None = None
    stars: int | None = None
    parts: int = 0
    told: frozenset[EscalationRole] = frozenset()
    seen: frozenset[EscalationRole] = frozenset()
    transfers: int = 0
    bounces: int = 0
    reopenings: int = 0
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
        """Another system's past: folded and counted, and nobody is told of it.

        Reopened here, it is a case like any other from then on.
        """
        return self.submitted is not None and self.submitted.historical and self.reopenings == 0

    @property
    def due_at(self) -> datetime | None:
        """The first deadline of the citizen's that is still to be kept, passed or not.

        None while the clocks stand still, or are another case's.
        """
        if self.parent is not None:
            return None
        return min(
            (
                clock.promise.deadline
                for clock in self.clocks
                if clock.kind in CITIZENS_CLOCKS and clock.open and clock.state != "paused"
            ),
            default=None,
        )

    def clock(self, kind: ClockKind) -> Clock | None:
        """The latest clock of that kind."""
        return next((clock for clock in reversed(self.clocks) if clock.kind == kind), None)

    def clock_set_by(self, cause: FactId, kind: ClockKind) -> Clock | None:
        """The clock of that kind whose deadline that fact set."""
        return next((one for one in self.clocks if (one.set_by, one.kind) == (cause, kind)), None)

    def not_before(self, at: datetime) -> datetime:
        """The moment as intervals are ordered by it: never before what was folded already."""
        return max(self.counted_at or at, at)
