"""Those who live in the stories: who calls, who works, who reads, each by their own door."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, TypeVar

import asyncpg
import httpx

from schemas.codec import decode, encode
from schemas.deliveries import Delivery
from schemas.messages import ProgressReport
from schemas.policy import Policy
from schemas.topics import INBOX_BYTES_MAX, department_of, progress_of
from schemas.vocabulary import CaseId, Deed, Department, Municipality
from services.kafka import append, producer
from services.keys.key import new_key
from services.keys.store import add
from tests.crash.city import City, kill_process
from tests.crash.storm import NO_CERTIFICATES
from tests.embedded.running import command

HASHTGERD = Municipality("hashtgerd")
PARKS, FIRE, ROADS, CENTRE = map(Department, ("parks", "fire", "fani", "ravabet"))
SETTLING_SECONDS = 1
PATIENCE_SECONDS = 20.0
LOOK_SECONDS = 0.05
PEOPLE = {
    "phone": ("channel:phone",),
    "operator": ("operator:hashtgerd",),
    "reader": ("read:hashtgerd",),
    "khadamat": ("deputy:hashtgerd/khadamat",),
    **{one: (f"member:hashtgerd/{one}",) for one in (PARKS, FIRE, ROADS)},
}
Document = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What a citizen holds in their hand after they called."""

    case_id: CaseId
    tracking_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How what was said was judged: effective, or refused by a code."""

    effective: bool
    code: str | None = None
    words_fa: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """How a case stood at a moment that is past."""

    at: str
    state: str
    department: str


@dataclass(slots=True)
class Town:
    """A municipality at work. Everything is asked by HTTP and Kafka, as its people would."""

    city: City
    http: httpx.Client
    keys: dict[str, str]
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def calls(self, text: str, *, phone: str, at: tuple[float, float]) -> Reported:
        """A citizen calls 137, and the line writes down what they say."""
        lat, lon = at
        answer = self.http.post(
            "/intake/v1/cases",
            json={
                "municipality": HASHTGERD,
                "channel": "phone",
                "text": text,
                "place": {"lat": lat, "lon": lon, "address": "بلوار مصلی"},
                "reporter": {"phone": phone},
                "source_ref": f"call-{next(self.numbers)}",
            },
            headers=self._as("phone"),
        )
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        said = answer.json()
        return Reported(case_id=CaseId(said["case_id"]), tracking_code=said["tracking_code"])

    def says(
        self, who: str, case: Reported, did: Deed, *, version: int | None = None, **what: object
    ) -> Answer:
        """Somebody with an account says what they did, and waits for what becomes of it."""
        asked = self._as(who) | {
            "Idempotency-Key": f"{who}-{next(self.numbers)}",
            "Prefer": "wait=10",
            **({} if version is None else {"If-Match": f'"{version}"'}),
        }
        path = f"/intake/v1/cases/{case.case_id}/facts"
        return _answer(self.http.post(path, json={"did": did, **what}, headers=asked))

    def touches(self, citizen: Reported, did: Deed, **what: object) -> Answer:
        """The citizen says it, with nothing but the code that they were given."""
        said = {"tracking_code": citizen.tracking_code, "did": did, **what}
        asked = {"Prefer": "wait=10"}
        return _answer(self.http.post("/intake/v1/tracked/facts", json=said, headers=asked))

    def writes(self, department: Department, *reports: ProgressReport) -> None:
        """The department's own system writes into the department's own inbox."""
        writer = producer(self.city.kafka, wait_seconds=10, bytes_max=INBOX_BYTES_MAX)
        for one in reports:
            topic = progress_of(HASHTGERD, department)
            append(writer, topic, key=one.case_id, value=encode(one), headers=[])
        writer.close()

    def told(self, department: Department, case: Reported) -> list[Delivery]:
        """What the department's topic holds of that case, in its order."""
        topic = department_of(HASHTGERD, department)
        records = asyncio.run(self.city.records((topic,)))
        found = [decode(one.value, Delivery) for one in records if one.topic == topic]
        return [one for one in found if one.case_id == case.case_id]

    def case(self, case: Reported, *, at: str | None = None) -> Document:
        """The case as whoever may read it sees it, now or then."""
        answer = self.http.get(
            f"/api/v1/cases/{case.case_id}",
            params={} if at is None else {"at": at},
            headers=self._as("reader"),
        )
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()

    def facts(self, case: Reported) -> list[Document]:
        answer = self.http.get(f"/api/v1/cases/{case.case_id}/facts", headers=self._as("reader"))
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()["facts"]

    def looks_up(self, citizen: Reported) -> Document:
        """What the citizen sees, who has the code and nothing else."""
        answer = self.http.get(f"/api/v1/track/{citizen.tracking_code}")
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()

    def counts(self, by: str, **filters: str) -> dict[str | None, int]:
        asked = {"by": by, **filters}
        answer = self.http.get("/api/v1/cases/counts", params=asked, headers=self._as("reader"))
        assert answer.status_code == httpx.codes.OK, answer.text
        return {one[by]: one["count"] for one in answer.json()["groups"]}

    def stands(self, case: Reported, state: str, department: Department) -> Moment:
        """Waits until the case is so and there, and keeps the moment at which that was said."""

        def there() -> Document | None:
            found = self._found(case)
            is_it = found and (found["state"], found["department"]) == (state, department)
            return found if is_it else None

        eventually(there, f"{case.case_id} is {state} with {department}")
        last = [one for one in self.facts(case) if one["judgement"] == "effective"][-1]
        return Moment(at=last["fact"]["recorded_at"], state=state, department=department)

    def stands_somewhere(self, case: Reported) -> Document:
        """Waits until anybody has it."""
        return eventually(lambda: self._found(case), f"{case.case_id} is known")

    def children(self, case: Reported, parts: int) -> list[Reported]:
        """The cases that were split off it, when they are all there."""

        def all_there() -> list[str] | None:
            found = self.case(case)["parts"]["case_ids"]
            return found if len(found) >= parts else None

        found = eventually(all_there, f"{parts} parts of {case.case_id}")
        assert len(found) == parts
        cases = [self.case(Reported(case_id=CaseId(one), tracking_code="")) for one in found]
        return [
            Reported(case_id=CaseId(one["case_id"]), tracking_code=one["tracking_code"])
            for one in cases
        ]

    def kills(self, process: str) -> None:
        """As by `kill -9`; it is started again by whoever started it."""
        pid = self.city.pid(process)
        assert pid is not None
        kill_process(pid)

    def forgets(self, case: Reported) -> str:
        """By order of the citizen; what the command says of it."""
        done = command("erase", case.case_id, "--yes", data=self.city.data)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def is_proven(self) -> None:
        """`peygir verify` finds no difference between the projection and the log."""
        done = command("verify", data=self.city.data)
        assert done.returncode == 0, done.stdout + done.stderr

    def links(self, case: Reported, to: Reported) -> None:
        """At the desk: by hand, where nobody has linked the two by then."""
        done = command(
            *("case", "fact", case.case_id, "linked", "--parent", to.case_id), data=self.city.data
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def _found(self, case: Reported) -> Document | None:
        """None as long as the projection has not read of it."""
        path = f"/api/v1/cases/{case.case_id}"
        answer = self.http.get(path, headers=self._as("reader"))
        return answer.json() if answer.status_code == httpx.codes.OK else None

    def _as(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[who]}"}


@contextmanager
def settled_in(city: City) -> Iterator[Town]:
    """The town when its policy is in force and its people's keys are known."""
    asyncio.run(city.publish(_soon_settled))
    keys = asyncio.run(_keys(city.run()["database_url"]))
    with httpx.Client(base_url=city.url, timeout=20, verify=NO_CERTIFICATES) as http:
        town = Town(city=city, http=http, keys=keys)
        eventually(lambda: _known(town), "the keys are known")
        yield town


def eventually(look: Callable[[], T | None], what: str, *, seconds: float = PATIENCE_SECONDS) -> T:
    """What is seen, as soon as it is."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(LOOK_SECONDS)


def kinds(deliveries: Sequence[Delivery]) -> list[str]:
    """Each once, in order: a delivery may come twice under its id."""
    return [one.kind for one in {one.delivery_id: one for one in deliveries}.values()]


def _answer(answer: httpx.Response) -> Answer:
    said = answer.json()
    if answer.status_code == httpx.codes.OK:
        return Answer(effective=said["judgement"] == "effective")
    assert said.get("code"), answer.text
    return Answer(effective=False, code=said["code"], words_fa=said["detail_fa"])


def _soon_settled(policy: Policy) -> Policy:
    assert policy.duplicates is not None
    return replace(policy, duplicates=replace(policy.duplicates, settling_seconds=SETTLING_SECONDS))


async def _keys(database_url: str) -> dict[str, str]:
    connection = await asyncpg.connect(database_url)
    made = {one: new_key(client=one, scopes=scopes, note="") for one, scopes in PEOPLE.items()}
    try:
        for key in made.values():
            await add(connection, key)
    finally:
        await connection.close()
    return {one: key.shown for one, key in made.items()}


def _known(town: Town) -> bool:
    answer = town.http.get("/api/v1/cases", headers=town._as("reader"))  # noqa: SLF001
    return answer.status_code == httpx.codes.OK
