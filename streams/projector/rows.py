"""What stands in the tables for a fact, for a case and its clocks: the rows, as values."""

from collections.abc import Iterable, Iterator
from typing import Any

from schemas.facts import Acknowledged, Resolved, Routed, Source
from streams.core.case import Case
from streams.core.notices import next_due_at
from streams.projector.batch import LetterRecord
from streams.projector.folding import Judged, Unfoldable

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
    "fact",
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


def fact_row(judged: Judged) -> Row:
    record, fact = judged.record, judged.record.fact
    if judged.judgement is None:
        assert isinstance(judged.state, Unfoldable), "a fact is judged, or its case unfoldable"
        verdict, refusal = "unfoldable", judged.state.reason
    else:
        verdict, refusal = judged.judgement.verdict, judged.judgement.reason
    return (
        record.partition,
        record.offset,
        fact.case_id,
        fact.fact_id,
        fact.type,
        fact.recorded_at,
        verdict,
        refusal,
        record.text,
    )


def outbox_rows(judged: Judged) -> Iterator[Row]:
    record = judged.record
    for ordinal, one in enumerate(judged.outgoing):
        yield (
            record.partition,
            record.offset,
            ordinal,
            record.fact.case_id,
            one.municipality,
            one.department,
            one.kind,
            one.words,
        )


def case_row(case: Case, partition: int) -> Row:
    """The row of a case that is known."""
    submitted, routed = case.submitted, case.routed
    assert submitted is not None, "a known case was submitted"
    area = submitted.area
    return (
        case.case_id,
        partition,
        case.version,
        submitted.municipality,
        submitted.channel,
        case.state,
        submitted.tracking_code,
        submitted.recorded_at,
        case.submitted_offset,
        submitted.occurred_at,
        routed and routed.department,
        routed and routed.category,
        routed and routed.priority,
        routed and routed.problem_report,
        submitted.district,
        area and area.lat,
        area and area.lon,
        routed and routed.reason,
        routed and routed.policy_version,
    )


def clock_rows(case: Case, partition: int) -> Iterator[Row]:
    assert case.submitted is not None, "a known case was submitted"
    for clock in case.clocks:
        yield (
            case.case_id,
            clock.kind,
            partition,
            case.submitted.municipality,
            clock.state,
            clock.promise.started_at,
            clock.promise.deadline,
            clock.stopped_at,
            next_due_at(clock),
        )


def letter_row(record: LetterRecord) -> Row:
    letter, source = record.letter, record.letter.source
    return (
        record.partition,
        record.offset,
        source.inbox,
        source.generation,
        source.partition,
        source.offset,
        letter.kind,
        letter.reason,
        letter.recorded_at,
        letter.set_aside_at,
    )


def covered_rows(judged: Iterable[Judged], letters: Iterable[LetterRecord]) -> set[Row]:
    """The inbox positions that now have an outcome. A submission's outcome is its routing."""
    facts = (one.record.fact for one in judged)
    outcomes = [fact.source for fact in facts if isinstance(fact, Routed | Acknowledged | Resolved)]
    return {_position(source) for source in (*outcomes, *(one.letter.source for one in letters))}


def _position(source: Source) -> Row:
    return (source.inbox, source.generation, source.partition, source.offset)
