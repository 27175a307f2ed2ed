"""What steers a case, and each order, from an inbox to its judgement; rubbish to none."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.codec import encode
from schemas.facts import Routed
from schemas.messages import DeadlineOrder, Erasure, ProgressReport
from schemas.policy import Budget, PausePolicy
from schemas.topics import POLICIES, PROGRESS_DESK, progress_of
from schemas.vocabulary import Author, CaseId, Deed, Department, PauseReason, PolicyVersion
from streams import projector
from streams.kafka import Log
from streams.router.policies import Policies
from tests.builders import CENTRE, CITY, PARKS, breached, promise, routed, source
from tests.integration.lab import Lab, lab, process, working
from tests.integration.proving import verified
from tests.policies import policy
from tests.topics import make_topic

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
FANI = Department("fani")
CASE, OTHER, LATE = CaseId("deeds-one"), CaseId("deeds-two"), CaseId("deeds-late")
BY_HAND = CaseId("by-hand")
NOTE = "the neighbour at number nine has the key"
HMAC_KEY = "aG1hYyBobWFjIGhtYWMgaG1hYyBobWFjIGhtYWMgaG0"
PAUSING = replace(
    policy(),
    pauses=tuple(
        PausePolicy(
            reason=PauseReason(one),
            title_fa=one,
            title_en=one,
            longest=Budget(seconds=86_400, working_time=True),
            clocks=("resolution",),
        )
        for one in ("weather", "waiting-for-citizen")
    ),
)
# In this order, of one case; each with what becomes of it.
SAID: Sequence[tuple[Deed, Mapping[str, Any], str]] = (
    ("acknowledged", {"department": PARKS, "note": NOTE}, "effective"),
    ("started", {"department": PARKS}, "effective"),
    ("paused", {"reason": "weather", "note": NOTE}, "effective"),
    ("paused", {"reason": "weather"}, "the case waits already"),
    ("resumed", {}, "effective"),
    ("resumed", {}, "the case does not wait"),
    ("information-requested", {}, "effective"),
    ("information-received", {}, "effective"),
    ("reclassified", {"category": "CIV-01", "new_promises": True}, "effective"),
    ("linked", {"parent": CASE}, "a case does not follow itself"),
    ("linked", {"parent": OTHER}, "effective"),
    ("paused", {"reason": "weather"}, "the case is linked"),
    ("unlinked", {}, "effective"),
    ("transfer-requested", {"why": "wrong-department", "to": FANI}, "effective"),
    ("transfer-requested", {"why": "wrong-district", "to": FANI}, "the case is with fani"),
    ("resolved", {"department": PARKS}, "the case belongs to fani"),
    ("resolved", {"department": FANI, "note": NOTE}, "effective"),
    ("reopened", {"if_version": 1, "note": "again"}, "the case has moved on"),
    ("reopened", {"note": NOTE}, "effective"),
    ("closed-without-action", {"department": FANI, "why": "not-ours"}, "effective"),
)
REPORT = {"type": "progress.v1", "case_id": CASE, "author": "operator", "municipality": CITY}
RUBBISH: Mapping[str, tuple[str, str]] = {
    json.dumps(REPORT | more): (kind, words)
    for more, kind, words in (
        ({"did": "paused", "reason": "\x00"}, "refused", "/reason"),
        ({"did": "paused"}, "refused", "weather"),
        ({"did": "started", "note": "n" * 9_000}, "refused", "/note"),
        ({"did": "danced"}, "unreadable", "did"),
        ({"did": "started", "if_version": 10**300}, "refused", "/if_version"),
        ({"did": "started", "if_version": "7"}, "unreadable", "if_version"),
        ({"did": "started", "department": ["parks"]}, "unreadable", "department"),
        ({"did": "started", "municipality": "atlantis"}, "refused", "/municipality"),
        (
            {"did": "closed-without-action", "why": "wrong-district", "department": PARKS},
            "refused",
            "/why",
        ),
        ({"did": "transfer-requested", "why": "not-ours"}, "refused", "/why"),
        ({"did": "started", "type": "progress.v9"}, "unreadable", "type"),
    )
} | {"{": ("unreadable", "JSON"), "null": ("unreadable", ""), '{"type":7}': ("unreadable", "type")}


@asynccontextmanager
async def deeds(kafka: str, postgres: str, name: str, data: Path) -> AsyncIterator[Lab]:
    """A city of parks, works and a centre, with a router for what is reported."""
    for department in (PARKS, CENTRE, FANI):
        topic = progress_of(CITY, department)
        await make_topic(kafka, topic, settings={"message.timestamp.type": "LogAppendTime"})
    async with lab(kafka, postgres, name) as city:
        await city.log.append(POLICIES, PAUSING.version.encode(), encode(PAUSING), partition=0)
        with process(city, "router progress", "1", data=data, hmac_key=HMAC_KEY):
            async with working(projector.run, city.worker()):
                yield city


async def opened(city: Lab, case_id: CaseId, *, ago: timedelta = timedelta()) -> Routed:
    at = datetime.now(UTC) - ago
    said = await city.submit(case_id, "چراغ خاموش است", source(1, inbox="intake-deeds"), at=at)
    clocks = (promise(seconds=3_600, start=at), promise("resolution", seconds=36_000, start=at))
    decision = routed(said, promises=clocks)
    await city.append(decision)
    return decision


async def send(city: Lab, topic: str, *values: bytes) -> None:
    for value in values:
        await city.log.append(topic, CASE.encode(), value, partition=0)


async def outcomes(city: Lab, count: int) -> None:
    """Waits until so many messages have become a fact or a dead letter."""

    async def there() -> bool:
        return await city.count("covered", inbox=PROGRESS_DESK) == count

    await city.settled(there)
    await city.projected()


def test_every_deed_that_steers_is_judged_and_rubbish_is_kept_with_a_reason(
    city_log: str, postgres: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = [
        ProgressReport(
            case_id=CASE,
            did=did,
            reference=f"deed-{number}",
            municipality=CITY,
            author=Author("operator"),
            **more,
        )
        for number, (did, more, _) in enumerate(SAID)
    ]

    async def run() -> None:
        async with deeds(city_log, postgres, "deeds", tmp_path) as city:
            await opened(city, OTHER)
            await opened(city, CASE)
            late = await opened(city, LATE, ago=timedelta(hours=2))
            breach = breached(late, clock="first-response", at=datetime.now(UTC))
            await city.append(breach)
            order = DeadlineOrder(
                case_id=LATE,
                municipality=CITY,
                reference="snow",
                author=Author("operator"),
                promise=promise(seconds=36_000, start=late.recorded_at),
                policy_version=PAUSING.version,
                replaces=late.fact_id,
                reason="closed for snow",
                voids=breach.fact_id,
            )
            absurd = replace(order, promise=replace(order.promise, budget_seconds=-1))
            erasure = Erasure(case_id=OTHER, reference="letter", author=Author("operator"))
            rubbish = [encode(absurd), *(one.encode() for one in RUBBISH)]
            said = [*map(encode, reports), encode(order), encode(order), encode(erasure)]
            await send(city, PROGRESS_DESK, *said, *rubbish)
            own = progress_of(CITY, PARKS)
            await send(city, own, encode(order), encode(erasure), encode(reports[18]))
            await outcomes(city, len(said) + len(rubbish))

            await _judged(city)
            await _set_aside(city, len(said))
            verdict = await verified(city, capsys)
            assert (verdict.code, verdict.differences) == (0, [])

            # With the case, all that was said of it is forgotten.
            await send(city, PROGRESS_DESK, encode(replace(erasure, case_id=CASE, reference="l2")))
            await outcomes(city, len(said) + len(rubbish) + 1)
            assert await city.count("contents", case_id=CASE) == 0

    asyncio.run(run())


def test_an_order_by_a_version_that_was_just_published_waits_until_the_router_has_read_it(
    city_log: str,
) -> None:
    later = policy(since=datetime(2026, 6, 1, tzinfo=UTC))

    async def run() -> None:
        policies, log = Policies(city_log, print), Log(city_log, client="test", wait_seconds=20)
        await policies.start()
        await log.start()
        try:
            waiting = asyncio.create_task(policies.knowing(CITY, later.version))
            await asyncio.sleep(0.1)
            assert not waiting.done()
            await log.append(POLICIES, later.version.encode(), encode(later), partition=0)
            assert (await waiting).know(CITY, later.version)
            never = PolicyVersion(f"{CITY}/never")
            assert not (await policies.knowing(CITY, never)).know(CITY, never)
        finally:
            await log.stop()
            await policies.stop()

    asyncio.run(run())


async def _judged(city: Lab) -> None:
    rows = await city.tables.fetch(
        "select fact_id, judgement, refusal from facts where case_id = $1 and type <> $2", CASE, ""
    )
    by_id = {row["fact_id"]: row for row in rows}
    for number, (did, _, wanted) in enumerate(SAID):
        row = by_id[f"operator/deed-{number}/{did}"]
        said = row["refusal"] or row["judgement"]
        assert said.startswith(wanted), (did, said)
    case = await city.row("cases", CASE)
    late = await city.tables.fetchrow(
        "select state, voided from clocks where case_id = $1 and kind = 'first-response'", LATE
    )
    assert case is not None
    assert (case["state"], case["department"], case["unfoldable"]) == ("closed", "fani", None)
    assert (case["transfers"], case["reopenings"]) == (1, 1)
    assert late is not None
    assert (late["state"], late["voided"]) == ("running", True)
    # Four notes: of what was acknowledged, paused, resolved and reopened.
    contents = await city.tables.fetch("select content from contents where case_id = $1", CASE)
    assert sum(NOTE in row["content"] for row in contents) == 4
    sealed = await city.count("facts", case_id=CASE)
    assert sealed == 2 + len(SAID)
    assert not any(NOTE in json.dumps(dict(row), default=str) for row in rows)


async def _set_aside(city: Lab, first: int) -> None:
    rows = await city.tables.fetch(
        "select inbox, inbox_offset, kind, reason from dead_letters order by inbox_offset"
    )
    desk = [row for row in rows if row["inbox"] == PROGRESS_DESK]
    wanted = [("refused", "/promise/budget_seconds"), *RUBBISH.values()]
    assert [row["inbox_offset"] - first for row in desk] == list(range(len(wanted)))
    for row, (kind, words) in zip(desk, wanted, strict=True):
        assert row["kind"] == kind, row["reason"]
        assert words in row["reason"]
    own = [(row["kind"], row["reason"]) for row in rows if row["inbox"] != PROGRESS_DESK]
    assert [kind for kind, _ in own] == ["unreadable", "unreadable", "refused"]
    assert "for the desk" in own[2][1]


def test_the_command_says_a_fact_and_how_it_was_judged(
    city_log: str, postgres: str, tmp_path: Path
) -> None:
    async def run() -> None:
        async with deeds(city_log, postgres, "deeds_by_hand", tmp_path) as city:
            await opened(city, BY_HAND)
            await city.projected()
            tries = (
                (("started", "--reference", "r"), 0, "effective: started (operator/r/started)"),
                (("paused", "--reason", "lunch"), 1, "refused: /reason: is not one that the poli"),
                (("started", "--reference", "r"), 0, "effective: started (operator/r/started)"),
            )
            for words, code, said in tries:
                done = await asyncio.to_thread(peygir, city, tmp_path, BY_HAND, *words)
                assert done.returncode == code, done.stderr
                assert said in done.stdout + done.stderr
            nobody = await asyncio.to_thread(peygir, city, tmp_path, "nobody", "started")
            assert nobody.returncode == 1
            assert "there is no case nobody" in nobody.stderr

    asyncio.run(run())


def peygir(city: Lab, data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "services.command", "case", "fact", *words),
        env={
            "PATH": os.defpath,
            "PYTHONPATH": str(ROOT),
            "PEYGIR_DATA": str(data),
            "PEYGIR_KAFKA": city.kafka,
            "PEYGIR_DATABASE_URL": city.database,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
