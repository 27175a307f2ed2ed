"""What is sent to repair goes on in the trace that it came in with."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from schemas import metrics
from schemas.exposition import Meters
from schemas.settings import Settings
from schemas.spans import Exporting
from schemas.trace_context import of_headers, parent
from streams.accountant.repairs import Repairs
from streams.core.accounting import InboxPartition
from streams.process import Heartbeat, Worker
from tests.builders import NOON
from tests.collector import Collector, collecting

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
CAME_WITH = ("traceparent", parent(TRACE, SPAN, sampled=True).encode())
PLACE = InboxPartition(inbox="intake-web", generation=1, partition=0)


@dataclass(slots=True)
class Fakes:
    """An inbox with one message, a ledger that knows of no try, and the topic of repairs."""

    came_with: list[tuple[str, bytes]]
    sent: list[list[tuple[str, bytes]]] = field(default_factory=list[list[tuple[str, bytes]]])

    async def record_at(self, *_: object) -> Any:  # noqa: ANN401
        return SimpleNamespace(value=b"{}", timestamp=0, headers=self.came_with)

    async def repaired(self, *_: object) -> dict[int, Any]:
        return {}

    async def tried(self, *_: object, **__: object) -> None:
        pass

    async def append(self, *_: object, headers: list[tuple[str, bytes]], **__: object) -> None:
        self.sent.append(headers)


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as one:
        yield one


def worker() -> Worker:
    return Worker(
        name="accountant",
        settings=Settings(),
        now=lambda: NOON,
        meters=Meters([metrics.ACCOUNTING_GAPS]),
        heartbeat=Heartbeat(60),
    )


def repaired(fakes: Fakes, by: Worker) -> str | None:
    all_of_them = cast("Any", fakes)
    asyncio.run(Repairs(by, all_of_them, all_of_them, all_of_them).ask(PLACE, [7]))
    (headers,) = fakes.sent
    return of_headers(headers)


def test_a_gap_is_repaired_in_the_trace_of_its_message(collector: Collector) -> None:
    tracer = Exporting(
        collector.url, worker="accountant", instance="1", share=1.0, now=lambda: NOON
    )

    found = repaired(Fakes([CAME_WITH]), replace(worker(), tracer=tracer))
    tracer.close()

    (span,) = collector.spans
    assert (span.name, span.trace, span.parent) == ("send repairs", TRACE, SPAN)
    assert found == parent(TRACE, span.span, sampled=True)


def test_where_nobody_traces_it_names_none() -> None:
    assert repaired(Fakes([CAME_WITH]), worker()) is None
