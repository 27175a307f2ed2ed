"""The read API's one case, against a bare handler that reads one row by its primary key."""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg

from services.embedded import ports
from services.embedded.parts import Embedded
from services.keys import store
from services.keys.key import NewKey, new_key
from services.provision.tables import lay_out
from tests.bench.scraping import scraped
from tests.bench.table import Row
from tests.builders import NOON

ROOT = Path(__file__).parents[2]
BARE = Path(__file__).with_name("bare_reader.py")
CASES = 1_000
READS = 3_000
CALLERS = 16
ROUNDS = 5
READY_SECONDS_MAX = 30.0


def measure() -> Row:
    key = new_key(client="bench", scopes=("read",))
    with (
        tempfile.TemporaryDirectory(prefix="peygir-bench-") as folder,
        Embedded(Path(folder) / "data") as parts,
        parts.postgres() as database,
    ):
        url = database.url("peygir")
        asyncio.run(_prepare(url, key))
        ours, bare, shown = (ports.free_port(f"bench {one}") for one in ("api", "bare", "metrics"))
        settings = {
            "PEYGIR_DATABASE_URL": url,
            "PEYGIR_PORT": str(ours),
            "PEYGIR_METRICS_PORT": str(shown),
        }
        with (
            process("-m", "services", "api", **settings),
            process(str(BARE), url, str(bare)),
            scraped(shown),
        ):
            pairs = asyncio.run(_rounds(ours, bare, key.shown))
    return Row(
        what="read API, one case / bare FastAPI and asyncpg",
        measured=statistics.median(one / other for one, other in pairs),
        unit="",
        floor=0.5,
        aim=0.9,
        at_most=False,
        detail=f"{statistics.median(one for one, _ in pairs):.0f}/s and "
        f"{statistics.median(other for _, other in pairs):.0f}/s, {ROUNDS} rounds of {READS}",
    )


async def _prepare(url: str, key: NewKey) -> None:
    connection = await asyncpg.connect(url)
    await lay_out(connection, "bench")
    await store.add(connection, key)
    await connection.execute("set search_path to projection")
    cases = [_case_id(number) for number in range(CASES)]
    await connection.executemany(
        """
        insert into cases (
            case_id, log_partition, version, municipality, channel, state, tracking_code,
            submitted_at, recorded_at, submitted_offset, department, category, priority,
            problem_report, routing_reason, policy_version, historical, times_reversed,
            transfers, reopenings
        ) values (
            $1, 0, 1, 'hashtgerd', 'web', 'routed', '123456789012347', $2, $2, 0, 'parks',
            'GRN-02', 'high', true, 'a reason of a usual length, with the words', 'hashtgerd/1',
            false, false, 0, 0
        )
        """,
        [(case, NOON) for case in cases],
    )
    await connection.executemany(
        """
        insert into clocks (
            case_id, kind, cycle, log_partition, municipality, department, state, started_at,
            deadline, voided
        ) values ($1, $2, 0, 0, 'hashtgerd', 'parks', 'running', $3, $3, false)
        """,
        [(case, kind, NOON) for case in cases for kind in ("first-response", "resolution")],
    )
    content = json.dumps({"text": "درخت در پارک افتاده است", "place": {"lat": 35.9, "lon": 50.6}})
    await connection.executemany(
        "insert into contents (case_id, log_offset, content) values ($1, 0, $2)",
        [(case, content) for case in cases],
    )
    await connection.execute("analyze")
    await connection.close()


def _case_id(number: int) -> str:
    return f"{number:032b}".translate(str.maketrans("01", "ab"))


async def _rounds(ours: int, bare: int, key: str) -> list[tuple[float, float]]:
    for port in (ours, bare):
        await until_open(port)
    await asyncio.sleep(3)  # The keys are read every two seconds.
    await _reads_a_second(ours, "/api/v1/cases/", key)
    return [
        (
            await _reads_a_second(ours, "/api/v1/cases/", key),
            await _reads_a_second(bare, "/cases/", key),
        )
        for _ in range(ROUNDS)
    ]


async def _reads_a_second(port: int, path: str, key: str) -> float:
    began = time.perf_counter()
    callers = (_caller(port, path, key, first) for first in range(CALLERS))
    await asyncio.gather(*callers)
    return CALLERS * (READS // CALLERS) / (time.perf_counter() - began)


async def _caller(port: int, path: str, key: str, first: int) -> None:
    """One connection, one read after the other, with as little of a client as can be."""
    reader, writer = await asyncio.open_connection(ports.HOST, port)
    for number in range(READS // CALLERS):
        case = _case_id((first * 61 + number) % CASES)
        head = f"GET {path}{case} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n\r\n"
        writer.write(head.encode())
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert answer.startswith(b"http/1.1 200"), answer
        length = answer.split(b"content-length: ")[1].split(b"\r\n")[0]
        await reader.readexactly(int(length))
    writer.close()


async def until_open(port: int) -> None:
    ends_at = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < ends_at:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(ports.HOST, port)
            writer.close()
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(f"nobody listens at {port}")


@contextmanager
def process(*arguments: str, **settings: str) -> Iterator[None]:
    env = os.environ | {"PYTHONPATH": str(ROOT)} | settings
    running = subprocess.Popen((sys.executable, *arguments), env=env, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        running.kill()
        running.wait()
