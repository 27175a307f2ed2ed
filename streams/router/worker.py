"""A router's Faust app: it delivers each record at least once, one at a time, and no more.

Nothing here rests on Faust's tables, timers, producer or exactly-once (ADR 0002). What `handle`
raises would be acknowledged and skipped, so it raises nothing: it ends the process instead.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

import faust
from faust.auth import Credentials, SASLCredentials, SSLCredentials

from schemas.fact_parts import Source
from schemas.kafka import Kafka, KafkaAccess, access, servers
from schemas.settings import Settings
from schemas.topics import ROUTER_GROUPS, RouterKind
from schemas.trace_context import of_headers
from streams.fetches import Fetches, pace
from streams.kafka import moment_of
from streams.router.outlet import Incoming

# A worker takes so many records of each partition in turn, so that no channel waits for another.
RECORDS_A_TURN_MAX = 200
# What has come is answered with at once; what waits for a fetch of the empty inboxes, soon.
BUSY = Fetches(max_wait_ms=50, min_bytes=1)
IDLE = Fetches(max_wait_ms=1_500, min_bytes=1)  # As Faust has it, for good.
COMMIT_SECONDS = 0.5

Handle = Callable[[Incoming, Iterable[Incoming]], Awaitable[None]]


def build(settings: Settings, kind: RouterKind, kafka: Kafka) -> faust.App:
    """The app of one kind of router, not started. Its group survives a restart in seconds."""
    # Without a place of ours it would leave a folder wherever the process was started.
    folder = settings.data / "faust" / f"{kind}-{settings.instance}"
    folder.mkdir(parents=True, exist_ok=True)
    return faust.App(
        ROUTER_GROUPS[kind],
        broker=f"kafka://{';'.join(servers(kafka))}",
        broker_credentials=_credentials(access(kafka)),
        processing_guarantee="at_least_once",
        consumer_group_instance_id=f"{ROUTER_GROUPS[kind]}-{settings.instance}",
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=settings.session_seconds,
        broker_heartbeat_interval=settings.session_seconds / 4,
        broker_commit_interval=COMMIT_SECONDS,
        broker_max_poll_records=RECORDS_A_TURN_MAX,
        stream_wait_empty=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        web_enabled=False,
        store="memory://",
        datadir=str(folder),
    )


def _credentials(kafka: KafkaAccess) -> Credentials | None:
    trust = kafka.trust()
    if kafka.authenticated:
        return SASLCredentials(
            username=kafka.user,
            password=kafka.password,
            mechanism=kafka.mechanism,
            ssl_context=trust,
        )
    return SSLCredentials(trust) if trust else None


class Pace:
    """How long Faust's own reader waits for records: long, after a look that saw none handled."""

    def __init__(self, app: faust.App) -> None:
        self._app = app
        self._handled = False

    def handling(self) -> None:
        """Whenever a record is handled."""
        self._handled = True
        self._set(BUSY)

    def look(self) -> None:
        """Every now and then, once the app has started."""
        if not self._handled:
            self._set(IDLE)
        self._handled = False

    def _set(self, fetches: Fetches) -> None:
        consumer: Any = self._app.consumer
        pace(consumer._thread._consumer, fetches)  # noqa: SLF001  # Faust has no setting for it.


def attach(app: faust.App, inboxes: Iterable[str], handle: Handle, generation: int) -> None:
    """Makes the app give every record of the inboxes to `handle`, and wait for it.

    With it goes what Faust has read of the same partition and will deliver next.
    """
    topic = app.topic(*inboxes, value_type=bytes, value_serializer="raw", key_serializer="raw")

    @app.agent(topic, concurrency=1, name="router")
    async def router(stream: Any) -> None:  # noqa: ANN401
        async for event in stream.events():
            message = event.message
            waiting = _waiting(stream.channel.queue, message, generation)
            await handle(incoming(message, generation), waiting)


def _waiting(queue: Any, message: Any, generation: int) -> Iterator[Incoming]:  # noqa: ANN401
    # Nothing is taken from the queue: asyncio has no public way of looking into one.
    for event in queue._queue:  # noqa: SLF001
        if event.message.tp == message.tp:
            yield incoming(event.message, generation)


def on_assignment(app: faust.App, told: Callable[[], None]) -> None:
    """Tells whenever the group's members share the partitions anew, the first time included."""

    def assigned(*_: object, **__: object) -> None:
        told()

    app.on_partitions_assigned.connect(assigned)


def incoming(message: Any, generation: int) -> Incoming:  # noqa: ANN401  # Faust's own message
    """A record of an inbox. An empty one is read as no bytes, and set aside as unreadable."""
    return Incoming(
        source=Source(
            inbox=message.topic,
            generation=generation,
            partition=message.partition,
            offset=message.offset,
        ),
        at=moment_of(round(message.timestamp * 1000)),
        value=message.value or b"",
        key=message.key,
        trace=of_headers(message.headers or ()),
    )
