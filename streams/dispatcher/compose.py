"""What a department is told of a fact, made of what the projection knows of it."""

from dataclasses import dataclass, replace
from datetime import datetime

from schemas.codec import decode, decode_fact
from schemas.contents import Content, Evidence
from schemas.deliveries import Delivery, DeliveryKind
from schemas.facts import (
    BreachVoided,
    DeadlineSet,
    Fact,
    Progress,
    ReporterErased,
    Routed,
    Submitted,
)
from schemas.living import Rated
from schemas.notices import Breached, ClockNotice, Escalated, PauseEnded, Undisputed, Warned
from schemas.steering import InformationRequested, Paused
from schemas.trace_context import TraceParent
from schemas.vocabulary import CaseId, Channel, Department, Municipality, PolicyVersion
from streams.core.case import Case
from streams.core.delivery import OutgoingKind
from streams.core.refusal import read
from streams.core.restored import uncertain
from streams.core.terms import AllTerms
from streams.dispatcher.told_then import as_it_was, promise_of, promises_in_force

TEXT_KEPT_CHARACTERS = 500
IN_ITS_WORDS: tuple[DeliveryKind, ...] = (
    "answered",
    "noted",
    "handed-over",
    "handed-over-answered",
    "split",
    "confirmed",
    "disputed",
    "rated",
)
"""What comes with what was said just then, and not with what the citizen said at first."""
CUT = "the text is cut here, it was too long for this topic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A row of the outbox with what its delivery is made of, as it is written.

    `cause` is the fact that this one names as its cause. `refused_for` is why it was refused.
    `content` was sealed in the submission, or in the fact itself that is told of; of a part, in
    what split the case, and `said_first` the submission. `history` holds the effective facts of the
    case up to this one, where the delivery tells what they came to. What is known of the case, such
    as `tracking_code` and `channel`, is absent where it is not this municipality's; `trace` where
    nobody traced the fact.
    """

    log_partition: int
    log_offset: int
    ordinal: int
    case_id: CaseId
    municipality: Municipality
    department: Department
    kind: OutgoingKind
    words: str
    version: int
    fact: str | None
    cause: str | None
    content: str | None
    history: str | None
    tracking_code: str | None
    channel: Channel | None
    refused_for: str | None = None
    policy_version: PolicyVersion | None = None
    erased_at: datetime | None = None
    said_first: str | None = None
    trace: TraceParent | None = None


def compose(owed: Owed, terms: AllTerms) -> Delivery:
    """The delivery. Who reported it is never in it.

    Whenever it is asked for, it is the same but for this: after an erasure the text and the place
    are gone. What the case is about and what is promised is as that very fact left it. Raises
    `UnknownTermsError` where that rests on a policy that is not among the terms.
    """
    kind = owed.kind
    assert kind != "part", "a part is no delivery to a department"
    assert owed.fact is not None, "the outbox names a fact of the log"
    fact = decode_fact(owed.fact)
    told = Delivery(
        delivery_id=delivery_id(fact, kind, owed.department),
        kind=kind,
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
    return _with_what_it_is_about(told, fact, owed, terms)


def may_be_known(owed: Owed, restored_at: datetime | None) -> str | None:
    """The id of a delivery that may have been made before a restore; none of any other.

    A part made twice is one case, so it is made again rather than left out.
    """
    kind = owed.kind
    if restored_at is None or owed.fact is None or kind == "part":
        return None
    fact = decode_fact(owed.fact)
    if not uncertain(fact, restored_at):
        return None
    return delivery_id(fact, kind, owed.department)


def delivery_id(fact: Fact, kind: DeliveryKind, department: Department) -> str:
    """A step of the ladder is told twice: to the department, and to whoever stands above it."""
    above = isinstance(fact, Escalated) and department != fact.department
    return f"{fact.fact_id}/{kind}/{department}" if above else f"{fact.fact_id}/{kind}"


def cut(delivery: Delivery) -> Delivery:
    """A delivery for a topic that takes less than ours: its text short, and it says so."""
    place = replace(delivery.place, address=None) if delivery.place else None
    text = (delivery.text or "")[:TEXT_KEPT_CHARACTERS]
    return replace(delivery, text=text, place=place, words=f"{delivery.words} ({CUT})")


def _with_what_it_is_about(told: Delivery, fact: Fact, owed: Owed, terms: AllTerms) -> Delivery:
    if told.kind == "refused":
        return _refused(told, owed.refused_for)
    if told.kind == "withdrawn":
        return told
    match fact:
        case Routed():
            told = _with_content(_routed(told, fact), owed.content)
        case Warned() | Breached() | Escalated():
            told = _noticed(told, fact, owed, terms)
        case DeadlineSet():
            told = replace(told, clock=fact.promise.kind, promises=(fact.promise,))
        case BreachVoided():
            told = replace(told, clock=fact.clock)
        case Submitted() | ReporterErased() | Paused() | InformationRequested():
            pass
        case _:
            told = _progressed(told, fact, owed, terms)
    return told


def _refused(told: Delivery, why: str | None) -> Delivery:
    """The reason by its code, and in Persian beside the English of `words`."""
    refusal = None if why is None else read(why)
    if refusal is None:
        return told
    return replace(told, refused_for=refusal.code, words_fa=refusal.persian)


def _routed(told: Delivery, routed: Routed) -> Delivery:
    return replace(
        told,
        category=routed.category,
        priority=routed.priority,
        problem_report=routed.problem_report,
        promises=routed.promises if told.kind == "assigned" else (),
    )


def _noticed(told: Delivery, notice: ClockNotice, owed: Owed, terms: AllTerms) -> Delivery:
    """The clock with its moments: with `recorded_at`, both when it was due and when it was said.

    What routed the case promised it in so many words; any later cause leaves the promise to be
    worked out of the case as it was then.
    """
    told = replace(
        told,
        clock=notice.clock,
        percent=notice.percent if isinstance(notice, Warned) else None,
        step=notice.step if isinstance(notice, Escalated) else None,
        role=notice.role if isinstance(notice, Escalated) else None,
    )
    cause = decode_fact(owed.cause) if owed.cause else None
    if isinstance(cause, Routed):
        promises = tuple(one for one in cause.promises if one.kind == notice.clock)
        return replace(_routed(told, cause), promises=promises)
    case = as_it_was(owed.case_id, owed.history, terms)
    return replace(_about(told, case), promises=promise_of(case, notice))


def _progressed(
    told: Delivery, fact: Progress | PauseEnded | Undisputed, owed: Owed, terms: AllTerms
) -> Delivery:
    """What the case is about by now and what is promised, and what the citizen said of it."""
    case = as_it_was(owed.case_id, owed.history, terms)
    told = replace(_about(told, case), promises=promises_in_force(case))
    if told.kind in IN_ITS_WORDS:
        stars = fact.stars if isinstance(fact, Rated) else None
        return replace(told, text=_said(owed.content), stars=stars)
    if told.kind in {"assigned", "reopened"}:
        return _with_content(told, owed.content)
    return told


def _said(raw: str | None) -> str | None:
    """The note, or the words of each part that a case was split into."""
    if raw is None:
        return None
    said = decode(raw, Evidence)
    return said.note or "\n".join(said.parts) or None


def _about(told: Delivery, case: Case) -> Delivery:
    return replace(
        told,
        category=case.category,
        priority=case.priority,
        problem_report=case.problem_report,
    )


def _with_content(told: Delivery, raw: str | None) -> Delivery:
    if raw is None:
        return told
    content = decode(raw, Content)
    return replace(told, text=content.text, place=content.place)
