"""The policy of each municipality in force now, compiled once for as long as it is."""

from collections.abc import Callable

from schemas.policy import Policy
from schemas.vocabulary import Municipality
from streams.core.terms import Terms, terms


class TermsInForce:
    """What a report is tried by before it is taken; one version of each municipality is kept."""

    def __init__(self, find_policy: Callable[[str], Policy | None]) -> None:
        self._find_policy = find_policy
        self._compiled: dict[Municipality, Terms] = {}

    def __call__(self, municipality: Municipality) -> Terms | None:
        policy = self._find_policy(municipality)
        if policy is None:
            return None
        kept = self._compiled.get(municipality)
        # The same version may be published anew with other words.
        if kept is None or kept.policy is not policy:
            kept = self._compiled[municipality] = terms(policy)
        return kept
