"""Who is to be told of a fact, and in which words: the outbox, decided."""

from dataclasses import dataclass
from typing import assert_never

from schemas.facts import (
    Acknowledged,
    Breached,
    ClosedWithoutAction,
    DeadlineSet,
    Fact,
    ReporterErased,
    Resolved,
    Routed,
    Submitted,
    Warned,
)
from schemas.messages import DeliveryKind
from schemas.vocabulary import Department, Municipality
from streams.core.case import Case, Judgement
from streams.core.notices import overtaken


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One delivery to one department's topic."""

    municipality: Municipality
    department: Department
    kind: DeliveryKind
    words: str


def outgoing(case: Case, fact: Fact, judgement: Judgement) -> tuple[Outgoing, ...]:
    """What follows from a fact for the departments; `case` is the case after it."""
    if case.historical:
        return ()
    match judgement.verdict:
        case "duplicate":
            return ()
        case "refused":
            return _of_a_refusal(case, fact, judgement.reason or "")
        case "effective":
            return _of_an_effect(case, fact)
        case _:
            assert_never(judgement.verdict)


def _of_an_effect(case: Case, fact: Fact) -> tuple[Outgoing, ...]:
    assert case.submitted is not None, "nothing is effective before a submission"
    municipality = case.submitted.municipality
    match fact:
        case Routed():
            return (_to(municipality, fact.department, "assigned", fact.reason),)
        case Warned() if not overtaken(case, fact):
            words = f"{fact.percent} % of the time for {_named(fact)} is used"
            return (_to(municipality, fact.department, "warned", words),)
        case Breached():
            words = f"the deadline for {_named(fact)} has passed"
            return (_to(municipality, fact.department, "breached", words),)
        case (
            Submitted()
            | Warned()
            | DeadlineSet()
            | Acknowledged()
            | Resolved()
            | ClosedWithoutAction()
            | ReporterErased()
        ):
            return ()
        case _:
            assert_never(fact)


def _of_a_refusal(case: Case, fact: Fact, reason: str) -> tuple[Outgoing, ...]:
    match fact:
        case Acknowledged() | Resolved() | ClosedWithoutAction():
            return (_to(fact.municipality, fact.department, "refused", reason),)
        case Routed() if fact.cause in case.refused:
            words = "another message came under the key of this case, with other content"
            return (_to(fact.municipality, fact.centre, "conflict", words),)
        case Submitted() | Routed() | Warned() | Breached() | DeadlineSet() | ReporterErased():
            return ()
        case _:
            assert_never(fact)


def _to(
    municipality: Municipality, department: Department, kind: DeliveryKind, words: str
) -> Outgoing:
    return Outgoing(municipality=municipality, department=department, kind=kind, words=words)


def _named(notice: Warned | Breached) -> str:
    return notice.clock.replace("-", " ")
