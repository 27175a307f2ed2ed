"""`peygir lag` and `peygir gaps`: they say the same as the accountant, and need none."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiokafka.structs import TopicPartition

from schemas import metrics
from schemas.topics import CASE_FACTS, department_of
from schemas.vocabulary import CaseId
from streams import accountant, projector
from streams.process import Worker
from tests.builders import CITY, NOON, PARKS, routed, submitted
from tests.integration.inboxes import commit, fill, route, shown
from tests.integration.lab import Lab, lab, working
from tests.topics import make_topic

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
OK, NO, UNAVAILABLE = 0, 1, 69
HOUR = 3600
SLACK_SECONDS = 30.0
MESSAGES = 12
SKIPPED = (3, 4, 11)
NOBODY = "127.0.0.1:1"


def test_what_waits_is_told_as_the_accountant_shows_it_and_also_when_there_is_none(
    city_log: str, postgres: str
) -> None:
    inbox = "progress-blocked"

    async def run() -> None:
        async with lab(city_log, postgres, "blocked") as city:
            await make_topic(city.kafka, inbox, partitions=2)
            await fill(city, TopicPartition(inbox, 0), HOUR, 60)
            await fill(city, TopicPartition(inbox, 1), 2 * HOUR)
            fact = submitted(CaseId("blocked"))
            await city.append(fact, routed(fact))
            async with working(projector.run, city.worker()):
                await city.projected()
            await park(city)
            late = submitted(CaseId("blocked-late"))
            await city.append(late, routed(late))

            alone = waiting(await peygir(city, "lag", "--json", ends=NO))
            worker = city.worker(lag_seconds=0.1)
            async with working(accountant.run, worker):
                await city.settled(partial(shows, worker, alone))
                ages = shown(worker, metrics.LAG_SECONDS)
            for place, (_, seconds) in alone.items():
                assert seconds == pytest.approx(ages[place], abs=SLACK_SECONDS)
            assert alone["router-progress", inbox] == (
                3,
                pytest.approx(2 * HOUR, abs=SLACK_SECONDS),
            )
            assert alone["projector", CASE_FACTS][0] == 2
            assert alone["dispatcher", "outbox"] == (
                1,
                pytest.approx(time.time() - NOON.timestamp(), abs=SLACK_SECONDS),
            )

    asyncio.run(run())


def test_deliveries_that_a_topic_does_not_take_are_named_and_the_end_says_no(
    city_log: str, postgres: str
) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "blocked_topic") as city:
            fact = submitted(CaseId("blocked-topic"))
            await city.append(fact, routed(fact))
            async with working(projector.run, city.worker()):
                await city.projected()
            await city.tables.execute(
                "insert into desk.delivered select log_partition, max(log_offset) + 1"
                " from outbox group by log_partition"
            )
            endless = ("--over", "1e9")
            await peygir(city, "lag", *endless, ends=OK)
            await park(city)

            told = json.loads(await peygir(city, "lag", "--json", *endless, ends=NO))
            assert [(one["topic"], one["deliveries"], one["reason"]) for one in told["parked"]] == [
                (department_of(CITY, PARKS), 1, "there is no such topic")
            ]
            table = await peygir(city, "lag", *endless, ends=NO)
            assert "there is no such topic" in table

    asyncio.run(run())


def test_without_postgres_the_inboxes_are_told_of_and_without_kafka_nothing(
    city_log: str, postgres: str
) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "blocked_away") as city:
            nowhere = {"PEYGIR_DATABASE_URL": f"postgresql://nobody@{NOBODY}/nothing"}
            told = waiting(await peygir(city, "lag", "--json", ends=UNAVAILABLE, **nowhere))
            assert ("router-progress", "progress-desk") in told
            assert {consumer for consumer, _ in told}.isdisjoint({"projector", "dispatcher"})
            await peygir(city, "gaps", ends=UNAVAILABLE, **nowhere)
            await asyncio.gather(
                *(
                    peygir(city, command, ends=UNAVAILABLE, PEYGIR_KAFKA=NOBODY)
                    for command in ("lag", "gaps")
                )
            )

    asyncio.run(run())


def test_what_a_router_skipped_is_listed_with_what_was_tried_and_what_to_do(
    city_log: str, postgres: str
) -> None:
    inbox = "intake-holes"

    async def run() -> None:
        async with lab(city_log, postgres, "holes") as city:
            await make_topic(city.kafka, inbox)
            await fill(city, TopicPartition(inbox, 0), *([HOUR] * MESSAGES))
            await route(city, inbox, set(range(MESSAGES)) - set(SKIPPED))
            await commit(city, TopicPartition(inbox, 0), MESSAGES)
            async with working(projector.run, city.worker()):
                await city.projected()
                await peygir(city, "gaps", ends=NO)
                await tried(city, inbox, 4, attempts=2)
                await tried(city, inbox, 11, attempts=5)
                told = json.loads(await peygir(city, "gaps", "--json", ends=NO))
            assert told["found"] == len(SKIPPED)
            assert told["unprojected"] == 0
            found = told["gaps"]
            assert [(one["inbox"], one["offset"]) for one in found] == [
                (inbox, offset) for offset in SKIPPED
            ]
            assert [one["tries"] for one in found] == [0, 2, 5]
            for one, words in zip(found, ("accountant", "router-repairs", "137"), strict=True):
                assert words in one["what_to_do"]
            ages = [time.time() - timestamp(one["since"]) for one in found]
            assert ages == [pytest.approx(HOUR, abs=SLACK_SECONDS)] * len(SKIPPED)

            # Nobody knows of the rest while the projector has still to read.
            await route(city, inbox, SKIPPED)
            told = json.loads(await peygir(city, "gaps", "--json", ends=NO))
            assert told["unprojected"] == 2 * len(SKIPPED)
            assert [one["offset"] for one in told["gaps"]] == [4, 11]

            async with working(projector.run, city.worker()):
                await city.projected()
                assert "0 without an outcome" in await peygir(city, "gaps", ends=OK)

    asyncio.run(run())


async def peygir(city: Lab, *words: str, ends: int, **settings: str) -> str:
    """What it says, where it ends with that code."""
    given = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PEYGIR_")},
        "PEYGIR_DATA": "/nowhere",
        "PEYGIR_KAFKA": city.kafka,
        "PEYGIR_DATABASE_URL": city.database,
        "COLUMNS": "200",
        **settings,
    }
    done = await asyncio.to_thread(
        subprocess.run,
        (sys.executable, "-m", "services.command", *words),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=given,
        cwd=ROOT,
    )
    assert done.returncode == ends, done.stdout + done.stderr
    return done.stdout


def waiting(told: str) -> Mapping[tuple[str, str], tuple[int, float]]:
    found: list[Mapping[str, Any]] = json.loads(told)["waiting"]
    return {(one["consumer"], one["source"]): (one["messages"], one["seconds"]) for one in found}


async def shows(worker: Worker, told: Mapping[tuple[str, str], tuple[int, float]]) -> bool:
    found = shown(worker, metrics.LAG_MESSAGES)
    return found == {place: records for place, (records, _) in told.items()}


async def park(city: Lab) -> None:
    """As if one department's topic had not taken the first delivery that waits."""
    await city.tables.execute(
        """
        insert into desk.undelivered
        select log_partition, log_offset, ordinal, case_id, $1, 3, now(), 'there is no such topic'
        from outbox
        limit 1
        """,
        department_of(CITY, PARKS),
    )


async def tried(city: Lab, inbox: str, offset: int, *, attempts: int) -> None:
    await city.tables.execute(
        "insert into desk.repairs values ($1, 1, 0, $2, $3, now())", inbox, offset, attempts
    )


def timestamp(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
