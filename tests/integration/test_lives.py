"""A life in which every kind of fact has an effect, from inboxes to rows that a rebuild makes."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.codec import decode_fact, encode
from schemas.examples import EXAMPLES
from schemas.messages import DeadlineOrder, Erasure, ProgressReport, ReportedPart
from schemas.topics import POLICIES, PROGRESS_DESK
from schemas.vocabulary import DEEDS, Author, CaseId, Category, Deed, Municipality, PolicyVersion
from streams import dispatcher, projector
from streams.core.case import Case, Positioned
from streams.core.fold import fold
from streams.core.notices import notices_due
from streams.core.terms import Subject, terms
from tests.builders import PARKS, promise, routed, source
from tests.integration.lab import Lab, lab, process, working
from tests.integration.proving import rebuilt, verified
from tests.integration.test_deeds import HMAC_KEY
from tests.integration.test_rebuild import TABLES
from tests.lived import WATER, lively
from tests.steering import DAY, ROADS, WEATHER, real
from tests.topics import make_topic

pytestmark = pytest.mark.integration

LIVELY_CITY = Municipality("lively")
LIVELY = replace(
    lively(),
    municipality=LIVELY_CITY,
    version=PolicyVersion(f"{LIVELY_CITY}/2026-01-01T00:00:00Z"),
    pauses=tuple(
        replace(one, longest=real(1)) if one.reason == WEATHER else one for one in lively().pauses
    ),
    silence=real(1),
)
TERMS = {LIVELY.version: terms(LIVELY)}
CASE, OTHER, LATE = CaseId("life-one"), CaseId("life-other"), CaseId("life-late")
NOTE = "کلید نزد همسایه است"
WORK = {"role": "member", "department": PARKS}
WORK_ELSEWHERE = {"role": "member", "department": ROADS}
CITIZENS = {"role": "citizen", "author": "citizen"}
PARTS = (ReportedPart(text="تنه"), ReportedPart(text="شاخه", category=Category("GRN-02")))
# In this order, of one case; each with the code of its refusal, or none.
LIFE: Sequence[tuple[Deed, Mapping[str, Any], str | None]] = (
    ("acknowledged", WORK, None),
    ("started", WORK, None),
    ("noted", {**WORK, "note": NOTE}, None),
    ("noted", {**CITIZENS, "note": NOTE}, None),
    ("started", {"role": "mayor"}, "not-permitted"),
    ("information-requested", {**WORK, "note": NOTE}, None),
    ("information-received", {**CITIZENS, "note": NOTE}, None),
    ("reclassified", {"category": "CIV-01", "new_promises": True}, None),
    ("paused", {**WORK, "reason": "waiting-for-citizen"}, None),
    ("resumed", WORK, None),
    ("handed-over", {**WORK, "body": WATER, "body_reference": "W-1"}, None),
    ("handed-over-answered", {"answer": "accepted", "body_reference": "W-2"}, None),
    ("handed-over-answered", {"answer": "done"}, None),
    ("split", {**WORK, "parts": PARTS, "note": NOTE}, None),
    ("linked", {"parent": OTHER}, None),
    ("linked", {"parent": OTHER}, "state"),
    ("unlinked", {}, None),
    ("transfer-requested", {**WORK, "why": "wrong-department", "to": ROADS}, None),
    ("resolved", WORK, "other-department"),
    ("resolved", {**WORK_ELSEWHERE, "note": NOTE}, None),
    ("confirmed", CITIZENS, None),
    ("confirmed", CITIZENS, "confirmed-already"),
    ("rated", {**CITIZENS, "stars": 4, "note": NOTE}, None),
    ("disputed", {**CITIZENS, "note": NOTE}, None),
    ("resolved", {**WORK_ELSEWHERE, "note": NOTE}, None),
    ("reopened", {"note": NOTE}, None),
    ("closed-without-action", {**WORK_ELSEWHERE, "why": "not-ours"}, None),
)


@asynccontextmanager
async def living(kafka: str, postgres: str, data: Path) -> AsyncIterator[Lab]:
    """A city with a router for what is reported, a projector and a dispatcher."""
    for department in (PARKS, ROADS):
        await make_topic(kafka, f"department-{LIVELY_CITY}-{department}")
    async with lab(kafka, postgres, "lives") as city:
        await city.log.append(POLICIES, LIVELY.version.encode(), encode(LIVELY), partition=0)
        with process(city, "router progress", "1", data=data, hmac_key=HMAC_KEY):
            at_work = working(projector.run, city.worker()), working(dispatcher.run, city.worker())
            async with at_work[0], at_work[1]:
                yield city


async def opened(city: Lab, case_id: CaseId, *, ago: timedelta = timedelta()) -> None:
    """A case of the lively city, with what its policy promises and who is told of it."""
    at = datetime.now(UTC) - ago
    lies = source(1, inbox="intake-lives")
    said = await city.submit(case_id, "چراغ خاموش است", lies, at=at, municipality=LIVELY_CITY)
    about = Subject(category=Category("GRN-02"), department=PARKS, channel=said.channel)
    decision = routed(said, promises=TERMS[LIVELY.version].promises(at, about))
    decided = replace(decision, municipality=LIVELY_CITY, policy_version=LIVELY.version)
    await city.append(decided)


def report(case_id: CaseId, did: Deed, number: int, **more: object) -> bytes:
    who = {"author": "operator", **more}
    return encode(
        ProgressReport(
            case_id=case_id,
            did=did,
            reference=f"life-{number}",
            municipality=LIVELY_CITY,
            **who,
        )
    )


async def say(city: Lab, *values: bytes) -> None:
    before = await city.count("covered", inbox=PROGRESS_DESK)
    for value in values:
        await city.log.append(PROGRESS_DESK, CASE.encode(), value, partition=0)

    async def there() -> bool:
        return await city.count("covered", inbox=PROGRESS_DESK) == before + len(values)

    await city.settled(there)
    await city.projected()


async def folded(city: Lab, case_id: CaseId) -> Case:
    rows = await city.tables.fetch(
        "select log_offset, fact::text from facts where case_id = $1 order by log_offset", case_id
    )
    history = [Positioned(offset=offset, fact=decode_fact(fact)) for offset, fact in rows]
    return fold(case_id, history, TERMS)


async def time_passes(city: Lab, case_id: CaseId) -> None:
    """The timer says all that is due by now, of a case as it stands."""
    await asyncio.sleep(1.5)
    now = datetime.now(UTC)
    await city.append(*notices_due(await folded(city, case_id), up_to=now, now=now))
    await city.projected()


def test_a_life_with_every_kind_of_fact_is_what_its_log_says_and_what_a_rebuild_makes_of_it(
    city_log: str, postgres: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert {did for did, _, _ in LIFE} | {"escalation-seen"} == set(DEEDS)

    async def run() -> None:
        async with living(city_log, postgres, tmp_path) as city:
            for case_id, ago in ((OTHER, 0), (CASE, 0), (LATE, 40 * DAY)):
                await opened(city, case_id, ago=timedelta(seconds=ago))
            await city.projected()

            lived = (
                report(CASE, did, number, **more) for number, (did, more, _) in enumerate(LIFE)
            )
            await say(city, *lived)
            await time_passes(city, CASE)
            await _late(city)

            await _judged(city)
            await _told(city)
            await _nothing_differs(city, capsys)
            before = {table: await _rows(city, table) for table in TABLES}
            assert await rebuilt(city) == 0
            for table in TABLES:
                assert await _rows(city, table) == before[table], table
            await _nothing_differs(city, capsys)

    asyncio.run(run())


async def _late(city: Lab) -> None:
    """Warnings, a breach and who is told of it; a pause that ends by itself; orders; an erasure."""
    await time_passes(city, LATE)
    await say(
        city,
        report(LATE, "escalation-seen", 100, role="head", department=PARKS),
        report(LATE, "paused", 101, role="member", department=PARKS, reason=WEATHER),
    )
    await time_passes(city, LATE)
    late = await folded(city, LATE)
    clock = late.clock("first-response")
    assert clock is not None
    order = DeadlineOrder(
        case_id=LATE,
        municipality=LIVELY_CITY,
        reference="snow",
        author=Author("operator"),
        promise=promise(seconds=60 * DAY, start=clock.promise.started_at),
        policy_version=LIVELY.version,
        replaces=clock.set_by,
        reason="closed for snow",
        voids=clock.breach,
    )
    erasure = Erasure(case_id=OTHER, reference="letter", author=Author("operator"))
    await say(city, encode(order), encode(erasure))


async def _judged(city: Lab) -> None:
    rows = await city.tables.fetch("select fact_id, type, judgement, refused_for from facts")
    by_id = {row["fact_id"]: row for row in rows}
    for number, (did, more, code) in enumerate(LIFE):
        row = by_id[f"{more.get('author', 'operator')}/life-{number}/{did}"]
        wanted = (code and "refused") or "effective"
        assert row["judgement"] == wanted, (did, row["refused_for"])
        assert code is None or f'"{code}"' in row["refused_for"]
    effective = {row["type"] for row in rows if row["judgement"] == "effective"}
    assert effective == {name for name in EXAMPLES if name.startswith("case.")}
    case = await city.row("cases", CASE)
    assert case is not None
    assert (case["state"], case["verdict"], case["stars"]) == ("closed", "undisputed", 4)
    assert (case["parts"], case["reopenings"], case["bounces"]) == (2, 2, 1)
    notes = await city.tables.fetch("select content from contents where case_id = $1", CASE)
    sealed_in = sum("note" in more and code is None for _, more, code in LIFE)
    assert sum(NOTE in row["content"] for row in notes) == sealed_in


async def _told(city: Lab) -> None:
    """Every delivery of it was composed: none waits for anything but a topic of its own."""

    async def all_done() -> bool:
        owed = await city.tables.fetchval(
            """
            select count(*)
            from outbox left join desk.delivered using (log_partition)
            where outbox.log_offset >= coalesce(delivered.log_offset, 0)
            """
        )
        return owed == 0

    await city.settled(all_done)
    reasons = await city.tables.fetch("select reason from undelivered where topic like 'dep%'")
    assert [row["reason"] for row in reasons] == []


async def _nothing_differs(city: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    verdict = await verified(city, capsys)
    assert (verdict.code, verdict.differences) == (0, [])


async def _rows(city: Lab, table: str) -> set[tuple[object, ...]]:
    return {tuple(row) for row in await city.tables.fetch(f"select * from {table}")}  # noqa: S608
