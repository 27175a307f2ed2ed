"""Who is to be told of a fact, and in which words: the outbox, decided."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, assert_never

from schemas.deliveries import DeliveryKind
from schemas.facts import (
    BreachVoided,
    DeadlineSet,
    Fact,
    Living,
    Order,
    Progress,
    ReporterErased,
    Routed,
    Submitted,
)
from schemas.living import (
    Confirmed,
    Disputed,
    EscalationSeen,
    HandedOver,
    HandedOverAnswered,
    Noted,
    Rated,
    Split,
)
from schemas.notices import Breached, Escalated, Notice, PauseEnded, Undisputed, Warned
from schemas.steering import (
    InformationReceived,
    InformationRequested,
    Linked,
    Paused,
    Reclassified,
    Reopened,
    Resumed,
    TransferRequested,
    Unlinked,
)
from schemas.vocabulary import STARS_MAX, ClockKind, Department, Municipality
from streams.core.case import Case, Judgement
from streams.core.notices import overtaken
from streams.core.permissions import role_of

Told = tuple[Department, DeliveryKind, str]
OutgoingKind = DeliveryKind | Literal["part"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One delivery to one department's topic, or one part of its case for the inbox of parts."""

    municipality: Municipality
    department: Department
    kind: OutgoingKind
    words: str


def outgoing(before: Case, case: Case, fact: Fact, judgement: Judgement) -> tuple[Outgoing, ...]:
    """What follows from a fact for the departments; `case` is the case after it.

    The parts of a split come before all else, so that the place of each is its number. They are
    work to be done, however old the case is.
    """
    parts = _parts(case, fact) if judgement.verdict == "effective" else ()
    if case.historical:
        return parts
    match judgement.verdict:
        case "duplicate":
            return ()
        case "refused":
            return _of_a_refusal(case, fact, judgement.reason or "")
        case "effective":
            return (*parts, *_of_an_effect(before, case, fact))
        case _:
            assert_never(judgement.verdict)


def _parts(case: Case, fact: Fact) -> tuple[Outgoing, ...]:
    if not isinstance(fact, Split):
        return ()
    assert case.department is not None, "what is split was routed"
    whose, count = case.department, len(fact.parts)
    return tuple(
        _to(fact.municipality, whose, "part", f"part {number} of {count} is a case of its own")
        for number in range(1, count + 1)
    )


def _of_an_effect(before: Case, case: Case, fact: Fact) -> tuple[Outgoing, ...]:
    assert case.submitted is not None, "nothing is effective before a submission"
    municipality = case.submitted.municipality
    return tuple(
        Outgoing(municipality=municipality, department=department, kind=kind, words=words)
        for department, kind, words in _told(before, case, fact)
    )


def _told(before: Case, case: Case, fact: Fact) -> Iterator[Told]:
    if isinstance(fact, Submitted) or case.department is None:
        return
    if isinstance(fact, Routed):
        yield fact.department, "assigned", fact.reason
    elif isinstance(fact, Notice):
        yield from _of_a_notice(case, fact)
    elif isinstance(fact, Order):
        yield from _of_an_order(case, case.department, fact)
    elif before.department is not None and before.department != case.department:
        yield before.department, "withdrawn", f"the case is with {case.department} now"
        yield case.department, "assigned", _why_it_moved(before.department, fact)
    elif fact.department == case.department:
        return  # A department is not told of what it said itself.
    elif isinstance(fact, Living):
        yield from _of_its_life(case.department, fact)
    else:
        yield from _of_others(case.department, fact)


def _why_it_moved(before: Department, fact: Progress) -> str:
    if isinstance(fact, TransferRequested):
        return f"passed on by {before}: {_spaced(fact.why)}"
    return f"it is open again, and there is no {before} any more"


def _of_a_notice(case: Case, fact: Notice) -> Iterator[Told]:
    match fact:
        case Warned() if not overtaken(case, fact):
            words = f"{fact.percent} % of the time for {_spaced(fact.clock)} is used"
            yield fact.department, "warned", words
        case Breached():
            words = f"the deadline for {_spaced(fact.clock)} has passed"
            yield fact.department, "breached", words
        case Escalated() if not overtaken(case, fact):
            words = f"the deadline for {_spaced(fact.clock)} has passed; the {fact.role} is told"
            yield fact.department, "escalated", words
            if fact.told is not None and fact.told != fact.department:
                yield fact.told, "escalated", f"{words}: it is with {fact.department}"
        case PauseEnded():
            yield fact.department, "resumed", "the longest pause allowed is over"
        case Undisputed():
            yield fact.department, "undisputed", "the citizen has said nothing against it"
        case Warned() | Escalated():
            return
        case _:
            assert_never(fact)


def _of_an_order(case: Case, department: Department, fact: Order) -> Iterator[Told]:
    match fact:
        case DeadlineSet():
            moment = fact.promise.deadline.isoformat()
            words = f"the deadline for {_spaced(fact.promise.kind)} is {moment} now: {fact.reason}"
            yield _whose(case, department, fact.promise.kind), "promised", words
        case BreachVoided():
            words = f"the breach of {_spaced(fact.clock)} does not count: {fact.reason}"
            yield _whose(case, department, fact.clock), "voided", words
        case ReporterErased():
            return
        case _:
            assert_never(fact)


def _of_others(department: Department, fact: Progress) -> Iterator[Told]:
    """What others said of its case."""
    match fact:
        case Paused() | InformationRequested() if fact.pause is not None:
            yield department, "paused", f"it waits until {fact.pause.until.isoformat()}"
        case Resumed():
            yield department, "resumed", "there is nothing to wait for any more"
        case InformationReceived():
            yield department, "answered", "the citizen has answered"
        case Reopened():
            yield department, "reopened", "it is not done, and has a new deadline"
        case Linked():
            yield department, "linked", f"it follows the case {fact.parent}"
        case Unlinked():
            yield department, "unlinked", "it is a case of its own again"
        case Reclassified():
            yield department, "reclassified", f"it is about {fact.category}"
        case _:
            return


def _of_its_life(department: Department, fact: Living) -> Iterator[Told]:
    match fact:
        case Noted():
            yield department, "noted", f"a note by the {role_of(fact)}"
        case HandedOver():
            yield department, "handed-over", f"it is handed over to {fact.body}"
        case HandedOverAnswered():
            yield department, "handed-over-answered", f"the other body: {fact.answer}"
        case Split():
            yield department, "split", f"{len(fact.parts)} parts of it are cases of their own now"
        case EscalationSeen():
            return
        case _:
            yield from _of_a_verdict(department, fact)


def _of_a_verdict(department: Department, fact: Confirmed | Disputed | Rated) -> Iterator[Told]:
    match fact:
        case Confirmed():
            yield department, "confirmed", "the citizen says that it is done"
        case Disputed():
            yield department, "disputed", "the citizen says that it is not done: a new deadline"
        case Rated():
            yield department, "rated", f"the citizen gives {fact.stars} of {STARS_MAX} stars"
        case _:
            assert_never(fact)


def _of_a_refusal(case: Case, fact: Fact, reason: str) -> tuple[Outgoing, ...]:
    """Whoever said something in vain, and the centre where no department is to be told."""
    if isinstance(fact, Progress) and fact.department is not None:
        return (_to(fact.municipality, fact.department, "refused", reason),)
    if isinstance(fact, Routed) and fact.cause in case.refused:
        words = "another message came under the key of this case, with other content"
        return (_to(fact.municipality, fact.centre, "conflict", words),)
    return ()


def _to(
    municipality: Municipality, department: Department, kind: OutgoingKind, words: str
) -> Outgoing:
    return Outgoing(municipality=municipality, department=department, kind=kind, words=words)


def _whose(case: Case, department: Department, kind: ClockKind) -> Department:
    clock = case.clock(kind)
    return clock.department if clock is not None and kind == "holding" else department


def _spaced(word: str) -> str:
    return word.replace("-", " ")
