"""A projection with cases that a test tells by their facts, and the read API over it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx

from schemas.codec import encode
from schemas.contents import Content, Evidence
from schemas.facts import Fact, Routed, Submitted
from schemas.places import Place, Reporter
from schemas.policy import Policy
from schemas.topics import partition_of
from schemas.vocabulary import CaseId, Category, Channel, Department, FactId, Municipality
from services.api.desk import ReadDesk
from services.api.limits import AddressLimit
from services.api.listing import Lists
from services.api.reads import Reads
from services.api.routes import api_routes
from services.edge.page import page_routes
from services.follow import PublishedPolicies
from services.http.application import application
from services.http.asgi import Edge
from services.postgres import Database
from services.provision.tables import lay_out
from streams.core.case import Case, Positioned
from streams.core.fold import step
from streams.core.ids import read_tracking_code
from streams.core.tables import (
    CASE_COLUMNS,
    CLOCK_COLUMNS,
    FACT_COLUMNS,
    WORDS_COLUMNS,
    case_row,
    clock_rows,
    fact_row,
    words_row,
)
from streams.core.terms import NO_TERMS, AllTerms
from tests.builders import CITY, NOON, PARKS, routed, submitted
from tests.edges import KEYS, READ_KEY, bearer, meters
from tests.policies import policy

Ask = Callable[..., Awaitable[httpx.Response]]
READ = bearer(READ_KEY)
BOSTON = Municipality("boston")
POLICIES = (
    policy(),
    policy(since=NOON - timedelta(days=1)),
    replace(policy(), version="boston/2026-01-01T00:00:00Z", municipality=BOSTON),
)


def case_id(number: int) -> CaseId:
    return CaseId(f"{number:032b}".translate(str.maketrans("01", "ab")))


def told(  # each is a property that a list is filtered by
    number: int,
    *,
    at: datetime = NOON,
    municipality: Municipality = CITY,
    department: Department = PARKS,
    category: str = "GRN-02",
    channel: Channel = "web",
) -> tuple[Submitted, Routed]:
    """A case that was submitted and routed."""
    first = replace(
        submitted(case_id(number), at=at, channel=channel),
        municipality=municipality,
        tracking_code=code(number),
    )
    second = replace(
        routed(first, department=department),
        municipality=municipality,
        category=Category(category),
    )
    return first, second


def code(number: int) -> str:
    """A tracking code with the check digit that fits."""
    every = (f"{number:014d}{digit}" for digit in range(10))
    return next(one for one in every if read_tracking_code(one))


@dataclass(slots=True)
class Tables:
    """The projection, written to as the projector would."""

    connection: asyncpg.Connection
    offset: int = 0

    async def add(
        self,
        *facts: Fact,
        text: str = "درخت روی ماشین افتاده",
        terms: AllTerms = NO_TERMS,
        notes: Mapping[FactId, str] = {},
    ) -> Case:
        """One case by all its facts, in the order of the log; `notes` were sealed in them."""
        case, rows = Case(case_id=facts[0].case_id), []
        partition = partition_of(case.case_id)
        for fact in facts:
            case, judgement = step(case, Positioned(offset=self.offset, fact=fact), terms)
            rows.append(fact_row(partition, self.offset, encode(fact).decode(), fact, judgement))
            if fact.fact_id in notes:
                await self._note(case.case_id, notes[fact.fact_id])
            self.offset += 1
        await self._copy("facts", FACT_COLUMNS, rows)
        await self._copy("cases", CASE_COLUMNS, [case_row(case, partition)])
        await self._copy("clocks", CLOCK_COLUMNS, list(clock_rows(case, partition)))
        if case.erased_at is None:
            await self._say(case, text)
        return case

    async def _note(self, case: CaseId, note: str) -> None:
        row = (case, self.offset, encode(Evidence(note=note)).decode())
        await self._copy("contents", ("case_id", "log_offset", "content"), [row])

    async def _say(self, case: Case, text: str) -> None:
        assert case.submitted is not None
        content = Content(
            text=text,
            place=Place(lat=35.9, lon=50.6, address="خیابان امام"),
            reporter=Reporter(phone="09120004321"),
        )
        row = (case.case_id, case.submitted_offset, encode(content).decode())
        await self._copy("contents", ("case_id", "log_offset", "content"), [row])
        words = words_row(case.submitted, partition_of(case.case_id), content)
        await self._copy("case_words", WORDS_COLUMNS, [words])

    async def _copy(self, table: str, columns: tuple[str, ...], rows: list[Any]) -> None:
        await self.connection.copy_records_to_table(
            table, schema_name="projection", columns=columns, records=rows
        )


def filled(url: str, fill: Callable[[Tables], Awaitable[Any]]) -> Any:  # noqa: ANN401
    """What `fill` gives back, with the tables laid out."""

    async def run() -> Any:  # noqa: ANN401
        connection = await asyncpg.connect(url)
        try:
            await lay_out(connection, "cluster-1")
            start = await connection.fetchval(
                "select coalesce(max(log_offset), -1) from projection.facts"
            )
            return await fill(Tables(connection, start + 1))
        finally:
            await connection.close()

    return asyncio.run(run())


def desk(
    url: str,
    *,
    per_minute: int = 1_000,
    now: datetime | None = None,
    policies: tuple[Policy, ...] | None = POLICIES,
) -> ReadDesk:
    """What the API stands on; its databases are opened in the loop that uses them."""
    published = PublishedPolicies(None if policies is None else {})
    for one in policies or ():
        published.learn(one)

    def at() -> datetime:
        return now or datetime.now(UTC)

    return ReadDesk(
        reads=Reads(Database(url)),
        lists=Lists.at(url),
        policies=published,
        callers=KEYS,
        find_policy=lambda city: published.in_force(city, at()),
        limit=AddressLimit(per_minute),
        now=at,
    )


def app(stands_on: ReadDesk) -> Edge:
    routes = [api_routes(stands_on), page_routes(stands_on)]
    return Edge(application(routes, title="test"), meters())


def asked(url: str, work: Callable[[Ask], Awaitable[Any]], **how: Any) -> Any:  # noqa: ANN401
    """What `work` gives back, with the API at hand."""

    async def run() -> Any:  # noqa: ANN401
        stands_on = desk(url, **how)
        databases = (stands_on.reads.database, stands_on.lists.database)
        for one in databases:
            await one.open()
        transport = httpx.ASGITransport(app(stands_on), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://peygir") as client:
            try:
                return await work(client.request)
            finally:
                for one in databases:
                    one.close()

    return asyncio.run(run())


def get(url: str, path: str, headers: dict[str, str] | None = None, **how: Any) -> httpx.Response:  # noqa: ANN401
    return asked(url, lambda ask: ask("GET", path, headers=headers), **how)


def listed(
    url: str, query: str = "", headers: dict[str, str] | None = None, now: datetime | None = None
) -> list[int]:
    """The numbers of the cases of a list, in its order."""
    answer = get(url, f"/api/v1/cases?{query}", headers or READ, now=now)
    assert answer.status_code == 200, answer.text
    return [number(one["case_id"]) for one in answer.json()["cases"]]


def number(case: str) -> int:
    return int(case.translate(str.maketrans("ab", "01")), 2)
