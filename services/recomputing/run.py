"""A recomputation from its question to its outcome: looked at first, and applied if wanted."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

import asyncpg

from schemas.kafka import Kafka
from schemas.policy import Policy
from services.api.terms import PublishedTerms
from services.embedded.errors import MissingError, StartError
from services.follow import PublishedPolicies
from services.kafka import KafkaAwayError, TopicError
from services.policy import publish as publishing
from services.recomputing.cases import Wanted, connected
from services.recomputing.orders import Orders, judged
from services.recomputing.plan import Changed, Looked, changes, order
from streams.core.in_force import in_force
from streams.core.recomputing import Recomputation

Tell = Callable[[Sequence[Changed]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the instance is reached."""

    kafka: Kafka
    database_url: str
    wait_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One recomputation: whose cases, by which version, as of when."""

    place: Place
    wanted: Wanted
    terms: PublishedTerms
    asked: Recomputation


@dataclass(slots=True)
class Applied:
    """What became of the orders; `refused` says why some have no effect."""

    effective: int = 0
    refused: Counter[str] = field(default_factory=Counter[str])


def published(kafka: Kafka) -> PublishedPolicies:
    """Every version there is. Raises `StartError`."""
    policies = PublishedPolicies({})
    try:
        for one in publishing.versions(kafka):
            policies.learn(one)
    except (KafkaAwayError, TopicError) as error:
        raise StartError(str(error)) from error
    return policies


def version_of(
    policies: PublishedPolicies, municipality: str, version: str | None, now: datetime
) -> Policy:
    """The version named, else the one in force. Raises `MissingError`."""
    known = policies.versions(municipality)
    if not known:
        raise MissingError(f"no policy of {municipality} is published")
    if version is None:
        return in_force(known, now)
    found = next((one for one in known if one.version == version), None)
    if found is None:
        names = ", ".join(one.version for one in known[-5:])
        raise MissingError(f"there is no version {version}; the latest are {names}")
    return found


async def look(job: Job, tell: Tell) -> Looked:
    """What would change, told a batch at a time. Nothing is ordered. Raises `StartError`."""
    looked = Looked()
    async with _reading(job.place) as connection:
        async for batch in changes(connection, job.wanted, job.terms, job.asked, looked):
            tell(batch)
    return looked


async def apply(
    job: Job, reason: str, now: Callable[[], datetime], tell: Callable[[int], None]
) -> Applied:
    """Orders each change, and sees it judged, before it looks at the next batch.

    Raises `StartError` where the outcome is not seen in time; what was ordered is carried out.
    """
    applied, asked = Applied(), replace(job.asked, now=now())
    with Orders(job.place.kafka, wait_seconds=job.place.wait_seconds) as orders:
        async with _reading(job.place) as connection:
            async for batch in changes(connection, job.wanted, job.terms, asked, Looked()):
                wanted = [order(one, asked, reason) for one in batch]
                if not wanted:
                    continue
                orders.send(wanted, now())
                for one in await judged(connection, wanted):
                    applied.effective += one.judgement == "effective"
                    if one.judgement != "effective":
                        applied.refused[one.refusal or one.judgement] += 1
                tell(applied.effective + applied.refused.total())
    return applied


@asynccontextmanager
async def _reading(place: Place) -> AsyncIterator[asyncpg.Connection]:
    connection = await connected(place.database_url)
    try:
        yield connection
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StartError(f"Postgres does not answer ({type(error).__name__})") from error
    finally:
        connection.terminate()
