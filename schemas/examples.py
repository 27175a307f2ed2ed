"""One full and one least example of every type: documentation, and what a release must decode."""

from dataclasses import replace
from datetime import timedelta

from schemas.contents import Evidence
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
from schemas.fact_parts import Area
from schemas.facts import Steering
from schemas.messages import ImportedClosing
from schemas.policy import ImportPolicy
from schemas.steering import InformationRequested, Reclassified, TransferRequested
from schemas.vocabulary import Author, CaseId, District

OFFICE = ESCALATIONS[0].department


def _fuller(fact: Steering) -> Steering:
    """The same fact with all that may be in it."""
    full = replace(fact, department=PARKS, if_version=5_012, note=SEALED)
    match full:
        case InformationRequested():
            return replace(full, pause=ASKED)
        case TransferRequested():
            return replace(full, to=SEWERS)
        case Reclassified():
            return replace(full, new_promises=True)
        case _:
            return full


EXAMPLES: dict[str, tuple[object, ...]] = {
    "case.submitted.v1": (
        SUBMITTED,
        replace(
            SUBMITTED,
            category_chosen=LIGHTS,
            district=District("2"),
            area=Area(lat=35.96, lon=50.68),
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
    "case.acknowledged.v1": (
        ACKNOWLEDGED,
        replace(ACKNOWLEDGED, if_version=5_012, note=SEALED),
    ),
    "case.resolved.v1": (
        RESOLVED,
        replace(
            RESOLVED, evidence=SEALED, if_version=5_012, occurred_at=AT, occurred_at_counts=True
        ),
    ),
    "case.closed-without-action.v1": (
        CLOSED,
        replace(CLOSED, evidence=SEALED, if_version=5_012, occurred_at=AT, occurred_at_counts=True),
    ),
    "case.deadline-set.v1": (DEADLINE_SET, PROMISED_ANEW),
    "case.breach-voided.v1": (BREACH_VOIDED,),
    **{one.type: (one, _fuller(one)) for one in STEERING},
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
            evidence=("photo-1",),
            if_version=5_012,
            department=PARKS,
            municipality=CITY,
            author=Author("desk"),
        ),
        replace(REPORT, did="paused", reason=ASKED.why),
        replace(REPORT, did="transfer-requested", why="wrong-department", to=PARKS),
        replace(REPORT, did="linked", parent=CaseId("nfxgk3tfmrqxiylumnqxezlpovzgkzdb")),
        replace(REPORT, did="reclassified", category=LIGHTS, new_promises=True),
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
    ),
    "content": (CONTENT, replace(CONTENT, place=PLACE, reporter=REPORTER)),
    "evidence": (Evidence(), Evidence(note="لامپ‌ها عوض شد", evidence=("photo-1",))),
    "policy": (
        POLICY,
        replace(POLICY, imports=(ImportPolicy(system="former-system", times="claimed"),)),
    ),
}
