"""One full and one least example of every type: documentation, and what a release must decode."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from schemas.contents import Evidence
from schemas.example_living import LIVING, UNDISPUTED, WATER
from schemas.example_steering import (
    ASKED,
    BREACH_VOIDED,
    DEADLINE_ORDER,
    ESCALATED,
    ESCALATIONS,
    PAUSE_ENDED,
    PROMISED_ANEW,
    SEWERS,
    STEERING,
)
from schemas.example_values import (
    ACKNOWLEDGED,
    AT,
    BREACHED,
    CALL_ANSWERED,
    CITY,
    CLOSED,
    CONTENT,
    DEAD_LETTER,
    DEADLINE_SET,
    DELIVERY,
    ERASED,
    ERASURE,
    IMPORTED,
    KEY,
    LIGHTS,
    PARKS,
    PLACE,
    POLICY,
    PROMISE,
    REPAIR,
    REPORT,
    REPORTER,
    RESOLVED,
    ROUTED,
    SEALED,
    SUBMISSION,
    SUBMITTED,
    WARNED,
)
from schemas.fact_parts import Area, CasePart
from schemas.facts import Acknowledged, Living, Steering
from schemas.messages import ImportedClosing, ReportedPart
from schemas.policy import ImportPolicy
from schemas.vocabulary import Author, CaseId, District

OFFICE = ESCALATIONS[0].department


# What a full one has beside what anything said may have.
MORE: dict[str, dict[str, Any]] = {
    "case.information-requested.v1": {"pause": ASKED},
    "case.transfer-requested.v1": {"to": SEWERS, "category": LIGHTS, "district": District("2")},
    "case.reclassified.v1": {"new_promises": True},
    "case.linked.v1": {"parent_recorded_at": AT, "because": "14 m away, 3 minutes later"},
    "case.noted.v1": {"visibility": "public"},
    "case.handed-over.v1": {"reference": "W-7/3", "pause": ASKED},
    "case.handed-over-answered.v1": {"reference": "W-7/3"},
    "case.split.v1": {"parts": (CasePart(category=LIGHTS), CasePart())},
}


def _fuller(fact: Acknowledged | Steering | Living) -> Acknowledged | Steering | Living:
    """The same fact with all that may be in it."""
    return replace(
        fact,
        department=PARKS,
        role="deputy",
        if_version=5_012,
        note=SEALED,
        above_by=ROUTED.policy_version,
        reporter_of=CaseId("nfxgk3tfmrqxiylumnqxezlpovzgkzdb"),
        **MORE.get(fact.type, {}),
    )


CLOSED_WITH: dict[str, Any] = {
    "role": "head",
    "evidence": SEALED,
    "if_version": 5_012,
    "occurred_at": AT,
    "occurred_at_counts": True,
    "dispute_until": AT + timedelta(days=30),
    "undisputed_at": AT + timedelta(days=7),
    "policy_version": ROUTED.policy_version,
}
EXAMPLES: dict[str, tuple[object, ...]] = {
    "case.submitted.v1": (
        SUBMITTED,
        replace(
            SUBMITTED,
            category_chosen=LIGHTS,
            district=District("2"),
            area=Area(lat=35.96, lon=50.68),
            part_of=CaseId("nfxgk3tfmrqxiylumnqxezlpovzgkzdb"),
            occurred_at=AT - timedelta(hours=1),
            occurred_at_counts=True,
            historical=True,
        ),
    ),
    "case.routed.v1": (
        replace(ROUTED, promises=()),
        ROUTED,
        replace(ROUTED, promises=(replace(PROMISE, escalations=ESCALATIONS),)),
    ),
    "case.warned.v1": (WARNED, replace(WARNED, unconfirmed=True)),
    "case.breached.v1": (BREACHED, replace(BREACHED, unconfirmed=True)),
    "case.escalated.v1": (ESCALATED, replace(ESCALATED, told=OFFICE, unconfirmed=True)),
    "case.pause-ended.v1": (PAUSE_ENDED, replace(PAUSE_ENDED, unconfirmed=True)),
    "case.undisputed.v1": (UNDISPUTED, replace(UNDISPUTED, unconfirmed=True)),
    "case.resolved.v1": (
        RESOLVED,
        replace(RESOLVED, **CLOSED_WITH, shown=("note", "photo")),
    ),
    "case.closed-without-action.v1": (
        CLOSED,
        replace(CLOSED, **CLOSED_WITH),
    ),
    "case.deadline-set.v1": (DEADLINE_SET, PROMISED_ANEW),
    "case.breach-voided.v1": (BREACH_VOIDED,),
    **{one.type: (one, _fuller(one)) for one in (ACKNOWLEDGED, *STEERING, *LIVING)},
    "case.reporter-erased.v1": (ERASED,),
    "submission.v1": (
        SUBMISSION,
        replace(
            SUBMISSION,
            author=Author("web-form"),
            category=LIGHTS,
            place=PLACE,
            reporter=REPORTER,
            occurred_at=AT,
        ),
    ),
    "progress.v1": (
        REPORT,
        replace(
            REPORT,
            did="resolved",
            reference="work-order-9",
            note="لامپ‌ها عوض شد",
            evidence=("photo:1",),
            if_version=5_012,
            department=PARKS,
            municipality=CITY,
            author=Author("desk"),
        ),
        replace(REPORT, did="paused", reason=ASKED.why),
        replace(REPORT, did="transfer-requested", why="wrong-department", to=PARKS),
        replace(REPORT, did="linked", parent=CaseId("nfxgk3tfmrqxiylumnqxezlpovzgkzdb")),
        replace(REPORT, did="reclassified", category=LIGHTS, new_promises=True),
        replace(REPORT, did="noted", note="دو چراغ", visibility="public", role="operator"),
        replace(REPORT, did="handed-over", body=WATER, body_reference="W-7/3"),
        replace(REPORT, did="handed-over-answered", answer="accepted"),
        replace(
            REPORT,
            did="split",
            parts=(ReportedPart(text="چراغ", category=LIGHTS), ReportedPart(text="چاله")),
        ),
        replace(REPORT, did="rated", stars=5, role="citizen", reporter_of=CaseId("case-2")),
        replace(
            REPORT,
            did="linked",
            parent=CaseId("case-1"),
            parent_recorded_at=AT,
            because="14 m away, 3 minutes later",
        ),
        replace(REPORT, did="transfer-requested", why="wrong-district", district=District("2")),
    ),
    "deadline-order.v1": (
        DEADLINE_ORDER,
        replace(DEADLINE_ORDER, voids=BREACHED.fact_id),
    ),
    "imported-case.v1": (
        IMPORTED,
        replace(
            IMPORTED,
            place=PLACE,
            reporter=REPORTER,
            deadline=AT - timedelta(days=899),
            closing=ImportedClosing(at=AT - timedelta(days=898), without_action="no-action-needed"),
        ),
    ),
    "erasure.v1": (ERASURE,),
    "repair.v1": (REPAIR, replace(REPAIR, why="replay", to_centre=True)),
    "dead-letter.v1": (DEAD_LETTER,),
    "key.v1": (KEY, replace(KEY, phone_index="5e884898da280471")),
    "call-answered.v1": (CALL_ANSWERED, replace(CALL_ANSWERED, category=LIGHTS, seconds=94)),
    "delivery.v1": (
        DELIVERY,
        replace(
            DELIVERY,
            channel="web",
            category=LIGHTS,
            priority="normal",
            problem_report=True,
            clock="first-response",
            percent=75,
            promises=(PROMISE,),
            text="چراغ‌های پارک خاموش است",
            place=PLACE,
        ),
        replace(DELIVERY, kind="rated", stars=4, text="زود آمدند"),
        replace(DELIVERY, kind="refused", refused_for="state", words_fa="این مورد بسته است"),
    ),
    "content": (CONTENT, replace(CONTENT, place=PLACE, reporter=REPORTER)),
    "evidence": (
        Evidence(),
        Evidence(note="لامپ‌ها عوض شد", evidence=("photo:1",), parts=("چراغ",)),
    ),
    "policy": (
        POLICY,
        replace(POLICY, imports=(ImportPolicy(system="former-system", times="claimed"),)),
    ),
}
