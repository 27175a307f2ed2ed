"""Policies as the fold is given them, without a topic."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from schemas.vocabulary import PolicyVersion
from streams.core.terms import NO_TERMS, AllTerms


@dataclass(frozen=True)
class FixedBook:
    """A book that has these terms and no others."""

    terms: AllTerms = field(default_factory=lambda: NO_TERMS)

    async def knowing(self, versions: Iterable[PolicyVersion]) -> AllTerms:
        del versions
        return self.terms
