"""Promises recomputed by the command, on a real log and a real projection.

One city of round-the-clock offices, so that every version's days can be told from today.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.calendar import ClosedDate, OtherHours
from schemas.codec import encode
from schemas.facts import Routed
from schemas.policy import Policy
from schemas.topics import POLICIES, progress_of
from schemas.vocabulary import CaseId
from streams import projector
from tests.builders import CITY, PARKS, breached, source
from tests.calendars import every_day
from tests.integration.lab import Lab, lab, process, working
from tests.office import city as office
from tests.office import closed_day, holiday, under
from tests.topics import make_topic

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
HMAC_KEY = "aG1hYyBobWFjIGhtYWMgaG1hYyBobWFjIGhtYWMgaG0"
NOW = datetime.now(UTC)
TODAY = NOW.astimezone(ZoneInfo("Asia/Tehran")).date()
ON_TIME, LATE = CaseId("on-time"), CaseId("late")
WHY = "dust: the governor closes all offices"


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def version(
    ago: int, *, closed: tuple[ClosedDate, ...], other: tuple[OtherHours, ...], hours: int = 4
) -> Policy:
    """So many seconds old."""
    since = (NOW - timedelta(seconds=ago)).replace(microsecond=0)
    made = office(since, hours=hours)
    calendar = replace(
        every_day("Asia/Tehran", ("00:00", "24:00")), closed_dates=closed, other_hours=other
    )
    return replace(made, calendars=(calendar,), calendar_id=calendar.calendar_id)


EID = holiday(day(3), estimated=True)
DUST = tuple(closed_day(day(number), "dust") for number in (-1, 0, 1))
PROMISED = version(900_000, closed=(EID,), other=())
CLOSED = version(30, closed=(EID,), other=DUST)
MOVED = version(20, closed=(holiday(day(9)),), other=DUST)
RIGHT = version(10, closed=(holiday(day(9)),), other=DUST, hours=2)


def peygir(city: Lab, data: Path, *words: str) -> Awaitable[subprocess.CompletedProcess[str]]:
    """`peygir sla recompute` for the city; this process is meanwhile its projector."""
    command = (sys.executable, "-m", "services.command", "sla", "recompute")
    return asyncio.to_thread(
        subprocess.run,
        (*command, "--municipality", CITY, *words),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
        env={
            "PATH": os.defpath,
            "COLUMNS": "300",
            "PEYGIR_DATA": str(data),
            "PEYGIR_KAFKA": city.kafka,
            "PEYGIR_DATABASE_URL": city.database,
        },
    )


def told(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


async def opened(city: Lab, case_id: CaseId, *, ago: timedelta) -> Routed:
    at = datetime.now(UTC) - ago
    said = await city.submit(case_id, "درخت افتاده", source(1, inbox="intake-x"), at=at)
    _, decision = under(PROMISED, at, case_id)
    decision = replace(decision, fact_id=f"{said.fact_id}/routed", cause=said.fact_id)
    await city.append(decision)
    return decision


async def clocks(city: Lab, case_id: CaseId) -> dict[str, Any]:
    rows = await city.tables.fetch("select * from clocks where case_id = $1", case_id)
    return {row["kind"]: row for row in rows}


def in_the_city(
    kafka: str, postgres: str, data: Path, check: Callable[[Lab], Awaitable[None]]
) -> None:
    async def run() -> None:
        topic = progress_of(CITY, PARKS)
        await make_topic(kafka, topic, settings={"message.timestamp.type": "LogAppendTime"})
        async with lab(kafka, postgres, "test_recompute") as city:
            for one in (PROMISED, CLOSED, MOVED, RIGHT):
                await city.log.append(POLICIES, one.version.encode(), encode(one), partition=0)
            with process(city, "router progress", "1", data=data / "router", hmac_key=HMAC_KEY):
                async with working(projector.run, city.worker()):
                    await check(city)

    asyncio.run(run())


def test_open_promises_are_shown_recorded_and_recorded_once(
    city_log: str, postgres: str, tmp_path: Path
) -> None:
    async def check(city: Lab) -> None:
        await opened(city, ON_TIME, ago=timedelta(minutes=10))
        late = await opened(city, LATE, ago=timedelta(hours=6))
        await city.append(breached(late, at=datetime.now(UTC)))
        await city.projected()
        before = await clocks(city, LATE), await clocks(city, ON_TIME)
        assert before[0]["first-response"]["state"] == "breached"

        await a_dry_run_shows_and_changes_nothing(city, tmp_path, before)
        await a_closure_is_recorded_with_its_reason(city, tmp_path, before)
        await a_breach_it_disproves_is_voided_and_kept(city, late)
        await a_second_run_changes_nothing(city, tmp_path)
        await an_estimated_holiday_that_moved_is_put_right(city, tmp_path)
        await a_wrong_budget_is_put_right(city, tmp_path)

    in_the_city(city_log, postgres, tmp_path, check)


async def a_dry_run_shows_and_changes_nothing(city: Lab, data: Path, before: Any) -> None:  # noqa: ANN401
    *rows, end = told(await peygir(city, data, "--version", CLOSED.version, "--json"))

    assert {(one["case_id"], one["clock"]) for one in rows} == {
        (case, clock) for case in (LATE, ON_TIME) for clock in ("first-response", "resolution")
    }
    first = next(one for one in rows if (one["case_id"], one["clock"]) == (LATE, "first-response"))
    assert first["voids"]
    assert {
        "date": day(0).isoformat(),
        "before": {"kind": "week", "reason": None, "estimated": False},
        "after": {"kind": "closed", "reason": "dust", "estimated": False},
    } in first["dates"]
    assert end["end"]["by_department"] == {PARKS: 4}
    assert (await clocks(city, LATE), await clocks(city, ON_TIME)) == before
    words = await peygir(city, data, "--version", CLOSED.version)
    assert "1 announced breaches would be voided" in words.stdout
    assert f"{day(0).isoformat()}: the week's hours → closed that day (dust)" in words.stdout


async def a_closure_is_recorded_with_its_reason(city: Lab, data: Path, before: Any) -> None:  # noqa: ANN401
    *rows, _, applied = told(
        await peygir(
            city, data, "--version", CLOSED.version, "--json", "--apply", "--yes", "--reason", WHY
        )
    )

    assert applied == {"applied": {"effective": 4, "refused": {}}}
    for row in rows:
        after = (await clocks(city, row["case_id"]))[row["clock"]]
        assert after["deadline"] == datetime.fromisoformat(row["new_deadline"])
        assert row["deadline"] != row["new_deadline"]
    facts = await city.tables.fetch(
        "select fact from facts where case_id = $1 and type = 'case.deadline-set.v1'", ON_TIME
    )
    recorded = [json.loads(one["fact"]) for one in facts]
    assert {(one["reason"], one["author"], one["policy_version"]) for one in recorded} == {
        (WHY, "operator", CLOSED.version)
    }
    old = before[1]["first-response"]["deadline"]
    new = next(one for one in recorded if one["promise"]["kind"] == "first-response")
    assert datetime.fromisoformat(new["promise"]["deadline"]) > old
    assert new["replaces"] == f"{ON_TIME}/d1/submitted/routed"


async def a_breach_it_disproves_is_voided_and_kept(city: Lab, late: Routed) -> None:
    first = (await clocks(city, LATE))["first-response"]
    types = await city.tables.fetch(
        "select type, judgement from facts where case_id = $1 order by log_offset", LATE
    )

    assert (first["state"], first["voided"]) == ("running", True)
    assert [tuple(one) for one in types] == [
        ("case.submitted.v1", "effective"),
        ("case.routed.v1", "effective"),
        ("case.breached.v1", "effective"),
        ("case.breach-voided.v1", "effective"),
        ("case.deadline-set.v1", "effective"),
        ("case.deadline-set.v1", "effective"),
    ]
    assert await city.count("facts", fact_id=f"{late.fact_id}/first-response/breached") == 1


async def a_second_run_changes_nothing(city: Lab, data: Path) -> None:
    end = await city.ends("case-facts")

    (found,) = told(
        await peygir(
            city, data, "--version", CLOSED.version, "--json", "--apply", "--yes", "--reason", WHY
        )
    )

    assert found["end"]["changed_clocks"] == 0
    assert found["end"]["cases"] == 2
    assert await city.ends("case-facts") == end


async def an_estimated_holiday_that_moved_is_put_right(city: Lab, data: Path) -> None:
    """Eid is not on the third day after all: what was to be done after it comes a day earlier."""
    *rows, _, applied = told(
        await peygir(
            city, data, "--version", MOVED.version, "--json", "--apply", "--yes", "--reason", "Eid"
        )
    )

    assert {one["clock"] for one in rows} == {"resolution"}
    assert applied["applied"]["effective"] == len(rows) > 0
    for one in rows:
        earlier, later = (
            datetime.fromisoformat(one[name]) for name in ("new_deadline", "deadline")
        )
        assert later - earlier == timedelta(days=1)


async def a_wrong_budget_is_put_right(city: Lab, data: Path) -> None:
    *rows, _, applied = told(
        await peygir(
            city, data, "--category", "GRN-02", "--json", "--apply", "--yes", "--reason", "halved"
        )
    )

    assert {one["new_budget_seconds"] for one in rows} == {2 * 3_600, 20 * 3_600}
    assert applied["applied"]["effective"] == len(rows) == 4
