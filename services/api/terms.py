"""The published policies as the fold is given them: each version compiled once, when named."""

from collections.abc import Iterable
from typing import Protocol

from schemas.facts import Fact
from schemas.policy import Policy
from schemas.vocabulary import Municipality, PolicyVersion
from streams.core.terms import AllTerms, Terms, terms, versions_named

VERSIONS_KEPT_MAX = 200  # A compiled version holds indexes of its calendars: a few hundred kB.


class Policies(Protocol):
    """Every version that is published; whoever follows them is no part of reading."""

    @property
    def ready(self) -> bool: ...
    @property
    def municipalities(self) -> tuple[Municipality, ...]: ...
    def versions(self, municipality: str) -> tuple[Policy, ...]: ...


class PublishedTerms:
    """Terms of the versions that facts name, for a reader that folds in its own process.

    What was promised by a version lives in its calendars' indexes, so compiled versions are kept.
    """

    def __init__(self, policies: Policies) -> None:
        self._policies = policies
        self._compiled: dict[PolicyVersion, Terms] = {}

    def named_by(self, municipality: str, facts: Iterable[Fact]) -> AllTerms:
        """Those among the municipality's versions that the facts name."""
        named = versions_named(facts)
        found = (one for one in self._policies.versions(municipality) if one.version in named)
        for policy in found:
            if policy.version not in self._compiled:
                self._keep(terms(policy))
        return {version: self._compiled[version] for version in named & self._compiled.keys()}

    def _keep(self, compiled: Terms) -> None:
        if len(self._compiled) >= VERSIONS_KEPT_MAX:
            del self._compiled[next(iter(self._compiled))]
        self._compiled[compiled.policy.version] = compiled
