"""Something said of a case, at our desk or by a department, and how it was judged."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from schemas.codec import encode, headers
from schemas.fact_parts import Source
from schemas.kafka import Kafka
from schemas.messages import ProgressReport
from schemas.topics import INBOX_BYTES_MAX
from schemas.vocabulary import Author, CaseId, Department, FactId, Municipality
from services.backup.errors import AbsentError, BehindError
from services.kafka import KafkaAwayError, TopicError, append, producer

CONNECT_SECONDS_MAX = 10
LOOK_SECONDS = 0.1
FOLLOWED_MAX = 8  # A case that is followed follows none, unless both were linked in one moment.

CASE = """
select case_id, municipality, department, recorded_at
from projection.cases
where case_id = $1 or tracking_code = $1
limit 2
"""
ROOT = """
with recursive above as (
    select case_id, municipality, department, recorded_at, parent, 0 as steps
    from projection.cases
    where case_id = $1
    union all
    select c.case_id, c.municipality, c.department, c.recorded_at, c.parent, above.steps + 1
    from above
    join projection.cases as c on c.case_id = above.parent
    where above.steps < $2
)
select case_id, municipality, department, recorded_at
from above
order by steps desc
limit 1
"""
# A repetition was judged when it was said first.
JUDGED = """
select first.judgement, first.refusal, first.refused_for
from projection.facts as own
join projection.facts as first
    on first.case_id = own.case_id and first.fact_id = own.fact_id
    and first.judgement <> 'duplicate'
where own.case_id = $1 and own.fact_id = $2 and own.fact @> $3::jsonb
order by first.log_offset
limit 1
"""
PLACE = ("inbox", "generation", "partition", "offset")
SET_ASIDE = """
select reason
from projection.dead_letters
where inbox = $1 and generation = $2 and inbox_partition = $3 and inbox_offset = $4
limit 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A case that something can be said of."""

    case_id: CaseId
    municipality: Municipality
    department: Department | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Into which inbox something is said, as whom, and by which command."""

    inbox: str
    author: Author
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of it: the fold's judgement, or that it never became a fact.

    `refused_for` is the refusal by its code, as the projection keeps it.
    """

    verdict: str
    reason: str | None = None
    refused_for: str | None = None

    @property
    def effective(self) -> bool:
        return self.verdict == "effective"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where the instance is reached, and which of its inboxes are in use."""

    kafka: Kafka
    database_url: str
    inbox_generation: int
    wait_seconds: float

    async def find(self, asked: str) -> Sequence[Found]:
        """The cases of that id or tracking code: none, one, or two of two municipalities."""
        return [Found(**dict(row)) for row in await self._fetch(CASE, asked)]

    async def root(self, case_id: CaseId) -> Found:
        """The case that it follows, at last; itself, if it follows none."""
        (row,) = await self._fetch(ROOT, case_id, FOLLOWED_MAX)
        return Found(**dict(row))

    def say(self, report: ProgressReport, voice: Voice, now: datetime) -> Source:
        """Where it lies, acknowledged. Raises `BehindError`, `AbsentError`."""
        attributes = headers(
            report.type,
            event_id=f"{voice.author}/{report.reference}/{report.did}",
            subject=report.case_id,
            source=voice.command,
            at=now,
        )
        try:
            writer = producer(self.kafka, wait_seconds=self.wait_seconds, bytes_max=INBOX_BYTES_MAX)
            value = encode(report)
            partition, offset = append(
                writer, voice.inbox, key=report.case_id, value=value, headers=attributes
            )
            writer.close()
        except KafkaAwayError as error:
            raise BehindError(str(error)) from error
        except TopicError as error:
            raise AbsentError(str(error)) from error
        return Source(
            inbox=voice.inbox,
            generation=self.inbox_generation,
            partition=partition,
            offset=offset,
        )

    async def answer(
        self, case_id: CaseId, fact_id: FactId, source: Source, seconds_max: float
    ) -> Answer:
        """How it was judged. Raises `BehindError` if that is not seen in time."""
        try:
            async with asyncio.timeout(seconds_max):
                while (found := await self._answered(case_id, fact_id, source)) is None:  # noqa: ASYNC110
                    await asyncio.sleep(LOOK_SECONDS)
                return found
        except TimeoutError as error:
            raise BehindError(
                f"it lies in {source.inbox}, and is not judged within {seconds_max:.0f} s: it "
                "will be. `peygir status` shows what stands still"
            ) from error

    async def _answered(self, case_id: CaseId, fact_id: FactId, source: Source) -> Answer | None:
        place = (source.inbox, source.generation, source.partition, source.offset)
        there = json.dumps({"source": dict(zip(PLACE, place, strict=True))})
        for row in await self._fetch(JUDGED, case_id, fact_id, there):
            return Answer(
                verdict=row["judgement"], reason=row["refusal"], refused_for=row["refused_for"]
            )
        for row in await self._fetch(SET_ASIDE, *place):
            return Answer(verdict="refused", reason=row["reason"])
        return None

    async def _fetch(self, query: str, *asked: object) -> list[asyncpg.Record]:
        try:
            connection = await asyncpg.connect(self.database_url, timeout=CONNECT_SECONDS_MAX)
            try:
                return await connection.fetch(query, *asked)
            finally:
                await connection.close()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise BehindError(f"Postgres does not answer ({type(error).__name__})") from error
