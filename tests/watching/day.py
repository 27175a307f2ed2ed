"""A known day of a city: what is sent, what goes wrong, and how it ends."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from schemas.messages import ProgressReport
from schemas.policy import Budget, CategoryPolicy, EscalationStep, PausePolicy, Policy
from schemas.topics import adapter_intake_of, department_of
from schemas.vocabulary import CaseId, Deed, Department, PauseReason
from tests.apart import place_of
from tests.crash.city import City, stop_process, until, wake_process
from tests.crash.storm import CITY, NO_CERTIFICATES, report
from tests.embedded.running import command
from tests.policy.files import written

WEATHER = PauseReason("weather")
ANOTHER = "testshahr"
DEAD = Department("fire")
STOPPED = "router-progress"
TAKES_NOTHING, TAKES_ALL = 1, 1 << 20
HOURS = 8 * 3_600
# Seconds to the first response and to the resolution, where they are not hours.
CLOCKS = {"EMG-01": (4, 8), "CLN-02": (4, 8), "TRN-01": (1_800, HOURS)}
SETTLED_SECONDS_MAX = 60.0
SUBMIT_SECONDS_MAX = 20.0


def hasty(policy: Policy) -> Policy:
    """Clocks of seconds for some categories and of hours for the others, none by a calendar."""
    step = EscalationStep(role="head", after=_real(1))
    return replace(
        policy,
        categories=tuple(_hasty(one) for one in policy.categories),
        departments=tuple(
            replace(one, holding=None, escalation=(step,)) for one in policy.departments
        ),
        budgets=(),
        pauses=(
            PausePolicy(
                reason=WEATHER,
                title_fa="هوا",
                title_en="weather",
                longest=_real(HOURS),
                clocks=("resolution",),
            ),
        ),
    )


def _hasty(one: CategoryPolicy) -> CategoryPolicy:
    first, whole = CLOCKS.get(one.category, (HOURS, 2 * HOURS))
    return replace(one, first_response=_real(first), resolution=_real(whole))


def _real(seconds: int) -> Budget:
    return Budget(seconds=seconds, working_time=False)


@dataclass(slots=True)
class Day:
    """What was sent so far: the cases by the names that the plan gives them."""

    city: City
    cases: dict[str, str] = field(default_factory=dict[str, str])

    async def morning(self) -> None:
        """Cases come in. One department's topic takes nothing; another one acts too late."""
        await self.city.publish(hasty)
        await _limit(self.city, department_of(CITY, DEAD), TAKES_NOTHING)
        await asyncio.sleep(2)  # The version counts from the next second on, and everywhere.
        await self._citizens()
        await _put_unreadable(self.city)
        await self._routed()
        await self._say("taxi", "acknowledged", "good-1", "good-2", "good-3")
        await self._say("taxi", "resolved", "good-1", "good-2")
        await self._say("parks", "paused", "wet-1", "wet-2", reason=WEATHER)
        await self._pass_on("good-4")
        await asyncio.sleep(max(CLOCKS["CLN-02"]))
        await self._say("pasmand", "acknowledged", "late-1", "late-2")
        await self._say("pasmand", "resolved", "late-1")
        await self._settled()
        self._by_hand("good-1", "reopened", "--note", "the light is out again")
        assert await self._by_http("good-2", "confirmed") == httpx.codes.ACCEPTED
        # What is to be noted is not said.
        assert await self._by_http("good-2", "noted") == httpx.codes.UNPROCESSABLE_ENTITY
        self._by_hand("good-2", "rated", "--stars", "4")
        self._by_hand("good-5", "linked", "--parent", self.cases["good-2"])
        await self._settled()

    async def noon(self) -> None:
        """Whoever writes down what departments report stands still, and they report."""
        assert stop_process(self._pid(STOPPED))
        await self._say("pasmand", "resolved", "late-2")
        await self._say("taxi", "resolved", "good-3")

    async def another_municipality(self, folder: Path) -> None:
        """An operator publishes its policy."""
        done = command("policy", "publish", str(written(folder)), data=self.city.data)
        assert done.returncode == 0, done.stderr

    async def somebody_there(self) -> None:
        """Reports something."""
        await self.submit("new", 1, channel="web", municipality=ANOTHER, category="GRN-01")
        await self._routed()
        await until(self.city.unprojected, 0, SETTLED_SECONDS_MAX, "facts not projected")

    async def evening(self) -> None:
        """All of it ends: it goes on, and the dead department takes its deliveries and acts."""
        wake_process(self._pid(STOPPED))
        await _limit(self.city, department_of(CITY, DEAD), TAKES_ALL)
        await self._say(DEAD, "resolved", "dead-1", "dead-2", "dead-3")
        await self._say("parks", "resumed", "wet-1")
        await self._say("ravabet", "resolved", "whose-1", "whose-2")
        await self._settled()
        await until(self._parked, 0, SETTLED_SECONDS_MAX, "deliveries that are tried again")

    async def submit(self, name: str, count: int, *, municipality: str = CITY, **more: str) -> None:
        """So many cases, named NAME-1 and so on."""
        headers = {"Authorization": f"Bearer {self.city.keys['intake']}"}
        async with self._edge(headers) as client:
            for one in (f"{name}-{number}" for number in range(1, count + 1)):
                body = {**_body(one), "municipality": municipality, "source_ref": one, **more}
                answer = await client.post("/intake/v1/cases", json=body)
                assert answer.status_code == httpx.codes.ACCEPTED, answer.text
                self.cases[one] = answer.json()["case_id"]

    async def _citizens(self) -> None:
        await self.submit("dead", 3, channel="phone", category="EMG-01")
        await self.submit("late", 2, channel="phone", category="CLN-02")
        await self.submit("good", 5, channel="app", category="TRN-02")
        await self.submit("soon", 2, channel="web", category="TRN-01")
        await self.submit("wet", 3, channel="web", category="GRN-02")
        await self.submit("whose", 2, channel="web", category="OTH-01")
        await self._turned_away()

    async def _turned_away(self) -> None:
        """One message is for a city that there is not, one is by a key that there is not."""
        intake = f"Bearer {self.city.keys['intake']}"
        wrong = ((intake, {"municipality": "nowhere"}, 422), ("Bearer nobody's", {}, 401))
        for authorization, more, status in wrong:
            async with self._edge({"Authorization": authorization}) as client:
                body = {**_body("wrong"), "channel": "web", **more}
                answer = await client.post("/intake/v1/cases", json=body)
                assert answer.status_code == status, answer.text

    def _edge(self, headers: Mapping[str, str]) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.city.url,
            headers=headers,
            timeout=SUBMIT_SECONDS_MAX,
            verify=NO_CERTIFICATES,
        )

    async def _say(
        self, department: str, did: Deed, *names: str, reason: PauseReason | None = None
    ) -> None:
        said = [replace(_report(self.cases[one], did), reason=reason) for one in names]
        await report(self.city, [(department, one) for one in said])

    async def _pass_on(self, name: str) -> None:
        """It was the bus organisation's all along."""
        said = _report(self.cases[name], "transfer-requested")
        passed = replace(said, to=Department("otobus"), why="wrong-department")
        await report(self.city, [("taxi", passed)])

    def _by_hand(self, name: str, *said: str) -> None:
        """What the 137 centre alone may say of a case."""
        done = command("case", "fact", self.cases[name], *said, data=self.city.data)
        assert done.returncode == 0, done.stdout + done.stderr

    async def _by_http(self, name: str, did: Deed) -> int:
        """What the channel that brought a case says for its citizen, and how it is answered."""
        headers = {"Authorization": f"Bearer {self.city.keys['intake']}", "Idempotency-Key": did}
        async with self._edge(headers) as client:
            path = f"/intake/v1/cases/{self.cases[name]}/facts"
            return (await client.post(path, json={"did": did})).status_code

    async def _routed(self) -> None:
        asked = "select count(*) from cases where department is not null"
        wanted = len(self.cases)
        await until(lambda: self.city.value(asked), wanted, SETTLED_SECONDS_MAX, "routed cases")

    async def _settled(self) -> None:
        """Nothing is under way but what a department's topic does not take."""
        city, most = self.city, SETTLED_SECONDS_MAX
        await until(lambda: city.lag("progress"), 0, most, "lag of router progress")
        await until(city.unaccounted, 0, most, "inbox positions without an outcome")
        await until(city.unprojected, 0, most, "facts not projected")
        await until(lambda: city.notices_owed(5), 0, most, "notices owed")
        await until(city.undelivered, 0, most, "deliveries not tried")

    async def _parked(self) -> int:
        return await self.city.value("select count(*) from undelivered")

    def _pid(self, worker: str) -> int:
        pid = self.city.pid(worker)
        assert pid is not None, worker
        return pid


def _body(name: str) -> dict[str, object]:
    return {"municipality": CITY, "text": f"مورد {name}", "place": place_of(name)}


def _report(case_id: str, did: Deed) -> ProgressReport:
    return ProgressReport(case_id=CaseId(case_id), did=did, reference=f"{did}-{case_id}")


async def _put_unreadable(city: City) -> None:
    """An adapter writes what is no message."""
    producer = AIOKafkaProducer(bootstrap_servers=city.kafka)
    await producer.start()
    try:
        await producer.send_and_wait(adapter_intake_of(CITY, "sms-gateway"), b"{")
    finally:
        await producer.stop()


async def _limit(city: City, topic: str, bytes_max: int) -> None:
    """How large a record the topic takes."""
    admin = AIOKafkaAdminClient(bootstrap_servers=city.kafka)
    await admin.start()
    try:
        wanted = {"max.message.bytes": str(bytes_max)}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, wanted)])
    finally:
        await admin.close()
