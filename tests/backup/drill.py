"""A whole Peygir for the restore drill: what is said to it, and everything that is seen of it."""

import asyncio
import json
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from schemas.codec import decode
from schemas.deliveries import Delivery
from tests.crash.city import City, Short, stop_process, wake_process
from tests.crash.oracle import settled
from tests.crash.storm import CITY
from tests.embedded.running import command, lives, wait_for

SHORT = Short("TRN-02", first_response_seconds=3, resolution_seconds=5)
EAGER = {"PEYGIR_JANITOR_TICK_SECONDS": "0.5", "PEYGIR_ACCOUNTING_TICK_SECONDS": "0.2"}
LEISURELY = "SUG-01"  # Its clocks say nothing for days.
WORDS = "کاش در پارک محله کتابخانه‌ای بود"
TRY_SECONDS = 10.0


@dataclass(slots=True)
class Kept:
    """What outlives the disaster: kept apart, or remembered by the world outside."""

    secrets: Path
    erasures: Path
    keys: Mapping[str, str]
    cases: dict[str, str] = field(default_factory=dict[str, str])  # by reference
    pages: dict[str, tuple[str, Any]] = field(default_factory=dict[str, tuple[str, Any]])
    wrapped: dict[str, list[bytes]] = field(default_factory=dict[str, list[bytes]])
    deliveries: list[Delivery] = field(default_factory=list[Delivery])


class Drill:
    """One instance after the other, in one place."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.data = place / "data"
        self.backup = place / "backup"
        self.city = City(self.data, more=EAGER).wait_until_ready()
        apart = place / "kept-apart"
        self.kept = Kept(
            secrets=apart / "secrets.json",
            erasures=apart / "erasures.jsonl",
            keys=self.city.keys,
        )
        apart.mkdir()

    def say(self, *references: str, category: str = LEISURELY) -> None:
        asyncio.run(self.submit(references, category))

    async def submit(self, references: Iterable[str], category: str = LEISURELY) -> None:
        async with httpx.AsyncClient(timeout=TRY_SECONDS) as client:
            await asyncio.gather(*(self._one(client, one, category) for one in references))

    async def _one(self, client: httpx.AsyncClient, reference: str, category: str) -> None:
        body: dict[str, object] = {
            "municipality": CITY,
            "channel": "web",
            "category": category,
            "text": f"{WORDS} ({reference})",
            "reporter": {"name": f"name of {reference}", "phone": "09120000000"},
        }
        answer = await client.post(
            f"{self.city.url}/intake/v1/cases",
            json=body,
            headers={
                "Authorization": f"Bearer {self.kept.keys['intake']}",
                "Idempotency-Key": reference,
            },
        )
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        case_id = answer.json()["case_id"]
        assert self.kept.cases.setdefault(reference, case_id) == case_id, "a retry is the same case"

    def page(self, reference: str) -> tuple[str, Any]:
        """What the read API says of a case, and its ETag."""
        answer = httpx.get(
            f"{self.city.url}/api/v1/cases/{self.kept.cases[reference]}",
            headers={"Authorization": f"Bearer {self.kept.keys['read']}"},
            timeout=TRY_SECONDS,
        )
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.headers["etag"], answer.json()

    def remember_pages(self, references: Collection[str]) -> None:
        self.kept.pages = {one: self.page(one) for one in references}

    def peygir(self, *words: str, **settings: str) -> str:
        done = command(*words, data=self.data, **settings)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def erase(self, reference: str) -> str:
        """As an operator does it; the bytes of the key are remembered to be looked for."""
        query = "select wrapped from keyring where case_id = $1 and wrapped is not null"
        rows = asyncio.run(self.city.rows(query, self.kept.cases[reference]))
        self.kept.wrapped[reference] = [row["wrapped"].encode() for row in rows]
        assert rows, "it has a key before it is erased"
        return self.peygir("erase", self.kept.cases[reference], "--yes")

    def settle(self) -> None:
        asyncio.run(settled(self.city))

    @contextmanager
    def nothing_delivered(self) -> Iterator[None]:
        """The dispatcher stands still for as long as the block lasts."""
        pid = self.city.pid("dispatcher")
        assert pid is not None
        assert stop_process(pid)
        try:
            yield
        finally:
            with suppress(ProcessLookupError):  # The watchdog may have started another.
                wake_process(pid)

    def projected(self, *references: str) -> None:
        """Waits until these are cases that have a department."""
        query = "select count(*) from cases where case_id = any($1) and department is not null"
        ids = [self.kept.cases[one] for one in references]
        wait_for(lambda: asyncio.run(self.city.value(query, ids)) == len(ids), 20)

    def count(self, table: str, reference: str) -> int:
        text = f"select count(*) from {table} where case_id = $1"  # noqa: S608
        return asyncio.run(self.city.value(text, self.kept.cases[reference]))

    def deliveries(self) -> list[Delivery]:
        records = asyncio.run(self.city.records(("department-",)))
        return [decode(record.value, Delivery) for record in records]

    def lose_everything(self) -> None:
        """The disaster: what was kept apart is all that is left."""
        self.kept.deliveries = self.deliveries()
        shutil.copy(self.data / "secrets.json", self.kept.secrets)
        shutil.copy(self.data / "erasures.jsonl", self.kept.erasures)
        left = [one["pid"] for one in self.city.run()["processes"].values()]
        self.city.process.kill()
        self.city.process.wait()
        wait_for(lambda: not any(lives(pid) for pid in left), 30)
        shutil.rmtree(self.data)

    def restore(self) -> str:
        return self.peygir(
            "restore",
            str(self.backup),
            "--secrets",
            str(self.kept.secrets),
            "--erasures",
            str(self.kept.erasures),
        )

    def start_again(self) -> None:
        self.city = City(self.data, more=EAGER).wait_until_ready()

    def on_disk(self, text: bytes) -> list[str]:
        """Every file of the data folder that holds these bytes."""
        files = (path for path in self.data.rglob("*") if path.is_file())
        return [str(path.relative_to(self.data)) for path in files if text in _bytes(path)]

    def unknown(self) -> set[str]:
        rows = json.loads(self.peygir("unknown-notices", "--json"))
        return {row["delivery_id"] for row in rows}


def notices(deliveries: Iterable[Delivery]) -> set[str]:
    return {one.delivery_id for one in deliveries if one.kind in ("warned", "breached")}


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
