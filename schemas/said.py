"""What every fact has that somebody says of a case."""

from dataclasses import dataclass

from schemas.fact_parts import Source
from schemas.sealed import Sealed
from schemas.vocabulary import (
    Author,
    CaseId,
    Department,
    FactId,
    Moment,
    Municipality,
    PolicyVersion,
    Role,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Who says it, as what, and of which case.

    `department` is whom the speaker speaks for; without one, it is the municipality. Without a
    `role`, whoever speaks for a department is a member of it, and whoever does not, an operator.
    Free words stand in `note`, sealed. `above_by` is the version of the policy by which the
    speaker is above the department that has the case. `reporter_of` is the case by which a
    citizen speaks, if that one follows this one.
    """

    fact_id: FactId
    case_id: CaseId
    recorded_at: Moment
    source: Source
    author: Author
    municipality: Municipality
    department: Department | None = None
    role: Role | None = None
    if_version: int | None = None
    note: Sealed | None = None
    above_by: PolicyVersion | None = None
    reporter_of: CaseId | None = None
