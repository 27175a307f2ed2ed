"""A report that was looked through: who says it, as what, and by which policy it is taken."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from schemas.fact_parts import PauseTerms, Source
from schemas.messages import ProgressReport
from schemas.policy import PausePolicy
from schemas.sealed import Sealed
from schemas.vocabulary import (
    Author,
    CaseId,
    Department,
    FactId,
    Moment,
    Municipality,
    PauseReason,
    PolicyVersion,
    Role,
)
from streams.core.promises import Counting
from streams.core.refused import RefusedError
from streams.core.terms import Terms


class Common(TypedDict):
    """What every one of these facts has."""

    fact_id: FactId
    case_id: CaseId
    recorded_at: datetime
    source: Source
    author: Author
    municipality: Municipality
    role: Role | None
    if_version: int | None


class Spoken(Common):
    """What every one has that is no closing."""

    department: Department | None
    note: Sealed | None
    above_by: PolicyVersion | None
    reporter_of: CaseId | None


class Judged(TypedDict):
    """Until when the citizen may dispute a closing, and when silence is taken for an answer."""

    dispute_until: Moment | None
    undisputed_at: Moment | None
    policy_version: PolicyVersion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaking:
    """A report, and the policy in force when it came."""

    report: ProgressReport
    department: Department | None
    common: Common
    note: Sealed | None
    terms: Terms

    @property
    def spoken(self) -> Spoken:
        return Spoken(
            **self.common,
            department=self.department,
            note=self.note,
            # Only a deputy speaks of what another department has.
            above_by=self.version if self.common["role"] == "deputy" else None,
            reporter_of=self.report.reporter_of,
        )

    @property
    def at(self) -> datetime:
        return self.common["recorded_at"]

    @property
    def version(self) -> PolicyVersion:
        return self.terms.policy.version

    @property
    def judged(self) -> Judged:
        """Counted in the municipality's time, which is the citizen's."""
        policy = self.terms.policy
        counting = Counting(calendar=self.terms.calendar_of(None))
        until, silent = (
            None
            if budget is None
            else counting.after(self.at, budget.seconds, working_time=budget.working_time)
            for budget in (policy.dispute_within, policy.silence)
        )
        return Judged(dispute_until=until, undisputed_at=silent, policy_version=self.version)

    def owner(self) -> Department:
        """Raises `RefusedError` where nobody is named: the 137 centre does not do the work."""
        if self.department is None:
            raise RefusedError(f"/department: is missing: whose work is {self.report.did}?")
        return self.department

    def pause(self, reason: PauseReason | None) -> PauseTerms | None:
        """The terms of a pause that begins now; none where the policy does not know the reason."""
        known = (one for one in self.terms.policy.pauses if one.reason == reason)
        return next((self._terms_of(one) for one in known), None)

    def _terms_of(self, policy: PausePolicy) -> PauseTerms:
        """It ends by itself when the longest that the policy allows is over."""
        counting = Counting(calendar=self.terms.calendar_of(self.department))
        longest = policy.longest
        until = counting.after(self.at, longest.seconds, working_time=longest.working_time)
        return PauseTerms(why=policy.reason, until=until, clocks=policy.clocks)
