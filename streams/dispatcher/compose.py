"""What a department is told of a fact, made of what the projection knows of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from schemas.codec import decode, decode_fact
from schemas.fact_parts import Promise
from schemas.facts import Breached, ClockNotice, Escalated, Fact, Routed, Warned
from schemas.messages import Content, Delivery, DeliveryKind
from schemas.vocabulary import CaseId, Channel, ClockKind, Department, Municipality
from streams.core.restored import uncertain

TEXT_KEPT_CHARACTERS = 500
CUT = "the text is cut here, it was too long for this topic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A row of the outbox with what its delivery is made of, as it is written.

    `cause` is the fact that this one names as its cause; `content` was sealed in that.
    `tracking_code` and `channel` are absent where the case is not this municipality's.
    """

    log_partition: int
    log_offset: int
    ordinal: int
    case_id: CaseId
    municipality: Municipality
    department: Department
    kind: DeliveryKind
    words: str
    version: int
    fact: str | None
    cause: str | None
    content: str | None
    tracking_code: str | None
    channel: Channel | None


def compose(owed: Owed) -> Delivery:
    """The delivery, the same each time it is asked for. Who reported it is never in it."""
    assert owed.fact is not None, "the outbox names a fact of the log"
    fact = decode_fact(owed.fact)
    told = Delivery(
        delivery_id=delivery_id(fact, owed.kind),
        kind=owed.kind,
        case_id=owed.case_id,
        version=owed.version,
        tracking_code=owed.tracking_code or "",
        municipality=owed.municipality,
        department=owed.department,
        recorded_at=fact.recorded_at,
        fact_id=fact.fact_id,
        words=owed.words,
        channel=owed.channel,
    )
    cause = decode_fact(owed.cause) if owed.cause else None
    return _with_what_it_is_about(told, fact, cause, owed.content)


def may_be_known(owed: Owed, restored_at: datetime | None) -> str | None:
    """The id of a delivery that may have been made before a restore; none of any other."""
    if restored_at is None or owed.fact is None:
        return None
    fact = decode_fact(owed.fact)
    return delivery_id(fact, owed.kind) if uncertain(fact, restored_at) else None


def delivery_id(fact: Fact, kind: DeliveryKind) -> str:
    return f"{fact.fact_id}/{kind}"


def cut(delivery: Delivery) -> Delivery:
    """A delivery for a topic that takes less than ours: its text short, and it says so."""
    place = replace(delivery.place, address=None) if delivery.place else None
    text = (delivery.text or "")[:TEXT_KEPT_CHARACTERS]
    return replace(delivery, text=text, place=place, words=f"{delivery.words} ({CUT})")


def _with_what_it_is_about(
    told: Delivery, fact: Fact, cause: Fact | None, content: str | None
) -> Delivery:
    match fact:
        case Routed():
            effective = told.kind == "assigned"
            told = _routed(told, fact, fact.promises if effective else ())
            return _with_content(told, decode(content, Content) if content else None)
        case Warned() | Breached() | Escalated():
            return _noticed(told, fact, cause)
        case _:
            return told


def _routed(told: Delivery, routed: Routed, promises: Iterable[Promise]) -> Delivery:
    return replace(
        told,
        category=routed.category,
        priority=routed.priority,
        problem_report=routed.problem_report,
        promises=tuple(promises),
    )


def _with_content(told: Delivery, content: Content | None) -> Delivery:
    return replace(told, text=content.text, place=content.place) if content else told


def _noticed(told: Delivery, notice: ClockNotice, cause: Fact | None) -> Delivery:
    """The clock with its moments: with `recorded_at`, both when it was due and when it was said."""
    percent = notice.percent if isinstance(notice, Warned) else None
    told = replace(told, clock=notice.clock, percent=percent)
    match cause:
        case Routed():
            return _routed(told, cause, _of_clock(cause.promises, notice.clock))
        case _:
            return told


def _of_clock(promises: Iterable[Promise], kind: ClockKind) -> Iterable[Promise]:
    return (promise for promise in promises if promise.kind == kind)
