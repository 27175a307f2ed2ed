"""How many bytes a case costs, everywhere it lies: `python -m tests.measurements.sizes [CASES]`.

The numbers of docs/capacity.md. A whole Peygir is started; cases go in by its front door.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import httpx

from schemas.codec import decode_fact
from schemas.topics import CASE_FACTS, KEYRING
from services.backup.make import Instance, back_up
from tests.conftest import reachable
from tests.crash.city import City, until
from tests.crash.storm import CITY, report, reported

TEXTS = Path(__file__).parents[1] / "data" / "taxonomy_messages.json"
AT_ONCE = 40
PATIENCE_SECONDS = 600
TABLES = (
    "facts",
    "cases",
    "clocks",
    "contents",
    "case_words",
    "keyring",
    "outbox",
    "covered",
)


def main(cases: int) -> None:
    folder = reachable(Path(tempfile.mkdtemp(prefix="sizes-")))
    city = City(folder / "data").wait_until_ready()
    try:
        asyncio.run(_fill(city, cases))
        asyncio.run(_show(city, cases))
        asyncio.run(_back_up(city, folder / "backup"))
    finally:
        city.stop()


async def _fill(city: City, cases: int) -> None:
    """Every case is acknowledged, and half of them are resolved."""
    texts = [one["text"] for one in json.loads(TEXTS.read_text(encoding="utf-8"))["messages"]]
    gate = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(timeout=30) as client:

        async def one(number: int) -> None:
            body = {
                "municipality": CITY,
                "channel": "web",
                "text": texts[number % len(texts)],
                "place": {"lat": 35.96, "lon": 50.68, "address": "خیابان امام، کوچه سوم، پلاک ۱۲"},
                "reporter": {"name": "name and surname", "phone": "+989121234567"},
            }
            headers = {
                "Authorization": f"Bearer {city.keys['intake']}",
                "Idempotency-Key": f"size-{number}",
            }
            async with gate:
                answer = await client.post(
                    f"{city.url}/intake/v1/cases", json=body, headers=headers
                )
                answer.raise_for_status()

        await asyncio.gather(*(one(number) for number in range(cases)))
    routed = "select count(*) from cases where department is not null"
    await until(lambda: city.value(routed), cases, PATIENCE_SECONDS, "routed")
    rows = await city.rows("select case_id, department from cases order by case_id")
    for did, of in (("acknowledged", rows), ("resolved", rows[::2])):
        await report(city, ((row["department"], reported(row["case_id"], did)) for row in of))
    closed = "select count(*) from cases where closed_at is not null"
    await until(lambda: city.value(closed), len(rows[::2]), PATIENCE_SECONDS, "closed")


async def _show(city: City, cases: int) -> None:
    facts = await city.records((CASE_FACTS,))
    keys = await city.records((KEYRING,))
    _say(f"{cases} cases, {len(facts)} facts ({len(facts) / cases:.2f} a case)")
    _say("bytes a record in the log: type, count, value, key and headers")
    by_type: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for one in facts:
        by_type[decode_fact(one.value).type].append((len(one.value), _beside(one)))
    by_type["key.v1"] = [(len(one.value or b""), _beside(one)) for one in keys]
    for kind, sizes in by_type.items():
        values, beside = (sum(one[part] for one in sizes) / len(sizes) for part in (0, 1))
        _say(f"  {kind}: {len(sizes)}, {values:.0f}, {beside:.0f}")
    _say("bytes on the broker's disk a case, index files apart (they are made 10 MB at once)")
    for prefix in ("case-facts", "keyring", "intake-", "progress-", "department-"):
        _say(f"  {prefix}: {_log_bytes(city.data / 'kafka', prefix) / cases:.0f}")
    await _show_tables(city, cases)


async def _show_tables(city: City, cases: int) -> None:
    _say("bytes in Postgres a case: table, rows a case, table and indexes")
    total = 0
    for table in TABLES:
        size = await city.value(f"select pg_total_relation_size('projection.{table}')")
        count = await city.value(f"select count(*) from projection.{table}")  # noqa: S608
        total += size
        _say(f"  {table}: {count / cases:.2f}, {size / cases:.0f}")
    _say(f"  all: {total / cases:.0f}")


async def _back_up(city: City, folder: Path) -> None:
    instance = Instance(
        kafka=city.kafka, database_url=city.run()["database_url"], inbox_generation=1
    )
    began = time.perf_counter()
    made = await back_up(instance, folder, datetime.now(UTC), lambda _: None)
    took = time.perf_counter() - began
    facts = sum(part.records for part in made.of(CASE_FACTS))
    packed = sum(part.bytes for part in made.of(CASE_FACTS))
    _say(f"a backup: {packed / facts:.0f} bytes a fact, {made.bytes / facts:.0f} with the ring")
    _say(f"  {made.records} records in {took:.1f} s")


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")


def _beside(record: "object") -> int:
    headers: Iterable[tuple[str, bytes]] = record.headers  # type: ignore[attr-defined]  # of the client
    key: bytes = record.key or b""  # type: ignore[attr-defined]  # of the client
    return len(key) + sum(len(name) + len(value) for name, value in headers)


def _log_bytes(folder: Path, prefix: str) -> int:
    return sum(path.stat().st_size for path in folder.glob(f"{prefix}*/*.log"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
