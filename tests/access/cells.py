"""Every cell of who says what of whose case, and what is to come of it by the one table, `MAY`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from schemas.vocabulary import DEEDS, ROLES, CaseId, Deed, Department, Municipality, Role
from streams.core.permissions import MAY, Reach
from tests.builders import CITY, PARKS
from tests.fact_city import BOSTON, FANI, URBAN, case_number

NURSERY = Department("nursery")
APP = "app"
OTHER_APP = "other-app"

Relation = Literal[
    "own",
    "below",
    "other department",
    "other municipality",
    "theirs",
    "theirs elsewhere",
    "another's",
]
Outcome = Literal["taken", "403", "404", "422"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One case: where it is, and who brought it."""

    number: int
    department: Department
    municipality: Municipality = CITY
    author: str = OTHER_APP

    @property
    def case_id(self) -> CaseId:
        return case_number(self.number)


EARLIEST = Place(number=1, department=PARKS)
"""What another may follow; nobody speaks of it."""
IN_PARKS = Place(number=2, department=PARKS)
IN_NURSERY = Place(number=3, department=NURSERY)
IN_URBAN = Place(number=4, department=URBAN)
IN_WORKS = Place(number=5, department=FANI)
ABROAD = Place(number=6, department=PARKS, municipality=BOSTON)
BROUGHT = Place(number=7, department=PARKS, author=APP)
BROUGHT_ABROAD = Place(number=8, department=PARKS, municipality=BOSTON, author=APP)
PLACES = (
    EARLIEST,
    IN_PARKS,
    IN_NURSERY,
    IN_URBAN,
    IN_WORKS,
    ABROAD,
    BROUGHT,
    BROUGHT_ABROAD,
)
# Parks stands below the deputy's office, and the nursery below parks.
_OF_PARKS: Mapping[Relation, Place] = {
    "own": IN_PARKS,
    "below": IN_NURSERY,
    "other department": IN_WORKS,
    "other municipality": ABROAD,
}
_OF_A_CITIZEN: Mapping[Relation, Place] = {
    "theirs": BROUGHT,
    "theirs elsewhere": BROUGHT_ABROAD,
    "another's": IN_PARKS,
}
CASES: Mapping[Role, Mapping[Relation, Place]] = {
    **dict.fromkeys(ROLES, _OF_PARKS),
    "deputy": {**_OF_PARKS, "own": IN_URBAN},
    "channel": _OF_A_CITIZEN,
    "citizen": _OF_A_CITIZEN,
}
SPEAKS_FOR: Mapping[Role, Department | None] = {
    **dict.fromkeys(ROLES, None),
    "member": PARKS,
    "head": PARKS,
    "deputy": URBAN,
}
_CITY: frozenset[Relation] = frozenset({"own", "below", "other department"})
_THEIRS: frozenset[Relation] = frozenset({"theirs", "theirs elsewhere"})
SEES: Mapping[Role, frozenset[Relation]] = {
    **dict.fromkeys(ROLES, _CITY),
    "member": frozenset({"own"}),
    "head": frozenset({"own"}),
    "deputy": frozenset({"own", "below"}),
    "channel": _THEIRS,
    "citizen": _THEIRS,
}
REACHES: Mapping[Reach, frozenset[Relation]] = {
    "own": frozenset({"own"}),
    "below": frozenset({"own", "below"}),
    "any": _CITY,
    "theirs": _THEIRS,
}
GOES_WITH: Mapping[Deed, Mapping[str, Any]] = {
    "paused": {"reason": "weather"},
    "transfer-requested": {"why": "wrong-department", "to": "ravabet"},
    "linked": {"parent": EARLIEST.case_id},
    "reclassified": {"category": "CIV-01"},
    "closed-without-action": {"why": "not-ours"},
    "reopened": {"note": "خاموش است"},
    "noted": {"note": "دو چراغ"},
    "handed-over": {"body": "water"},
    "handed-over-answered": {"answer": "done"},
    "split": {"parts": ({"text": "چراغ"}, {"text": "چاله"})},
    "rated": {"stars": 4},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One role that says one thing of one case."""

    role: Role
    deed: Deed
    relation: Relation

    def __str__(self) -> str:
        return f"{self.role} {self.deed} {self.relation}"

    @property
    def place(self) -> Place:
        return CASES[self.role][self.relation]

    @property
    def permitted(self) -> bool:
        reach = MAY[self.role].get(self.deed)
        return reach is not None and self.relation in REACHES[reach]

    @property
    def expected(self) -> Outcome:
        if self.permitted:
            return "taken"
        if self.role == "citizen" and self.deed not in MAY["citizen"]:
            # The citizen's door has no word for the city's work.
            return "422"
        return "403" if self.relation in SEES[self.role] else "404"


CELLS = tuple(
    Cell(role=role, deed=deed, relation=relation)
    for role in ROLES
    for deed in DEEDS
    for relation in CASES[role]
)
