"""The intake door with fakes around it, and requests to it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from starlette.types import ASGIApp

from schemas.codec import Headers
from schemas.exposition import Meters
from schemas.metrics import HTTP_SECONDS, INTAKE_EVENTS, INTAKE_PUBLISH_SECONDS
from schemas.policy import Policy
from schemas.topics import INBOX_BYTES_MAX
from schemas.vocabulary import Author
from services.follow import PublishedPolicies
from services.http.application import application
from services.http.asgi import Edge
from services.http.client import Client
from services.intake.routes import Door, intake_routes
from services.kafka import KafkaAwayError, TopicError
from services.keys.active import ActiveKeys
from services.keys.key import digest
from tests.builders import NOON
from tests.policies import policy

HMAC_KEY = b"h" * 32
APP_KEY = "pgr_a_app"
PHONE_KEY = "pgr_b_phone"
ANY_KEY = "pgr_c_any"
READ_KEY = "pgr_d_read"
PARKS_KEY = "pgr_e_parks"
CITY_KEY = "pgr_f_city"
ELSEWHERE_KEY = "pgr_g_elsewhere"
KEYS = ActiveKeys(
    {
        digest(APP_KEY): Client(name=Author("app"), scopes=frozenset({"channel:app"})),
        digest(PHONE_KEY): Client(name=Author("phone"), scopes=frozenset({"channel:phone"})),
        digest(ANY_KEY): Client(name=Author("any"), scopes=frozenset({"channel:*"})),
        digest(READ_KEY): Client(name=Author("reader"), scopes=frozenset({"read"})),
        digest(PARKS_KEY): Client(
            name=Author("parks"), scopes=frozenset({"department:hashtgerd/parks"})
        ),
        digest(CITY_KEY): Client(name=Author("city"), scopes=frozenset({"read:hashtgerd"})),
        digest(ELSEWHERE_KEY): Client(name=Author("other"), scopes=frozenset({"read:boston"})),
    }
)
MESSAGE: dict[str, Any] = {
    "municipality": "hashtgerd",
    "channel": "app",
    "text": "درخت افتاده است",
    "source_ref": "m-1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """One record as it lies in an inbox."""

    topic: str
    key: str
    value: bytes
    headers: Headers
    partition: int | None = None


@dataclass(slots=True)
class FakeInboxes:
    """Inboxes in memory, which may be away."""

    away: bool = False
    records: list[Lying] = field(default_factory=list[Lying])

    async def append(
        self, topic: str, *, key: str, value: bytes, headers: Headers, partition: int | None = None
    ) -> None:
        if self.away:
            raise KafkaAwayError("Kafka did not acknowledge in time")
        if len(value) > INBOX_BYTES_MAX:
            raise TopicError(f"the message is larger than {topic} takes")
        self.records.append(
            Lying(topic=topic, key=key, value=value, headers=headers, partition=partition)
        )


def door(
    inboxes: FakeInboxes, *policies: Policy, now: Callable[[], datetime] = lambda: NOON
) -> Door:
    published = PublishedPolicies({})
    for one in policies or (policy(),):
        published.learn(one)
    return Door(
        inboxes=inboxes,
        policies=published,
        callers=KEYS,
        hmac_key=HMAC_KEY,
        now=now,
        meters=meters(),
    )


def meters() -> Meters:
    return Meters([HTTP_SECONDS, INTAKE_EVENTS, INTAKE_PUBLISH_SECONDS])


class Caller:
    """Calls an ASGI application as a client would."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def get(self, path: str, **how: Any) -> httpx.Response:  # noqa: ANN401
        return self.request("GET", path, **how)

    def post(self, path: str, **how: Any) -> httpx.Response:  # noqa: ANN401
        return self.request("POST", path, **how)

    def request(self, method: str, path: str, **how: Any) -> httpx.Response:  # noqa: ANN401
        async def call() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://peygir") as client:
                return await client.request(method, path, **how)

        return asyncio.run(call())


def caller_of(intake: Door) -> Caller:
    app = application([intake_routes(intake)], title="test")
    return Caller(Edge(app, intake.meters))


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
