"""What must be known of a case before something is said of it, and who is asked for it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, Protocol

from schemas.vocabulary import Author, CaseId, Department, FactId, Municipality
from streams.core.refusal import Refusal
from streams.core.terms import Terms

FOLLOWED_MAX = 8
"""How far a case is followed to the one whose clocks it has: one step, unless two were linked in
the same moment."""


class KnownCase(Protocol):
    """A case as the projection has it; `author` is who brought the citizen's message."""

    @property
    def case_id(self) -> CaseId: ...
    @property
    def municipality(self) -> Municipality: ...
    @property
    def department(self) -> Department | None: ...
    @property
    def version(self) -> int: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def parent(self) -> CaseId | None: ...
    @property
    def author(self) -> Author: ...


class Judged(Protocol):
    """How the fold judged a fact, and its position: of an effective one, the case's version."""

    @property
    def verdict(self) -> Literal["effective", "refused"]: ...
    @property
    def version(self) -> int: ...
    @property
    def refusal(self) -> Refusal | None: ...


class Cases(Protocol):
    """The projection. Each question raises a 503 problem while it cannot be asked."""

    async def known(self, case_id: str) -> KnownCase | None: ...

    async def with_code(
        self, code: str, *, municipality: str | None, phone_last_digits: str | None
    ) -> Sequence[KnownCase]:
        """The cases that this code and what is beside it leave, by the rules of the look-up.

        Raises a 422 problem where the digits of the phone are too few to tell anything.
        """
        ...

    async def judged(self, case_id: CaseId, fact_id: FactId) -> Judged | None:
        """None where no such fact was judged yet."""
        ...


class Limit(Protocol):
    """How often one address may ask for what needs no key."""

    async def spend(self, address: str, *, now: float) -> dict[str, str]:
        """The headers that say what is left. Raises a 429 problem when nothing is."""
        ...


FindTerms = Callable[[Municipality], Terms | None]
"""The policy of a municipality in force now; none where it is not served."""


async def root_of(cases: Cases, case: KnownCase) -> KnownCase | None:
    """The case that this one follows in the end, itself if none; none where that is not found."""
    for _ in range(FOLLOWED_MAX):
        if case.parent is None:
            return case
        above = await cases.known(case.parent)
        if above is None:
            return None
        case = above
    return None
