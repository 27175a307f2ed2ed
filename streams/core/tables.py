"""What stands in the projection's tables for a fact and for a case: the rows, as values."""

from collections.abc import Iterator
from typing import Any

from schemas.contents import Content
from schemas.fact_parts import Source
from schemas.facts import Fact, Submitted, time_that_counts
from schemas.messages import CallAnswered, DeadLetter
from schemas.notices import Breached, Escalated, PauseEnded, Undisputed, Warned
from schemas.trace_context import TraceParent
from streams.core.case import Case, Judgement
from streams.core.delivery import Outgoing
from streams.core.notices import next_due_at
from streams.core.refusal import written
from streams.core.text import tokens

Row = tuple[Any, ...]

FACT_COLUMNS = (
    "log_partition",
    "log_offset",
    "case_id",
    "fact_id",
    "type",
    "recorded_at",
    "judgement",
    "refusal",
    "refused_for",
    "fact",
)
CASE_COLUMNS = (
    "case_id",
    "log_partition",
    "version",
    "municipality",
    "channel",
    "state",
    "tracking_code",
    "submitted_at",
    "recorded_at",
    "submitted_offset",
    "occurred_at",
    "closed_at",
    "due_at",
    "department",
    "category",
    "priority",
    "problem_report",
    "district",
    "lat",
    "lon",
    "routing_reason",
    "policy_version",
    "historical",
    "times_reversed",
    "erased_at",
    "parent",
    "waiting_for",
    "waiting_since",
    "waiting_until",
    "transfers",
    "reopenings",
    "bounces",
    "verdict",
    "stars",
    "dispute_until",
    "body",
    "body_answer",
    "body_reference",
    "parts",
    "part_of",
)
CLOCK_COLUMNS = (
    "case_id",
    "kind",
    "cycle",
    "log_partition",
    "municipality",
    "department",
    "state",
    "started_at",
    "deadline",
    "stopped_at",
    "voided",
    "next_due_at",
)
OUTBOX_COLUMNS = (
    "log_partition",
    "log_offset",
    "ordinal",
    "case_id",
    "municipality",
    "department",
    "kind",
    "words",
    "trace",
)
LETTER_COLUMNS = (
    "log_partition",
    "log_offset",
    "inbox",
    "generation",
    "inbox_partition",
    "inbox_offset",
    "kind",
    "reason",
    "recorded_at",
    "set_aside_at",
)
CALL_COLUMNS = (
    "municipality",
    "call",
    "log_partition",
    "outcome",
    "category",
    "answered_at",
    "seconds",
)
WORDS_COLUMNS = ("case_id", "log_partition", "words", "address", "recorded_at")
COVERED_COLUMNS = ("inbox", "generation", "inbox_partition", "inbox_offset")


def fact_row(partition: int, offset: int, text: str, fact: Fact, judgement: Judgement | str) -> Row:
    """`text` is the fact as it was written; a judgement in words is why its case is unfoldable."""
    refused_for = None
    if isinstance(judgement, str):
        judged, refusal = "unfoldable", judgement
    else:
        judged, refusal = judgement.verdict, judgement.reason
        if judgement.refusal is not None:
            refused_for = written(judgement.refusal)
    return (
        partition,
        offset,
        fact.case_id,
        fact.fact_id,
        fact.type,
        fact.recorded_at,
        judged,
        refusal,
        refused_for,
        text,
    )


def outbox_rows(
    partition: int,
    offset: int,
    fact: Fact,
    outgoing: tuple[Outgoing, ...],
    trace: TraceParent | None,
) -> Iterator[Row]:
    """`trace` is what the fact's record names, so that it is the same whoever reads the log."""
    for ordinal, one in enumerate(outgoing):
        yield (
            partition,
            offset,
            ordinal,
            fact.case_id,
            one.municipality,
            one.department,
            one.kind,
            one.words,
            trace,
        )


def case_row(case: Case, partition: int) -> Row:
    """The row of a case that is known."""
    submitted, routed = case.submitted, case.routed
    assert submitted is not None, "a known case was submitted"
    area, waiting = submitted.area, case.waiting
    return (
        case.case_id,
        partition,
        case.version,
        submitted.municipality,
        submitted.channel,
        case.state,
        submitted.tracking_code,
        time_that_counts(submitted),
        submitted.recorded_at,
        case.submitted_offset,
        submitted.occurred_at,
        case.closed_at,
        case.due_at,
        case.department,
        case.category,
        case.priority,
        case.problem_report,
        case.district,
        area and area.lat,
        area and area.lon,
        routed and routed.reason,
        routed and routed.policy_version,
        case.historical,
        case.times_reversed,
        case.erased_at,
        case.parent,
        waiting and waiting.why,
        waiting and waiting.since,
        waiting and waiting.until,
        case.transfers,
        case.reopenings,
        *_life_of(case),
        submitted.part_of,
    )


def _life_of(case: Case) -> Row:
    """What became of it among people: who passed it on, who has it, what the citizen says."""
    closing, body = case.closing, case.handed_over
    return (
        case.bounces,
        case.verdict,
        case.stars,
        closing and closing.dispute_until,
        body and body.body,
        body and body.answer,
        body and body.reference,
        case.parts,
    )


def clock_rows(case: Case, partition: int) -> Iterator[Row]:
    assert case.submitted is not None, "a known case was submitted"
    for clock in case.clocks:
        yield (
            case.case_id,
            clock.kind,
            clock.cycle,
            partition,
            case.submitted.municipality,
            clock.department,
            "linked" if clock.open and case.parent else clock.state,
            clock.promise.started_at,
            clock.promise.deadline,
            clock.stopped_at,
            clock.voided,
            next_due_at(case, clock),
        )


def words_row(fact: Submitted, partition: int, content: Content) -> Row:
    """The words that a case is found by: its text and where it is, as they are compared."""
    address = content.place.address if content.place else None
    said, where = tokens(content.text), tokens(address or "")
    words, place = " ".join(said + where), " ".join(where) or None
    return (fact.case_id, partition, words, place, fact.recorded_at)


def letter_row(partition: int, offset: int, letter: DeadLetter) -> Row:
    source = letter.source
    return (
        partition,
        offset,
        source.inbox,
        source.generation,
        source.partition,
        source.offset,
        letter.kind,
        letter.reason,
        letter.recorded_at,
        letter.set_aside_at,
    )


def call_row(partition: int, call: CallAnswered) -> Row:
    return (
        call.municipality,
        call.call,
        partition,
        call.outcome,
        call.category,
        call.answered_at,
        call.seconds,
    )


def outcome_row(fact: Fact) -> Row | None:
    """The inbox position that has its outcome with this fact; a submission's is its routing."""
    match fact:
        case Submitted() | Warned() | Breached() | Escalated() | PauseEnded() | Undisputed():
            return None
        case _:
            return None if fact.source.more else position_row(fact.source)


def position_row(source: Source) -> Row:
    return (source.inbox, source.generation, source.partition, source.offset)
