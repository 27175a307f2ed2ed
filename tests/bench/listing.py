"""Lists and counts of the read API among a million cases, by filters, by text, and both."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from schemas import projection
from services.embedded import ports
from services.embedded.parts import Embedded
from services.keys import store
from services.keys.key import NewKey, new_key
from services.provision.tables import lay_out
from tests.bench.many_cases import COLUMNS, WORDS, cases, texts
from tests.bench.table import Row, percentile, show

ROOT = Path(__file__).parents[2]
CASES = 1_000_000
PAGES = 5
ROUNDS = 4
READY_SECONDS_MAX = 30.0
# What an operator, a department and a mayor look at; and what fits little or nothing.
FILTERS = (
    "",
    "municipality=hashtgerd",
    "municipality=boston",
    "municipality=boston&historical=true",
    "municipality=hashtgerd&state=submitted&state=routed",
    "municipality=hashtgerd&overdue=true&sort=due",
    "municipality=hashtgerd&department=department-0&state=routed&sort=due",
    "municipality=hashtgerd&department=department-3",
    "municipality=hashtgerd&department=department-11&state=acknowledged",
    "municipality=hashtgerd&department=department-3&department=department-4&channel=sms",
    "municipality=boston&department=department-7",
    "municipality=hashtgerd&priority=urgent&state=routed",
    "municipality=hashtgerd&category=department-9-5",
    "municipality=hashtgerd&district=district-3&problem_report=false",
    "municipality=hashtgerd&channel=email&priority=urgent",
    "municipality=hashtgerd&submitted_from=2025-05-01T00:00:00Z&submitted_to=2025-05-08T00:00:00Z",
    "municipality=hashtgerd&department=department-2&category=department-4-1",
    "department=department-5&recorded_from=2026-10-01T00:00:00Z&sort=submitted",
    "due_before=2026-11-01T00:00:00Z&sort=-due",
)
# From a word that half of all messages say to one that nobody says; the number is its rank.
RANKS = (0, 1, 5, 20, 60, 150, 400, 2_000, 10_000, 29_000)
WITH_TEXT = ("", "&municipality=hashtgerd", "&municipality=hashtgerd&department=department-3")
COUNTS = (
    "",
    "by=municipality",
    "by=department&municipality=hashtgerd",
    "by=state&municipality=hashtgerd&department=department-3",
    "by=category&by=state&municipality=hashtgerd",
    "by=department&overdue=true&municipality=hashtgerd",
    "by=channel&by=priority&submitted_from=2026-10-01T00:00:00Z",
    "by=district&municipality=boston&historical=true",
)


def measure() -> tuple[Row, Row]:
    key = new_key(client="bench", scopes=("read",))
    with (
        tempfile.TemporaryDirectory(prefix="peygir-bench-") as folder,
        Embedded(Path(folder) / "data") as parts,
        parts.postgres() as database,
    ):
        url = database.url("peygir")
        asyncio.run(_prepare(url, key))
        with _listening(url) as port:
            pages, searches = asyncio.run(_measured(port, key.shown))
    return (
        _row("a page of a list", pages, 100, 50),
        _row("a text searched, or cases counted", searches, 500, 250),
    )


def _row(what: str, took: Sequence[float], floor: float, aim: float) -> Row:
    return Row(
        what=f"{what} among {CASES:,} cases, p99",
        measured=percentile(took, 99) * 1000,
        unit=" ms",
        floor=floor,
        aim=aim,
        at_most=True,
        detail=f"p50 {percentile(took, 50) * 1000:.1f} ms, p90 {percentile(took, 90) * 1000:.0f}"
        f" ms, longest {max(took) * 1000:.0f} ms of {len(took)}, one after the other",
    )


async def _prepare(url: str, key: NewKey) -> None:
    connection = await asyncpg.connect(url)
    await lay_out(connection, "bench")
    await store.add(connection, key)
    await connection.execute("drop schema projection cascade; create schema projection")
    await connection.execute("set search_path to projection; set maintenance_work_mem = '256MB'")
    await connection.execute(projection.TABLES)
    await connection.copy_records_to_table("cases", records=cases(CASES), columns=COLUMNS)
    columns = ("case_id", "log_partition", "words")
    await connection.copy_records_to_table("case_words", records=texts(CASES), columns=columns)
    await connection.execute(
        """
        insert into contents (case_id, log_offset, content)
        select c.case_id, c.submitted_offset, jsonb_build_object('text', w.words)
        from cases c
        join case_words w on w.case_id = c.case_id
        """
    )
    await connection.execute(projection.INDEXES)
    for table in ("cases", "case_words", "contents"):
        await connection.execute(f"vacuum analyze {table}")
    await connection.close()


async def _measured(port: int, key: str) -> tuple[list[float], list[float]]:
    headers = {"Authorization": f"Bearer {key}"}
    base = f"http://{ports.HOST}:{port}/api/v1"
    async with httpx.AsyncClient(headers=headers, timeout=30) as client:
        await _until_open(client, f"{base}/cases?limit=1")
        pages: list[float] = []
        searches: list[float] = []
        for turn in range(ROUNDS + 1):
            seen = ([], []) if turn == 0 else (pages, searches)  # The first warms the caches.
            for filters in FILTERS:
                await _pages(client, f"{base}/cases?{filters}", seen[0])
            for path in _searches():
                await _timed(client, f"{base}/{path}", seen[1])
    return pages, searches


def _searches() -> Iterator[str]:
    yield from (f"cases/counts?{one}" for one in COUNTS)
    words = WORDS["hashtgerd"].values
    for rank in RANKS:
        yield from (f"cases?q={words[rank]}{one}" for one in WITH_TEXT)
        yield from (f"cases/counts?by=department&q={words[rank]}{one}" for one in WITH_TEXT)
    yield f"cases?q={words[1]} {words[20]}&municipality=hashtgerd"
    yield f"cases?q={words[400]} {words[1]}"


async def _pages(client: httpx.AsyncClient, address: str, took: list[float]) -> None:
    """The first pages of a list, each by the cursor of the one before."""
    cursor = ""
    for _ in range(PAGES):
        body = await _timed(client, address + cursor, took)
        if body.get("next_cursor") is None:
            return
        cursor = f"&cursor={body['next_cursor']}"


async def _timed(client: httpx.AsyncClient, address: str, took: list[float]) -> dict[str, Any]:
    began = time.perf_counter()
    answer = await client.get(address)
    took.append(time.perf_counter() - began)
    # What is too broad to be answered in time took as long as it may.
    too_broad = answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert too_broad or answer.status_code == httpx.codes.OK, f"{address}: {answer.text}"
    return answer.json()


async def _until_open(client: httpx.AsyncClient, address: str) -> None:
    """Until it answers and knows the key."""
    async with asyncio.timeout(READY_SECONDS_MAX):
        while True:
            try:
                if (await client.get(address)).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)


@contextmanager
def _listening(database: str) -> Iterator[int]:
    port = ports.free_port("bench lists")
    settings = {"PEYGIR_DATABASE_URL": database, "PEYGIR_PORT": str(port)}
    env = os.environ | {"PYTHONPATH": str(ROOT)} | settings
    command = (sys.executable, "-m", "services", "api")
    running = subprocess.Popen(
        command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield port
    finally:
        running.kill()
        running.wait()


if __name__ == "__main__":
    show(measure())
