"""A city in which a case may live through everything, and what anybody may report of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from schemas.fact_parts import Source
from schemas.messages import ProgressReport, ReportedPart
from schemas.policy import BodyPolicy, DepartmentPolicy, DistrictRule, PausePolicy, Policy
from schemas.topics import PROGRESS_DESK
from schemas.vocabulary import (
    DEEDS,
    ROLES,
    WAITING_FOR_CITIZEN,
    Author,
    Body,
    CaseId,
    Category,
    Deed,
    Department,
    District,
    PauseReason,
    Role,
)
from streams.core.case import Case
from streams.core.in_force import ready, with_version
from streams.core.permissions import MAY
from streams.core.terms import terms
from tests.builders import CENTRE, PARKS, source
from tests.builders import CITY as HASHTGERD
from tests.calendars import every_day
from tests.steering import LADDER, ROADS, city, real, working

FIRST = CaseId("a" * 32)
SECOND = CaseId("b" * 32)
ABOVE = Department("khadamat")
LIGHTS, HOLES, UNCLEAR = Category("GRN-02"), Category("CIV-01"), Category("OTH-01")
WEATHER = PauseReason("weather")
WATER, GAS = Body("water"), Body("gas")
EAST = District("east")
TRANSFERS_MAX = 3
SILENCE, WINDOW = 600, 1_800
WORDS = "آنچه گفته شد"
OF_DEPARTMENTS: frozenset[Role] = frozenset({"member", "head", "deputy"})
OF_CITIZENS: frozenset[Role] = frozenset({"citizen", "channel"})


def _department(one: DepartmentPolicy) -> DepartmentPolicy:
    under = one.department in {PARKS, ROADS}
    return replace(one, escalation=LADDER, deputy=ABOVE if under else None)


def living_city() -> Policy:
    """Parks and roads stand below a deputy's office; lamps are shown by a photo."""
    hours = every_day("UTC", ("12:05", "12:20"), ("12:30", "12:50"), ("13:00", "24:00"))
    plain = city(hours, answer=real(300), done=working(900), held=working(600))
    (some, *_) = plain.departments
    office = replace(some, department=ABOVE, title_fa=ABOVE, title_en=ABOVE)
    return replace(
        plain,
        departments=tuple(_department(one) for one in (*plain.departments, office)),
        categories=tuple(
            replace(one, shown=("photo",)) if one.category == LIGHTS else one
            for one in plain.categories
        ),
        pauses=tuple(
            PausePolicy(
                reason=one,
                title_fa=one,
                title_en=one,
                longest=working(400),
                clocks=("resolution", "holding"),
            )
            for one in (WEATHER, WAITING_FOR_CITIZEN)
        ),
        bodies=(
            BodyPolicy(body=WATER, title_fa="آبفا", title_en="Water", contact="122", pause=WEATHER),
            BodyPolicy(body=GAS, title_fa="گاز", title_en="Gas", contact="194"),
        ),
        districts=(DistrictRule(district=EAST, department=PARKS, goes_to=ROADS),),
        transfers_max=TRANSFERS_MAX,
        dispute_within=real(WINDOW),
        silence=real(SILENCE),
    )


LIVING_CITY = living_city()
TERMS = {LIVING_CITY.version: terms(LIVING_CITY)}
PUBLISHED = with_version({}, ready(LIVING_CITY))
DESK_SOURCE: Source = source(inbox=PROGRESS_DESK)

# What goes with a deed, sensible more often than not.
WITH: Mapping[Deed, Mapping[str, st.SearchStrategy[Any]]] = {
    "paused": {"reason": st.sampled_from((WEATHER, WAITING_FOR_CITIZEN))},
    "transfer-requested": {
        "why": st.sampled_from(("wrong-department", "wrong-district")),
        "to": st.sampled_from((None, PARKS, ROADS, ABOVE, CENTRE)),
        "category": st.sampled_from((None, None, LIGHTS, HOLES)),
        "district": st.sampled_from((None, None, EAST)),
    },
    "reclassified": {
        "category": st.sampled_from((LIGHTS, HOLES, UNCLEAR)),
        "new_promises": st.booleans(),
    },
    "resolved": {
        "evidence": st.sampled_from(((), ("photo:1",), ("photo:1",), ("photo:1", "document:2")))
    },
    "closed-without-action": {"why": st.sampled_from(("not-ours", "no-action-needed"))},
    "noted": {"visibility": st.sampled_from((None, "public", "internal"))},
    "handed-over": {"body": st.sampled_from((WATER, GAS)), "body_reference": st.just("W-1")},
    "handed-over-answered": {"answer": st.sampled_from(("accepted", "done", "refused"))},
    "split": {
        "parts": st.just((ReportedPart(text=WORDS, category=HOLES), ReportedPart(text=WORDS)))
    },
    "rated": {"stars": st.integers(1, 5)},
}


SENSIBLE: Mapping[Deed, tuple[Role, ...]] = {
    did: tuple(role for role in ROLES if did in MAY[role]) for did in DEEDS
}
"""Who may say it at all."""


@st.composite
def reports(draw: st.DrawFn, did: Deed, role: Role, case: Case) -> ProgressReport:
    """What somebody of that role says at the desk, as the edge would put it there."""
    assert case.submitted is not None, "what is spoken of was submitted"
    with_it = {name: draw(value) for name, value in WITH.get(did, {}).items()}
    brought = case.submitted.author if draw(st.integers(0, 3)) else Author("another-channel")
    office = st.sampled_from((PARKS, ROADS, ABOVE, CENTRE))
    department = case.department if draw(st.integers(0, 3)) else draw(office)
    own = role in OF_DEPARTMENTS or did in {"acknowledged", "resolved", "closed-without-action"}
    return ProgressReport(
        case_id=case.case_id,
        did=did,
        municipality=HASHTGERD,
        role=role,
        author=brought if role == "channel" else Author(f"staff/{role}"),
        department=department if own else None,
        note=draw(st.sampled_from((None, WORDS, WORDS, WORDS))),
        **with_it,
    )
