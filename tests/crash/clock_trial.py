"""One trial of the clocks: notices fall due and departments report while the city is harmed."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from schemas.codec import decode_fact
from schemas.facts import Fact
from schemas.messages import ProgressReport
from schemas.notices import Notice
from schemas.policy import Budget, DepartmentPolicy, EscalationStep, PausePolicy, Policy
from schemas.vocabulary import CaseId, Deed, PauseReason
from tests.crash.city import City, Short
from tests.crash.kills import AtRandom, Away, Harm
from tests.crash.oracle import settled
from tests.crash.reckoned import Owed, Said, owed, said
from tests.crash.storm import Message, Storm, report

TWICE = ("sla-timer", "router-intake", "router-progress")
VICTIMS = (
    *TWICE,
    *(f"{worker}-2" for worker in TWICE),
    "router-repairs",
    "projector",
    "accountant",
    "dispatcher",
    "edge",
)
SHORT = Short("TRN-02", first_response_seconds=10, resolution_seconds=15)
DEPARTMENT = "taxi"
WEATHER = PauseReason("weather")
PAUSED_SECONDS_MAX = 4
WARN_PERCENTS = (50, 80)
LOOK_SECONDS = 0.25
# What is reported of every tenth case, and how many seconds after it was submitted.
PLANS: Mapping[int, tuple[tuple[float, Deed], ...]] = {
    0: ((9.3, "acknowledged"),),  # Just before the first deadline, as are the next two.
    1: ((9.5, "resolved"),),
    2: ((9.7, "acknowledged"), (14.5, "resolved")),
    3: ((1.0, "paused"),),
    4: ((1.0, "paused"), (3.0, "resumed")),
    5: ((14.5, "paused"), (17.0, "resolved")),  # Just before the last deadline.
    6: ((10.5, "acknowledged"), (14.5, "resolved")),
}


def steep(policy: Policy) -> Policy:
    """Clocks of seconds for one category, a ladder of seconds for all, and a pause of seconds."""
    shortened = SHORT(policy)
    return replace(
        shortened,
        categories=tuple(replace(one, warn_percents=WARN_PERCENTS) for one in shortened.categories),
        departments=tuple(_steep(one) for one in shortened.departments),
        budgets=(),
        pauses=(
            PausePolicy(
                reason=WEATHER,
                title_fa="هوا",
                title_en="weather",
                longest=Budget(seconds=PAUSED_SECONDS_MAX, working_time=False),
                clocks=("resolution", "holding"),
            ),
        ),
    )


def _steep(department: DepartmentPolicy) -> DepartmentPolicy:
    after = (Budget(seconds=seconds, working_time=False) for seconds in (1, 2))
    roles = ("head", "deputy")
    steps = (EscalationStep(role=role, after=one) for role, one in zip(roles, after, strict=True))
    return replace(department, holding=None, escalation=tuple(steps))


@dataclass(slots=True)
class ClockTrial:
    """What was sent, done and found. Its name tells its cases from those of other trials."""

    city: City
    storm: Storm
    harm: Harm
    name: str
    wrong: list[str] = field(default_factory=list[str])
    counted: Counter[str] = field(default_factory=Counter[str])
    began_at: float = field(default_factory=time.monotonic)
    _plans: list[tuple[float, ProgressReport]] = field(
        default_factory=list[tuple[float, ProgressReport]]
    )
    _sent: int = 0

    async def run(self, a_second: int, sending_seconds: int, harm_seconds: float) -> None:
        """Sends so many cases a second while the harm is done, and reckons when all is over."""
        await self.city.publish(steep)
        await asyncio.sleep(2)  # The version counts from the next second on, and everywhere.
        sending = asyncio.create_task(self._send(a_second, sending_seconds))
        # Half of the cases reach their departments in peace, so that these can report in time.
        await asyncio.sleep(sending_seconds / 2)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.harm.work(harm_seconds))
            tasks.create_task(self._report_until(sending))
        assert self.storm.refused == [], self.storm.refused[:5]
        await settled(self.city)
        await self._reckon()

    def lines(self) -> list[str]:
        return [
            f"{self.name}, {self.harm.done.total()} times: {dict(self.harm.done)}",
            f"{self._sent} cases, {time.monotonic() - self.began_at:.0f} s",
            f"found: {dict(self.counted)}",
            f"wrong: {len(self.wrong)} {self.wrong[:5]}",
        ]

    async def _send(self, a_second: int, seconds: int) -> None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(seconds):
                tasks.create_task(self._chunk(a_second))
                await asyncio.sleep(1)

    async def _chunk(self, size: int) -> None:
        numbers = range(self._sent, self._sent + size)
        self._sent += size
        messages = {
            number: Message(reference=f"{self.name}-{number}", category=SHORT.category)
            for number in numbers
        }
        await self.storm.burst(messages.values())
        for number, message in messages.items():
            case_id = self.storm.taken[message.reference]
            for after, did in PLANS.get(number % 10, ()):
                self._plans.append((after, _reported(case_id, did)))

    async def _report_until(self, sending: asyncio.Task[None]) -> None:
        """Says what is planned at its time, until all is sent and all of it said."""
        while self._plans or not sending.done():
            ready = await self._ready()
            self._plans = [plan for plan in self._plans if plan[1] not in ready]
            if ready:
                await report(self.city, ((DEPARTMENT, one) for one in ready))
            await asyncio.sleep(LOOK_SECONDS)
        await sending

    async def _ready(self) -> list[ProgressReport]:
        """A department reports on what it has been told of, and on nothing else."""
        rows = await self.city.rows(
            "select case_id, now() - recorded_at as age from cases where department is not null"
        )
        ages = {row["case_id"]: row["age"].total_seconds() for row in rows}
        return [one for after, one in self._plans if after <= ages.get(one.case_id, -1.0)]

    async def _reckon(self) -> None:
        histories: defaultdict[CaseId, list[tuple[Fact, str]]] = defaultdict(list)
        for row in await self.city.rows(
            "select fact::text as fact, judgement from facts order by log_partition, log_offset"
        ):
            fact = decode_fact(row["fact"])
            histories[fact.case_id].append((fact, row["judgement"]))
        states: defaultdict[CaseId, dict[str, str]] = defaultdict(dict)
        for row in await self.city.rows("select case_id, kind, state from clocks"):
            states[row["case_id"]][row["kind"]] = row["state"]
        for name in self.storm.taken.values():
            case_id = CaseId(name)
            self.wrong += self._wrong_of(case_id, histories[case_id], states[case_id])

    def _wrong_of(
        self, case_id: CaseId, history: Sequence[tuple[Fact, str]], states: Mapping[str, str]
    ) -> Iterator[str]:
        notices = [(fact, verdict) for fact, verdict in history if isinstance(fact, Notice)]
        self.counted.update(f"{verdict} notices" for _, verdict in notices)
        effective = Counter(said(fact) for fact, verdict in notices if verdict == "effective")
        self.counted.update(what for _, what, _, _ in effective)
        reckoned = owed([fact for fact, _ in history])
        for fact, _ in notices:
            if fact.recorded_at < fact.due_at:
                yield f"{case_id}: {fact.fact_id} is early"
            if fact.unconfirmed:
                yield f"{case_id}: {fact.fact_id} is not confirmed"
        for one in _differing(effective, reckoned):
            yield f"{case_id}: {one}"
        self.counted.update(f"{one} {kind}" for kind, one in reckoned.verdicts.items())
        if states != reckoned.verdicts:
            yield f"{case_id} is {states}, not {reckoned.verdicts}"


def killing(city: City, seed: int) -> ClockTrial:
    chance = Random(seed)  # noqa: S311 - which process dies is no secret
    return ClockTrial(city, Storm(city), AtRandom(city, VICTIMS, chance), "killed")


def away(city: City) -> ClockTrial:
    return ClockTrial(city, Storm(city), Away(city, ("kafka", "postgres")), "away")


def _differing(effective: Counter[Said], reckoned: Owed) -> Iterator[str]:
    yield from (f"{one} is missing" for one in reckoned.must - effective.keys())
    yield from (f"{one} is not owed" for one in effective.keys() - reckoned.must - reckoned.may)
    yield from (f"{one} was said {times} times" for one, times in effective.items() if times > 1)


def _reported(case_id: str, did: Deed) -> ProgressReport:
    return ProgressReport(
        case_id=CaseId(case_id),
        did=did,
        reference=f"{did}-{case_id}",
        reason=WEATHER if did == "paused" else None,
    )
