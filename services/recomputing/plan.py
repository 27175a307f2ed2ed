"""What a recomputation would change, and the orders that change it."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace

import asyncpg

from schemas.messages import DeadlineOrder
from schemas.vocabulary import CaseId, Department
from services.api.terms import PublishedTerms
from services.recomputing.cases import Folded, Wanted, open_cases
from services.recomputing.orders import AUTHOR
from streams.core.case import Case
from streams.core.recomputing import Change, Recomputation, recomputed
from streams.core.terms import UnknownTermsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A clock of a case that would have another promise."""

    case_id: CaseId
    department: Department
    change: Change


@dataclass(slots=True)
class Looked:
    """How far the looking has come; `faults` says why cases could not be looked at."""

    cases: int = 0
    changed_cases: int = 0
    voided: int = 0
    clocks: Counter[Department] = field(default_factory=Counter[Department])
    faults: Counter[str] = field(default_factory=Counter[str])


async def changes(
    connection: asyncpg.Connection,
    wanted: Wanted,
    terms: PublishedTerms,
    asked: Recomputation,
    looked: Looked,
) -> AsyncIterator[tuple[Changed, ...]]:
    """What would change, a batch of cases at a time; `looked` counts along."""
    async for batch in open_cases(connection, wanted, terms):
        yield tuple(one for folded in batch for one in _of_a_case(folded, asked, looked))


def order(changed: Changed, asked: Recomputation, reason: str) -> DeadlineOrder:
    change, policy = changed.change, asked.version.policy
    return DeadlineOrder(
        case_id=changed.case_id,
        municipality=policy.municipality,
        reference=f"recompute/{policy.version}",
        author=AUTHOR,
        promise=change.promise,
        policy_version=policy.version,
        replaces=change.clock.set_by,
        reason=reason,
        voids=change.voids,
    )


def _of_a_case(folded: Folded, asked: Recomputation, looked: Looked) -> Iterator[Changed]:
    looked.cases += 1
    if folded.fault is not None:
        looked.faults[folded.fault] += 1
        return
    case = folded.case
    try:
        found = recomputed(case, replace(asked, known=folded.terms))
    except UnknownTermsError as error:
        looked.faults[f"the policy {error} is not published"] += 1
        return
    looked.changed_cases += bool(found)
    for change in found:
        department = _owner(case, change)
        looked.clocks[department] += 1
        looked.voided += change.voids is not None
        yield Changed(case_id=case.case_id, department=department, change=change)


def _owner(case: Case, change: Change) -> Department:
    """Whoever has to keep it now."""
    if change.clock.kind == "holding" or case.department is None:
        return change.clock.department
    return case.department
