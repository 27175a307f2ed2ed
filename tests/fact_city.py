"""A city behind the doors for what is said of a case: what they append is folded at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter

from schemas.codec import Headers, decode
from schemas.exposition import Meters
from schemas.fact_parts import Source
from schemas.facts import Fact
from schemas.messages import ProgressReport
from schemas.policy import (
    BodyPolicy,
    Budget,
    DepartmentPolicy,
    EscalationStep,
    PausePolicy,
    Policy,
)
from schemas.shown import EDGE
from schemas.topics import PROGRESS_DESK, ProgressInbox
from schemas.vocabulary import Author, Body, CaseId, Department, FactId, Municipality, PauseReason
from services.api.limits import AddressLimit
from services.api.spoken_of import CaseSpokenOf, JudgedFact
from services.api.track import same_phone
from services.edge.callers import EdgeCallers
from services.http.access import Callers
from services.http.application import application
from services.http.asgi import Edge
from services.http.problems import unavailable
from services.intake.deeds.door import FactDoor
from services.intake.deeds.routes import fact_routes
from services.intake.deeds.terms import TermsInForce
from services.kafka import KafkaAwayError
from streams.core.case import Case, Judgement, Positioned
from streams.core.fold import step
from streams.core.ids import read_tracking_code
from streams.core.reporting import reported
from streams.core.terms import Terms, terms
from tests.builders import CITY, PARKS, after, routed, submitted
from tests.edges import HMAC_KEY, Caller
from tests.fact_callers import KEYS
from tests.policies import policy

FANI = Department("fani")
URBAN = Department("urban")
BOSTON = Municipality("boston")
HOUR = Budget(seconds=3_600, working_time=False)
PHONE = "09120004321"


def living(**changed: Any) -> Policy:  # noqa: ANN401  # any field of a policy
    """Parks stands below the deputy's office `urban`; works (`fani`) stands below nobody."""
    small = policy()
    steps = (EscalationStep(role="head", after=HOUR), EscalationStep(role="deputy", after=HOUR))
    departments = [
        replace(one, deputy=URBAN if one.department == PARKS else None, escalation=steps)
        for one in small.departments
    ]
    urban = DepartmentPolicy(department=URBAN, title_fa=URBAN, title_en=URBAN, contact="137")
    return replace(
        small,
        departments=(*departments, urban),
        pauses=(
            PausePolicy(
                reason=PauseReason("weather"),
                title_fa="هوا",
                title_en="weather",
                longest=HOUR,
                clocks=("resolution",),
            ),
        ),
        bodies=(BodyPolicy(body=Body("water"), title_fa="آبفا", title_en="Water", contact="194"),),
        dispute_within=Budget(seconds=10 * 86_400, working_time=False),
        silence=Budget(seconds=5 * 86_400, working_time=False),
        **changed,
    )


def elsewhere() -> Policy:
    return replace(living(), version="boston/2026-01-01T00:00:00Z", municipality=BOSTON)


def case_number(number: int) -> CaseId:
    return CaseId(f"{number:032b}".translate(str.maketrans("01", "ab")))


def code_number(number: int) -> str:
    every = (f"{number:014d}{digit}" for digit in range(10))
    return next(one for one in every if read_tracking_code(one))


@dataclass(slots=True)
class FactCity:
    """The log of some cases, folded as it grows. `slow`: nothing is judged before `catch_up`."""

    policies: tuple[Policy, ...] = field(default_factory=lambda: (living(), elsewhere()))
    away: bool = False
    blind: bool = False
    slow: bool = False
    cases: dict[CaseId, Case] = field(default_factory=dict[CaseId, Case])
    phones: dict[CaseId, str] = field(default_factory=dict[CaseId, str])
    judged_facts: dict[tuple[CaseId, FactId], JudgedFact] = field(
        default_factory=dict[tuple[CaseId, FactId], JudgedFact]
    )
    said: list[ProgressReport] = field(default_factory=list[ProgressReport])
    raw: list[tuple[bytes, Headers]] = field(default_factory=list[tuple[bytes, Headers]])
    now: datetime = field(default_factory=lambda: after(600))
    looked: int = 0
    _waiting: list[ProgressReport] = field(default_factory=list[ProgressReport])
    _offset: int = 0

    @property
    def terms(self) -> dict[str, Terms]:
        return {one.version: terms(one) for one in self.policies}

    def policy_of(self, municipality: str) -> Policy | None:
        return next((one for one in self.policies if one.municipality == municipality), None)

    def open(
        self,
        number: int,
        *,
        department: Department = PARKS,
        municipality: Municipality = CITY,
        author: str = "app",
        code: int | None = None,
        phone: str = PHONE,
    ) -> CaseId:
        """A case that was submitted and routed."""
        told = submitted(case_number(number), at=after(number))
        told = replace(
            told,
            author=Author(author),
            municipality=municipality,
            tracking_code=code_number(number if code is None else code),
        )
        version = self.policy_of(municipality)
        assert version is not None
        where = replace(
            routed(told, department=department),
            municipality=municipality,
            policy_version=version.version,
        )
        self.phones[told.case_id] = phone
        self.fold(told, where)
        return told.case_id

    def submit(self, number: int) -> CaseId:
        """A case that has no department yet."""
        told = replace(submitted(case_number(number)), tracking_code=code_number(number))
        self.fold(told)
        return told.case_id

    def fold(self, *facts: Fact) -> None:
        for fact in facts:
            case = self.cases.get(fact.case_id, Case(case_id=fact.case_id))
            positioned = Positioned(offset=self._offset, fact=fact)
            self.cases[fact.case_id], judgement = step(case, positioned, self.terms)  # type: ignore[arg-type]  # a version is a text
            self._keep(fact, judgement)
            self._offset += 1

    def _keep(self, fact: Fact, judgement: Judgement) -> None:
        if judgement.verdict == "duplicate":
            return
        self.judged_facts.setdefault(
            (fact.case_id, fact.fact_id),
            JudgedFact(verdict=judgement.verdict, version=self._offset, refusal=judgement.refusal),
        )

    # The inbox, with a router and a projector behind it.

    async def append(
        self,
        topic: str,
        *,
        key: str,
        value: bytes,
        headers: Headers,
        partition: int | None = None,
    ) -> None:
        assert partition is None
        if self.away:
            raise KafkaAwayError("Kafka did not acknowledge in time")
        assert topic == PROGRESS_DESK
        report = decode(value, ProgressReport)
        assert report.case_id == key
        self.said.append(report)
        self.raw.append((value, headers))
        self._waiting.append(report)
        if not self.slow:
            self.catch_up()

    def catch_up(self) -> None:
        for report in self._waiting:
            lies = Source(inbox=PROGRESS_DESK, generation=1, partition=0, offset=len(self.said))
            inbox = ProgressInbox(topic=PROGRESS_DESK)
            published = {one.municipality: (terms(one),) for one in self.policies}
            self.fold(reported(report, inbox, lies, self.now, None, published))
        self._waiting.clear()

    # The projection.

    async def known(self, case_id: str) -> CaseSpokenOf | None:
        if self.blind:
            raise unavailable("The database does not answer.", retry_after_seconds=2)
        case = self.cases.get(CaseId(case_id))
        return None if case is None else _spoken_of(case)

    async def with_code(
        self, code: str, *, municipality: str | None, phone_last_digits: str | None
    ) -> Sequence[CaseSpokenOf]:
        digits = read_tracking_code(code)
        found = [
            case
            for case in self.cases.values()
            if case.submitted is not None
            and case.submitted.tracking_code == digits
            and municipality in {None, case.submitted.municipality}
        ]
        if len(found) > 1 and phone_last_digits is not None:
            found = [
                one for one in found if same_phone(self.phones[one.case_id], phone_last_digits)
            ]
        return [_spoken_of(one) for one in found]

    async def judged(self, case_id: CaseId, fact_id: FactId) -> JudgedFact | None:
        if self.blind:
            raise unavailable("The database does not answer.", retry_after_seconds=2)
        self.looked += 1
        return self.judged_facts.get((case_id, fact_id))

    # The door.

    def door(self, callers: Callers | None = None, *, per_minute: int = 100_000) -> FactDoor:
        return FactDoor(
            inboxes=self,
            cases=self,
            find_terms=TermsInForce(self.policy_of),
            callers=callers or EdgeCallers(keys=KEYS, sessions=KEYS, find_policy=self.policy_of),
            limit=AddressLimit(per_minute),
            hmac_key=HMAC_KEY,
            now=lambda: self.now,
            meters=Meters(EDGE),
        )

    def caller(self, **how: Any) -> Caller:  # noqa: ANN401
        door = self.door(**how)
        return Caller(edge(door, fact_routes(door)))

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def edge(door: FactDoor, *routers: APIRouter) -> Edge:
    return Edge(application(routers, title="test"), door.meters)


def _spoken_of(case: Case) -> CaseSpokenOf:
    assert case.submitted is not None
    return CaseSpokenOf(
        case_id=case.case_id,
        municipality=case.submitted.municipality,
        department=case.department,
        version=case.version,
        recorded_at=case.submitted.recorded_at,
        parent=case.parent,
        author=case.submitted.author,
    )
