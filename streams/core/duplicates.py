"""Which earlier case a new one reports again, if it does, and why in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.policy import DuplicatePolicy
from schemas.vocabulary import CaseId, Category, Municipality
from streams.core.alike_words import ENGLISH, PERSIAN
from streams.core.nearness import Box, Spot, box_around, metres_between
from streams.core.terms import Terms
from streams.core.text import tokens
from streams.core.transitions import AT_WORK, State
from streams.core.working_time import before_deadline

FOLLOWED: tuple[State, ...] = tuple(one for one in AT_WORK if one != "handed-over")
"""Whose department acts: what another body has to do tells nobody here that it was done."""
# What has no house number is a street, and a street's name alone is too short to tell it.
WORDS_WITHOUT_A_NUMBER_MIN = 3
FOLLOWING_MAX = 50  # Links one after the other; each leads to an earlier case.


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A case as far as it is compared. `address` holds the words of it as they are compared."""

    case_id: CaseId
    recorded_at: datetime
    municipality: Municipality
    category: Category | None
    state: State
    historical: bool = False
    erased: bool = False
    parent: CaseId | None = None
    part_of: CaseId | None = None
    spot: Spot | None = None
    address: tuple[str, ...] = ()

    @property
    def at_work(self) -> bool:
        """Whether its department has it to do, for itself."""
        of_now = not (self.historical or self.erased)
        return of_now and self.parent is None and self.state in FOLLOWED

    @property
    def age(self) -> tuple[datetime, CaseId]:
        """What puts any two cases in order."""
        return (self.recorded_at, self.case_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Since when, in which piece of the map, and at which address something may be the same."""

    since: datetime
    box: Box | None
    address: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """The case that is reported again, and why that is thought."""

    parent: CaseId
    parent_recorded_at: datetime
    because: str


def duplicate_of(case: Compared, others: Iterable[Compared], terms: Terms) -> Again | None:
    """What the case reports again; none where it reports something of its own.

    `others` holds what may be the same, in any order, and whatever those follow.
    """
    policy = terms.policy.duplicates
    if policy is None or not case.at_work:
        return None
    known = {one.case_id: one for one in others if one.case_id != case.case_id}
    since = _since(case.recorded_at, policy, terms)
    found: list[tuple[Compared, Compared]] = []
    for one in known.values():
        if one.recorded_at >= since and _the_same(case, one, policy.metres_max):
            first = first_of(one, known)
            if first is not None and _may_be_followed(case, first):
                found.append((first, one))
    if not found:
        return None
    # Not the nearest: who comes after all follow the same one, whatever they are told apart by.
    first, alike = min(found, key=lambda pair: (pair[0].age, pair[1].age))
    return Again(
        parent=first.case_id,
        parent_recorded_at=first.recorded_at,
        because=_because(case, first, alike, terms.policy.language),
    )


def where_to_look(case: Compared, terms: Terms) -> Around | None:
    """What holds all that may be the same; none where nothing is to be looked for."""
    policy = terms.policy.duplicates
    if policy is None or not case.at_work:
        return None
    return Around(
        since=_since(case.recorded_at, policy, terms),
        box=box_around(case.spot, policy.metres_max) if case.spot else None,
        address=case.address if tells_where(case.address) else None,
    )


def address_words(address: str | None) -> tuple[str, ...]:
    """The address as it is compared: however it was typed, the same words in the same order."""
    return tuple(tokens(address)) if address else ()


def tells_where(address: tuple[str, ...]) -> bool:
    """Whether two with this address are at the same place: it has a number, or words enough."""
    numbered = len(address) > 1 and any(word.isdigit() for word in address)
    return numbered or len(address) >= WORDS_WITHOUT_A_NUMBER_MIN


def first_of(case: Compared, known: Mapping[CaseId, Compared]) -> Compared | None:
    """Where its links lead to, or itself; none where that is not known, or too far."""
    for _ in range(FOLLOWING_MAX):
        if case.parent is None:
            return case
        above = known.get(case.parent)
        if above is None:
            return None
        case = above
    return None


def _since(at: datetime, policy: DuplicatePolicy, terms: Terms) -> datetime:
    within = policy.within
    if within.working_time:
        return before_deadline(at, within.seconds, terms.calendar_of(None))
    return at - timedelta(seconds=within.seconds)


def _may_be_followed(case: Compared, first: Compared) -> bool:
    return first.at_work and first.age < case.age and not _of_one_report(case, first)


def _the_same(case: Compared, one: Compared, metres_max: int) -> bool:
    if one.age >= case.age or one.historical or one.erased or _of_one_report(case, one):
        return False
    if (one.municipality, one.category) != (case.municipality, case.category):
        return False
    if case.spot is not None and one.spot is not None:
        return metres_between(case.spot, one.spot) <= metres_max
    return case.address == one.address and tells_where(case.address)


def _of_one_report(case: Compared, earlier: Compared) -> bool:
    """Whether one message was split into both, or the earlier one into it: told apart so."""
    return case.part_of is not None and case.part_of in {earlier.case_id, earlier.part_of}


def _because(case: Compared, first: Compared, alike: Compared, language: str) -> str:
    words = PERSIAN if language == "fa" else ENGLISH
    metres = None
    if case.spot is not None and alike.spot is not None:
        metres = round(metres_between(case.spot, alike.spot))
    seconds = int((case.recorded_at - first.recorded_at).total_seconds())
    return words.because(metres, seconds, through_another=alike.case_id != first.case_id)
