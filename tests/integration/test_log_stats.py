"""`peygir log stats` on a real log: every record is counted under its type, and none is opened."""

import asyncio
import json
import subprocess
import sys
from typing import Any

import pytest

from schemas.codec import encode
from schemas.topics import HEARTBEAT, KEYRING, partition_of
from schemas.vocabulary import CaseId
from tests.builders import acknowledged, routed, source
from tests.integration.lab import Lab, lab

pytestmark = pytest.mark.integration

CASE = CaseId("counted-case")
TEXT = "چراغ خاموش است"


def test_every_record_is_counted_by_its_type_and_partition(city_log: str, postgres: str) -> None:
    async def run() -> None:
        async with lab(city_log, postgres, "log_stats") as city:
            empty = json.loads(await stats(city, "--json"))
            first = await city.submit(CASE, TEXT, source(1))
            await city.append(routed(first), acknowledged(CASE), acknowledged(CASE))
            await city.set_aside(source(2))
            beat = f"{HEARTBEAT}{partition_of(CASE)}".encode()
            await city.append_bytes(KEYRING, beat, b"{}", CASE)
            await city.erase(first)

            found, words = json.loads(await stats(city, "--json")), await stats(city)

            assert {topic: one["records"] for topic, one in empty.items()} == {
                "case-facts": 0,
                "keyring": 0,
                "dead-letters": 0,
            }
            facts = found["case-facts"]
            assert records(facts) == {
                "case.submitted.v1": 1,
                "case.routed.v1": 1,
                "case.acknowledged.v1": 2,
            }
            said = len(encode(acknowledged(CASE))) + len(CASE)
            assert facts["types"]["case.acknowledged.v1"]["bytes"] == 2 * said
            assert facts["bytes"] == sum(one["bytes"] for one in facts["types"].values())
            assert facts["partitions"][partition_of(CASE)] == facts["records"] == 4
            assert records(found["keyring"])["tombstone"] == 1
            assert records(found["keyring"])["heartbeat"] == 1
            assert found["keyring"]["records"] == 3
            assert found["dead-letters"]["records"] == 1
            assert empty["case-facts"]["first"] == "-"
            assert facts["first"] <= facts["last"]
            assert "case.acknowledged.v1" in words
            assert TEXT not in words + json.dumps(found, ensure_ascii=False)

    asyncio.run(run())


def records(topic: dict[str, Any]) -> dict[str, int]:
    return {kind: one["records"] for kind, one in topic["types"].items()}


async def stats(city: Lab, *options: str) -> str:
    done = await asyncio.to_thread(
        subprocess.run,
        (sys.executable, "-m", "services.command", "log", "stats", *options),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"PATH": "", "PEYGIR_KAFKA": city.kafka, "PYTHONPATH": ":".join(sys.path)},
    )
    return done.stdout
