"""All that the HTTP edges stand on, opened together and closed together."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from schemas.exposition import Meters
from schemas.metrics import DATABASE_CONNECTIONS
from schemas.policy import Policy
from schemas.settings import Settings
from schemas.shown import EDGE
from schemas.topics import ANSWERED_CALLS, PROGRESS_DESK, edge_inboxes
from schemas.tracing import UNTRACED, Tracer
from services.api.changes.hub import Hub
from services.api.changes.reads import Projection
from services.api.desk import ReadDesk
from services.api.limits import AddressLimit
from services.api.listing import Lists
from services.api.reads import Reads
from services.api.spoken_of import SpokenOf
from services.edge.callers import EdgeCallers
from services.follow import PolicyFollower, PublishedPolicies
from services.http.problems import ProblemError, unavailable
from services.intake.deeds.door import FactDoor
from services.intake.deeds.terms import TermsInForce
from services.intake.inboxes import KafkaInboxes
from services.intake.routes import Door
from services.keys.active import ActiveKeys
from services.keys.places import not_there
from services.postgres import Database
from services.secret import secret_bytes
from services.staff.desk import StaffDesk
from services.staff.known import KnownSessions
from services.staff.passwords import Passwords


class SettingMissingError(ValueError):
    """A setting that this process cannot do without; the text names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The living parts of an edge process; those of Kafka are absent where it only reads."""

    settings: Settings
    meters: Meters
    keys: ActiveKeys
    sessions: KnownSessions
    passwords: Passwords
    reads: Reads
    lists: Lists
    database: Database
    changes: Hub
    now: Callable[[], datetime]
    limit: AddressLimit
    tracer: Tracer = UNTRACED
    policies: PublishedPolicies = field(default_factory=PublishedPolicies)
    follower: PolicyFollower | None = None
    inboxes: KafkaInboxes | None = None

    @property
    def callers(self) -> EdgeCallers:
        return EdgeCallers(keys=self.keys, sessions=self.sessions, find_policy=self.find_policy)

    def find_policy(self, municipality: str) -> Policy | None:
        return self.policies.in_force(municipality, self.now())

    def door(self) -> Door:
        assert self.inboxes is not None, "an intake process writes to Kafka"
        return Door(
            inboxes=self.inboxes,
            policies=self.policies,
            callers=self.callers,
            hmac_key=secret_bytes(self.settings.hmac_key, "PEYGIR_HMAC_KEY"),
            now=self.now,
            meters=self.meters,
            tracer=self.tracer,
        )

    def fact_door(self) -> FactDoor:
        assert self.inboxes is not None, "an intake process writes to Kafka"
        return FactDoor(
            inboxes=self.inboxes,
            cases=SpokenOf(self.database),
            find_terms=TermsInForce(self.find_policy),
            callers=self.callers,
            limit=self.limit,
            hmac_key=secret_bytes(self.settings.hmac_key, "PEYGIR_HMAC_KEY"),
            now=self.now,
            meters=self.meters,
            tracer=self.tracer,
        )

    def desk(self) -> ReadDesk:
        return ReadDesk(
            reads=self.reads,
            lists=self.lists,
            policies=self.policies,
            callers=self.callers,
            find_policy=self.find_policy,
            limit=self.limit,
            now=self.now,
        )

    def staff(self) -> StaffDesk:
        return StaffDesk(
            database=self.database,
            passwords=self.passwords,
            known=self.sessions,
            callers=self.callers,
            wrong_place=self._wrong_place,
            lasts=timedelta(hours=self.settings.staff_session_hours),
            now=self.now,
        )

    def _wrong_place(self, scope: str) -> str | None:
        if not self.policies.ready:
            raise unavailable("The policies are not read yet.", retry_after_seconds=1)
        places = self.policies.municipalities
        return not_there(
            [scope], [one for place in places for one in self.policies.versions(place)]
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Starts what runs in the background, and ends it again."""
        await self.database.open()
        await self.lists.database.open()
        every_seconds = self.settings.keys_refresh_seconds
        fresh = [
            asyncio.create_task(one)
            for one in (
                self.keys.keep_fresh(self.database.pool, every_seconds=every_seconds),
                self.sessions.keep_fresh(every_seconds=every_seconds),
            )
        ]
        if self.follower is not None:
            self.follower.start()
        if self.inboxes is not None:
            self.inboxes.start()
        try:
            async with self.changes.open():
                yield
        finally:
            for one in fresh:
                one.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await one
            await asyncio.to_thread(self._close_kafka)
            await asyncio.to_thread(self.tracer.close)
            self.lists.database.close()
            self.database.close()

    def _close_kafka(self) -> None:
        if self.inboxes is not None:
            self.inboxes.close()
        if self.follower is not None:
            self.follower.close()


def assemble(
    settings: Settings,
    now: Callable[[], datetime],
    *,
    writes: bool,
    tracer: Tracer = UNTRACED,
) -> Parts:
    """The parts that the settings ask for. Raises `SettingMissingError`."""
    if settings.database_url is None:
        raise SettingMissingError("PEYGIR_DATABASE_URL is not set: keys and cases are read there")
    if writes and settings.kafka is None:
        raise SettingMissingError("PEYGIR_KAFKA is not set: submissions are appended there")
    url = settings.database_url.get_secret_value()
    database = Database(url)
    policies, kafka = PublishedPolicies(), settings.kafka_access
    topics = [*(inbox.topic for inbox in edge_inboxes()), PROGRESS_DESK, ANSWERED_CALLS]
    wait_seconds = settings.broker_wait_seconds
    meters, lists = Meters(EDGE), Lists.at(url)
    show_connections(meters, cases=database, lists=lists.database)
    return Parts(
        settings=settings,
        meters=meters,
        keys=ActiveKeys(),
        sessions=_sessions(settings, database, now),
        passwords=Passwords(),
        reads=Reads(database),
        lists=lists,
        database=database,
        changes=Hub(Projection(database), meters, watchers_max=settings.streams_max),
        now=now,
        limit=AddressLimit(settings.track_per_minute_max),
        tracer=tracer,
        policies=policies,
        # The reader of cases needs titles alone: it does without them where there is no Kafka.
        follower=PolicyFollower(kafka, policies, clock=time.monotonic) if kafka else None,
        inboxes=KafkaInboxes(kafka, topics, wait_seconds=wait_seconds)
        if writes and kafka
        else None,
    )


def _sessions(settings: Settings, database: Database, now: Callable[[], datetime]) -> KnownSessions:
    idle = timedelta(minutes=settings.staff_idle_minutes)
    return KnownSessions(database, idle=idle, now=now)


def show_connections(meters: Meters, **pools: Database) -> None:
    """Shows of each pool how much of it is taken, as it is when somebody looks."""
    for name, pool in pools.items():
        for state, count in (
            ("in-use", lambda pool=pool: pool.in_use),
            ("idle", lambda pool=pool: pool.idle),
            ("limit", lambda pool=pool: pool.limit),
        ):
            meters.show_at_scrape(DATABASE_CONNECTIONS, count, name, state)


async def not_ready(parts: Parts, *, heard_seconds_max: float) -> list[str]:
    """What is missing before this process can do its work, in words."""
    missing = []
    if not parts.keys.ready:
        missing.append("the API keys are not read yet")
    if parts.inboxes is not None:
        missing += _kafka_missing(parts, heard_seconds_max)
    try:
        await parts.reads.answers()
    except ProblemError:
        missing.append("Postgres does not answer")
    return missing


def _kafka_missing(parts: Parts, heard_seconds_max: float) -> list[str]:
    assert parts.inboxes is not None
    assert parts.follower is not None
    missing = []
    if not parts.policies.ready:
        missing.append("the policies are not read yet")
    if not parts.inboxes.connected:
        missing.append("the inboxes are not reached yet")
    heard_at = parts.follower.heard_at
    if heard_at is None or time.monotonic() - heard_at > heard_seconds_max:
        missing.append("Kafka does not answer")
    return missing
