"""What the stream of changes may expect of a projection, in memory and in Postgres."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

import asyncpg
import pytest

from schemas.steering import InformationRequested, Unlinked
from schemas.topics import LOG_PARTITIONS, partition_of
from services.api.changes.cursor import beginning
from services.api.changes.reads import EACH_MAX, AwayError, Projection, Source
from services.postgres import Database
from services.provision.tables import lay_out
from tests.builders import CENTRE, NOON, PARKS, after, resolved, routed, submitted
from tests.calendars import every_day
from tests.changing import Log, case_id
from tests.fake_changes import FakeProjection, learned
from tests.steering import (
    HOUR,
    ROADS,
    VERSION,
    city,
    known,
    linked,
    opened,
    passed_on,
    real,
    reopened,
    said,
)

pytestmark = pytest.mark.integration

CASES = EACH_MAX + 40
Write = Callable[[int], Awaitable[None]]
"""Two facts of so many cases more, in one transaction."""
There = Callable[[], AbstractAsyncContextManager[tuple[Source, Write]]]


@pytest.fixture(params=["fake", "real"])
def there(request: pytest.FixtureRequest) -> There:
    if request.param == "fake":
        return lambda: nullcontext(_fake())
    database = request.getfixturevalue("database")
    return lambda: _real(database)


def _fake() -> tuple[Source, Write]:
    fake, written = FakeProjection(), [0]
    ends = [0] * LOG_PARTITIONS

    async def write(count: int) -> None:
        facts = []
        for number in range(written[0], written[0] + count):
            partition = partition_of(case_id(number))
            for step in ("case.submitted.v1", "case.routed.v1"):
                facts.append(learned(number, ends[partition], step))
                ends[partition] += 1
        written[0] += count
        fake.add(*facts)

    return fake, write


@asynccontextmanager
async def _real(database: str):  # noqa: ANN202
    connection = await asyncpg.connect(database, server_settings={"search_path": "projection,desk"})
    await connection.execute("drop schema if exists projection cascade")
    await lay_out(connection, "cluster")
    pool, log, written = Database(database), Log(connection), [0]
    await pool.open()

    async def write(count: int) -> None:
        for number in range(written[0], written[0] + count):
            opened = submitted(case_id(number))
            log.append(opened, routed(opened))
        written[0] += count
        await log.project()

    try:
        yield Projection(pool), write
    finally:
        pool.close()
        await connection.close()


def test_pages_hold_every_fact_once_in_order_and_say_where_they_end(there: There) -> None:
    async def work() -> None:
        async with there() as (source, write):
            await write(8 * CASES)
            end = await source.reading.start()
            cursor, found, complete = beginning(end.generation), [], False
            while not complete:
                page = await source.reading.page(cursor)
                complete = page.complete
                assert page.generation == end.generation
                assert page.positions == end.offsets
                found += [(one.partition, one.offset) for one in page.facts]
                assert page.reached != cursor.offsets
                cursor = type(end)(end.generation, page.reached)
            assert cursor == end
            assert len(set(found)) == len(found) == 16 * CASES
            for partition in range(LOG_PARTITIONS):
                offsets = [offset for where, offset in found if where == partition]
                assert offsets == list(range(len(offsets)))

    asyncio.run(work())


def test_a_page_keeps_to_its_bounds(there: There) -> None:
    async def work() -> None:
        async with there() as (source, write):
            await write(20)
            middle = await source.reading.start()
            await write(20)
            start = beginning(middle.generation)
            until = await source.reading.page(start, until=middle.offsets)
            since = await source.reading.page(middle)
            nothing = await source.reading.page(middle, until=middle.offsets)
            case = await source.reading.page(start, case_id=case_id(7))
            assert (len(until.facts), until.reached) == (40, middle.offsets)
            assert (len(since.facts), since.complete) == (40, True)
            assert (nothing.facts, nothing.reached) == ((), middle.offsets)
            assert {one.case_id for one in case.facts} == {case_id(7)}
            assert (len(case.facts), case.complete) == (2, True)

    asyncio.run(work())


def test_who_listens_hears_of_what_was_written(there: There) -> None:
    async def work() -> None:
        async with there() as (source, write), asyncio.timeout(10):
            heard = asyncio.Event()
            async with source.listening(heard.set) as reading:
                before = await reading.start()
                await write(1)
                await heard.wait()
                assert len((await reading.page(before)).facts) == 2

    asyncio.run(work())


def test_each_fact_comes_with_the_state_and_the_department_that_it_left(database: str) -> None:
    """A transfer that names nobody goes to the centre; what is unlinked is what it was before."""
    version = city(every_day("UTC", ("00:00", "24:00")), answer=real(HOUR), done=real(9 * HOUR))
    facts = (
        *opened(version, NOON, case_id(1)),
        said(InformationRequested, after(60), case_id=case_id(1), policy_version=VERSION),
        linked(after(70), case_id(2), case_id=case_id(1)),
        said(Unlinked, after(80), case_id=case_id(1), department=None),
        passed_on(after(90), case_id=case_id(1)),
        passed_on(after(100), None, department=ROADS, case_id=case_id(1)),
        resolved(case_id(1), at=after(110), department=CENTRE),
        reopened(after(120), case_id=case_id(1)),
    )

    async def work() -> None:
        connection = await asyncpg.connect(
            database, server_settings={"search_path": "projection,desk"}
        )
        await connection.execute("drop schema if exists projection cascade")
        await lay_out(connection, "cluster")
        pool, log = Database(database), Log(connection, terms=known(version))
        await pool.open()
        await log.project(*facts)

        reading = Projection(pool).reading
        page = await reading.page(beginning((await reading.start()).generation))

        pool.close()
        await connection.close()
        assert [(one.state, one.department) for one in page.facts] == [
            ("submitted", None),
            ("routed", PARKS),
            ("acknowledged", PARKS),
            ("linked", PARKS),
            ("acknowledged", PARKS),
            ("routed", ROADS),
            ("routed", CENTRE),
            ("resolved", CENTRE),
            ("routed", CENTRE),
        ]

    asyncio.run(work())


def test_nowhere_is_away() -> None:
    async def work() -> None:
        nowhere = Database("postgresql://nobody@127.0.0.1:1/none")
        await nowhere.open()
        source = Projection(nowhere)
        with pytest.raises(AwayError):
            await source.reading.start()
        with pytest.raises(AwayError):
            async with source.listening(lambda: None):
                pass
        nowhere.close()

    asyncio.run(work())
