"""What is said over HTTP, through real Kafka and Postgres, to its judgement and back."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from schemas import sealing
from schemas.codec import encode
from schemas.contents import Content
from schemas.messages import Key
from schemas.sealed_parts import content_name
from schemas.settings import Settings
from schemas.topics import KEYRING, POLICIES, progress_of
from schemas.vocabulary import CaseId, Department
from services.edge.parts import Parts, assemble, not_ready
from services.edge.serve import asgi
from services.keys import store
from services.keys.key import new_key
from streams import projector
from tests.builders import CENTRE, CITY, PARKS, promise, routed, source, submitted
from tests.edges import bearer
from tests.fact_city import FANI, URBAN, case_number, code_number, living
from tests.integration.lab import MASTER, Lab, lab, process, working
from tests.integration.proving import verified
from tests.topics import make_topic

pytestmark = pytest.mark.integration

HMAC_KEY = base64.urlsafe_b64encode(b"h" * 32).decode()
ROUNDS = 8
WAIT = {"Prefer": "wait=10"}
SCOPES = {
    "member": f"member:{CITY}/{PARKS}",
    "deputy": f"deputy:{CITY}/{URBAN}",
    "operator": f"operator:{CITY}",
}
# In this order, of one case; each by whom, and with what.
SAID: tuple[tuple[str, str, dict[str, Any], int], ...] = (
    ("member", "acknowledged", {}, 200),
    ("member", "started", {"note": "گروه فرستاده شد"}, 200),
    ("member", "acknowledged", {}, 409),
    ("deputy", "paused", {"reason": "weather"}, 200),
    ("member", "resumed", {}, 200),
    ("member", "information-requested", {"note": "کدام کوچه؟"}, 200),
    ("operator", "information-received", {"note": "کوچهٔ سوم"}, 200),
    ("operator", "noted", {"note": "تلفنی", "visibility": "public"}, 200),
    ("member", "handed-over", {"body": "water", "body_reference": "1405/137"}, 200),
    ("member", "handed-over-answered", {"answer": "done"}, 200),
    ("member", "split", {"parts": [{"text": "چراغ"}, {"text": "چاله"}]}, 200),
    ("operator", "reclassified", {"category": "CIV-01"}, 200),
    ("member", "resolved", {"note": "درست شد", "evidence": ["photo:1"]}, 200),
    ("operator", "rated", {"stars": 5}, 200),
    ("operator", "disputed", {"note": "هنوز خاموش است"}, 200),
    ("deputy", "resolved", {}, 403),
    ("member", "closed-without-action", {"why": "not-possible-now"}, 200),
    ("operator", "reopened", {"note": "اشتباه بود"}, 200),
    ("member", "transfer-requested", {"why": "wrong-department", "to": FANI}, 200),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The edge over a living city, with a key for each role."""

    city: Lab
    client: httpx.AsyncClient
    keys: dict[str, str]

    async def say(  # a request and its headers
        self,
        case: str,
        did: str,
        *,
        by: str,
        key: str,
        headers: dict[str, str],
        **more: Any,  # noqa: ANN401
    ) -> httpx.Response:
        sent = bearer(self.keys[by]) | {"Idempotency-Key": key} | headers
        path = f"/intake/v1/cases/{case}/facts"
        return await self.client.post(path, json={"did": did} | more, headers=sent)

    async def version(self, case: CaseId) -> str:
        row = await self.city.row("cases", case)
        assert row is not None
        return f'"{row["version"]}"'


@asynccontextmanager
async def living_city(kafka: str, postgres: str, name: str, data: Path) -> AsyncIterator[Edge]:
    """A router, a projector and an edge over them."""
    version = living()
    for department in (PARKS, CENTRE, FANI, URBAN):
        topic = progress_of(CITY, Department(department))
        await make_topic(kafka, topic, settings={"message.timestamp.type": "LogAppendTime"})
    async with lab(kafka, postgres, name) as city:
        await city.log.append(POLICIES, version.version.encode(), encode(version), partition=0)
        with process(city, "router progress", "1", data=data, hmac_key=HMAC_KEY):
            async with working(projector.run, city.worker()), edge(city) as here:
                await routed_at_all(here)
                yield here


async def routed_at_all(here: Edge) -> None:
    """The router has begun; on two busy cores that is longer than anybody waits for an answer."""
    case = await opened(here.city, 999)
    await here.city.projected()
    async with asyncio.timeout(120):
        while (
            await here.say(case, "noted", by="member", key="warm", headers=WAIT, note="سلام")
        ).status_code != 200:
            pass


@asynccontextmanager
async def edge(city: Lab) -> AsyncIterator[Edge]:
    keys = {role: new_key(client=f"the-{role}", scopes=(scope,)) for role, scope in SCOPES.items()}
    connection = await asyncpg.connect(city.database)
    for one in keys.values():
        await store.add(connection, one)
    await connection.close()
    settings = Settings(
        kafka=city.kafka,
        database_url=SecretStr(city.database),
        hmac_key=SecretStr(HMAC_KEY),
        track_per_minute_max=10_000,
    )
    parts = assemble(settings, lambda: datetime.now(UTC), writes=True)
    async with parts.open():
        await ready(parts)
        transport = httpx.ASGITransport(asgi(parts, "edge"))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://peygir", timeout=30
        ) as client:
            shown = {role: one.shown for role, one in keys.items()}
            yield Edge(city=city, client=client, keys=shown)


async def ready(parts: Parts) -> None:
    async with asyncio.timeout(30):
        while await not_ready(parts, heard_seconds_max=30):  # noqa: ASYNC110 - another thread's
            await asyncio.sleep(0.05)


async def opened(city: Lab, number: int) -> CaseId:
    """A case in parks, whose code is known."""
    case, at = case_number(number), datetime.now(UTC)
    kid, secret = sealing.new_key()
    content = encode(Content(text="چراغ خاموش است"))
    block = sealing.seal(content, key=secret, kid=kid, bound_to=content_name(case))
    key = Key(case_id=case, kid=kid, wrapped=sealing.wrap(secret, MASTER))
    await city.append_bytes(KEYRING, f"{case}/{kid}".encode(), encode(key), case)
    lies = source(number, inbox="intake-app")
    told = submitted(case, at=at, lies=lies, content=block)
    said = replace(told, tracking_code=code_number(number))
    clocks = (promise(seconds=36_000, start=at), promise("resolution", seconds=36_000, start=at))
    decision = routed(said, promises=clocks)
    await city.append(said, replace(decision, policy_version=living().version))
    return case


def test_each_deed_is_judged_for_who_waits_and_a_replay_has_no_second_effect(
    city_log: str, postgres: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def run() -> None:
        async with living_city(city_log, postgres, "facts_said", tmp_path) as here:
            city, case = here.city, await opened(here.city, 1)
            await city.projected()

            async def all_of_it() -> list[httpx.Response]:
                return [
                    await here.say(case, did, by=by, key=f"k-{number}", headers=WAIT, **more)
                    for number, (by, did, more, _) in enumerate(SAID)
                ]

            first = await all_of_it()
            assert [one.status_code for one in first] == [status for *_, status in SAID], [
                one.text for one in first
            ]
            before = await city.row("cases", case)
            again = await all_of_it()

            # What the edge did not take is asked anew, and the case is with another by now.
            anew = [404 if status == 403 else status for *_, status in SAID]
            assert [one.status_code for one in again] == anew
            await city.projected()
            assert await city.row("cases", case) == before
            assert await city.count("facts", case_id=case, judgement="duplicate") == 0
            # What the edge takes, the router can read: nothing was set aside.
            assert await city.count("dead_letters") == 0
            verdict = await verified(city, capsys)
            assert (verdict.code, verdict.differences) == (0, [])

    asyncio.run(run())


def test_of_two_that_act_at_once_on_one_version_exactly_one_has_an_effect(
    city_log: str, postgres: str, tmp_path: Path
) -> None:
    async def run() -> None:
        async with living_city(city_log, postgres, "facts_at_once", tmp_path) as here:
            cases = [await opened(here.city, 100 + number) for number in range(ROUNDS)]
            await here.city.projected()
            for case in cases:
                headers = WAIT | {"If-Match": await here.version(case)}
                answers = await asyncio.gather(
                    here.say(case, "started", by="member", key="1", headers=headers),
                    here.say(
                        case, "paused", by="deputy", key="1", headers=headers, reason="weather"
                    ),
                )
                assert sorted(one.status_code for one in answers) == [200, 412]
                effective = await here.city.count("facts", case_id=case, judgement="effective")
                assert effective == 3

    asyncio.run(run())


def test_a_citizen_judges_by_the_code_and_a_double_tap_is_one(
    city_log: str, postgres: str, tmp_path: Path
) -> None:
    async def run() -> None:
        async with living_city(city_log, postgres, "facts_of_citizens", tmp_path) as here:
            first, second = await opened(here.city, 201), await opened(here.city, 202)
            await here.city.projected()
            linked = await here.say(
                second, "linked", by="operator", key="l", headers=WAIT, parent=code_number(201)
            )
            done = await here.say(first, "resolved", by="member", key="r", headers=WAIT)
            assert (linked.status_code, done.status_code) == (200, 200)

            async def tap(number: int, **body: str) -> httpx.Response:
                sent = {"tracking_code": code_number(number)} | body
                return await here.client.post("/intake/v1/tracked/facts", json=sent, headers=WAIT)

            taps = await asyncio.gather(*(tap(202, did="disputed", note="نه") for _ in range(5)))
            assert {one.status_code for one in taps} == {200}
            assert len({one.json()["fact_id"] for one in taps}) == 1
            row = await here.city.row("cases", first)
            assert row is not None
            assert (row["state"], row["reopenings"], row["verdict"]) == ("routed", 1, "disputed")
            late = await tap(201, did="confirmed")
            assert (late.status_code, late.json()["code"]) == (409, "state")

    asyncio.run(run())
