"""Citizens and departments who do not give up: every message is sent again until it is taken."""

import asyncio
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field

import httpx
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from schemas.codec import encode
from schemas.messages import ProgressReport
from schemas.topics import progress_of
from schemas.vocabulary import CaseId, Department, Municipality
from tests.apart import place_of
from tests.crash.city import City

CITY = Municipality("hashtgerd")
AT_ONCE = 40
# Nothing is encrypted here; to read all the certificates of the world for each burst takes longer
# than the burst.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TRY_SECONDS = 6.0
AGAIN_SECONDS = 0.25
TRIES_MAX = 400
REPEATED_EVERY = 10  # Every tenth message is sent once more after it was taken.
WORDS = (
    "سطل زباله سر کوچه پر شده و کسی خالی نمی‌کند",
    "چراغ برق کوچه ما خاموش است",
    "چاله بزرگی وسط خیابان باز شده",
    "درخت خشک روی سیم برق افتاده",
    "اتوبوس خط ما دیر می‌آید",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a citizen; its reference makes every retry the same case."""

    reference: str
    category: str | None = None

    def body(self) -> dict[str, object]:
        text = f"{WORDS[hash(self.reference) % len(WORDS)]} ({self.reference})"
        body: dict[str, object] = {
            "municipality": CITY,
            "channel": "web",
            "text": text,
            "place": place_of(self.reference),
        }
        return body | ({"category": self.category} if self.category else {})


@dataclass(slots=True)
class Storm:
    """Sends messages in bursts. `taken` holds each acknowledged reference with its case."""

    city: City
    taken: dict[str, str] = field(default_factory=dict[str, str])
    refused: list[str] = field(default_factory=list[str])
    tries: int = 0
    under_way: int = 0

    async def burst(self, messages: Iterable[Message]) -> None:
        """Returns when every message was taken."""
        gate = asyncio.Semaphore(AT_ONCE)
        limits = httpx.Limits(max_connections=AT_ONCE)
        async with httpx.AsyncClient(
            timeout=TRY_SECONDS, limits=limits, verify=NO_CERTIFICATES
        ) as client:

            async def one(number: int, message: Message) -> None:
                async with gate:
                    await self._until_taken(client, message)
                    if number % REPEATED_EVERY == 0:
                        await self._until_taken(client, message)

            await asyncio.gather(*(one(*pair) for pair in enumerate(messages)))

    async def _until_taken(self, client: httpx.AsyncClient, message: Message) -> None:
        for _ in range(TRIES_MAX):
            self.tries += 1
            self.under_way += 1
            try:
                answer = await client.post(
                    f"{self.city.url}/intake/v1/cases",
                    json=message.body(),
                    headers={
                        "Authorization": f"Bearer {self.city.keys['intake']}",
                        "Idempotency-Key": message.reference,
                    },
                )
            except (httpx.HTTPError, OSError):
                answer = None
            finally:
                self.under_way -= 1
            if answer is not None and answer.status_code == httpx.codes.ACCEPTED:
                case_id = answer.json()["case_id"]
                assert self.taken.setdefault(message.reference, case_id) == case_id
                return
            if answer is not None and answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                self.refused.append(f"{answer.status_code} {answer.text}")
                return
            await asyncio.sleep(AGAIN_SECONDS)
        msg = f"{message.reference} was not taken in {TRIES_MAX} tries"
        raise AssertionError(msg)


async def report(city: City, reports: Iterable[tuple[str, ProgressReport]]) -> None:
    """The departments' systems report; each tries until the broker has acknowledged."""
    waiting = list(reports)
    for _ in range(TRIES_MAX):
        producer = AIOKafkaProducer(
            bootstrap_servers=city.kafka, enable_idempotence=True, request_timeout_ms=3_000
        )
        try:
            await producer.start()
            while waiting:
                department, said = waiting[0]
                topic = progress_of(CITY, Department(department))
                await producer.send_and_wait(topic, encode(said), key=said.case_id.encode())
                waiting.pop(0)
        except (KafkaError, OSError):
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            return
        finally:
            await asyncio.wait_for(producer.stop(), 10)
    msg = f"{len(waiting)} reports were not taken"
    raise AssertionError(msg)


def reported(case_id: str, did: str) -> ProgressReport:
    """What a department says of a case, with a reference of its own."""
    assert did in {"acknowledged", "resolved"}
    return ProgressReport(
        case_id=CaseId(case_id),
        did="acknowledged" if did == "acknowledged" else "resolved",
        reference=f"{did}-{case_id}",
        # What is repaired in the street is shown by a photo.
        evidence=("photo:after",) if did == "resolved" else (),
    )
