"""Orders of new promises: given to the log's inbox, and followed until each is judged."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

import asyncpg
from kafka.errors import KafkaError

from schemas.codec import encode, headers
from schemas.kafka import Kafka
from schemas.messages import DeadlineOrder
from schemas.topics import INBOX_BYTES_MAX, PROGRESS_DESK
from schemas.vocabulary import Author, FactId
from services.embedded.errors import StartError
from services.kafka import KafkaAwayError, TopicError, in_words, producer
from streams.core.ordering import deadline_set_id

AUTHOR = Author("operator")
JUDGED_SECONDS_MAX = 60.0
LOOK_SECONDS = 0.1

_JUDGED = """
select f.fact_id, f.judgement, f.refusal
from projection.facts f
where
    f.case_id = any($1::text[]) and f.fact_id = any($2::text[]) and f.judgement <> 'duplicate'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an order; `refusal` is why it has no effect."""

    order: DeadlineOrder
    judgement: str
    refusal: str | None


class Orders:
    """The way into the inbox, open for as long as there is something to order."""

    def __init__(self, kafka: Kafka, *, wait_seconds: float) -> None:
        """Raises `StartError`."""
        try:
            self._writer = producer(kafka, wait_seconds=wait_seconds, bytes_max=INBOX_BYTES_MAX)
        except KafkaAwayError as error:
            raise StartError(str(error)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()

    def send(self, orders: Sequence[DeadlineOrder], now: datetime) -> None:
        """All of them, acknowledged. Raises `StartError`; then some may be in the inbox."""
        try:
            sent = [
                self._writer.send(
                    PROGRESS_DESK,
                    encode(one),
                    key=one.case_id.encode(),
                    headers=headers(
                        one.type,
                        event_id=str(deadline_set_id(one)),
                        subject=one.case_id,
                        source="peygir sla recompute",
                        at=now,
                    ),
                )
                for one in orders
            ]
            for one in sent:
                one.get(timeout=self._writer.config["delivery_timeout_ms"] / 1000 + 1)
        except KafkaError as error:
            raise StartError(str(in_words(error, PROGRESS_DESK))) from error
        except (KafkaAwayError, TopicError) as error:
            raise StartError(str(error)) from error


async def judged(
    connection: asyncpg.Connection, orders: Sequence[DeadlineOrder]
) -> tuple[Outcome, ...]:
    """What became of each, once all are known. Raises `StartError` if that is not seen in time."""
    by_id = {deadline_set_id(one): one for one in orders}
    cases = sorted({one.case_id for one in orders})
    found: dict[FactId, Outcome] = {}
    try:
        async with asyncio.timeout(JUDGED_SECONDS_MAX):
            while True:
                for row in await connection.fetch(_JUDGED, cases, list(by_id)):
                    known = FactId(row["fact_id"])
                    found[known] = Outcome(
                        order=by_id[known], judgement=row["judgement"], refusal=row["refusal"]
                    )
                if len(found) == len(by_id):
                    return tuple(found.values())
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError as error:
        raise StartError(
            f"{len(by_id) - len(found)} orders are in the log's inbox, and not carried out within "
            f"{JUDGED_SECONDS_MAX:.0f} s: they will be. `peygir status` shows what stands still, "
            "`peygir dead-letters list` what was set aside; running it again changes nothing twice"
        ) from error
