"""The consumer of a department's topic: as one of its Kafka group, or by itself."""

import contextlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer
from kafka.errors import CommitFailedError, KafkaError
from kafka.structs import OffsetAndMetadata, TopicPartition

from schemas.kafka import KafkaAccess, client_options
from services.department import access as ways
from services.department.access import AccessError, NoTopicError, Say
from services.department.position import Held, Position
from services.kafka import POLL_MS, RECONNECT_MS_MAX, KafkaAwayError

READ = "READ"
ANSWER_MS_MAX = 5_000
# One process of a group is dead to the others after the first, and stuck after the second.
SESSION_MS, HANDLER_MS_MAX = 10_000, 15 * 60_000
RECORDS_POLLED_MAX = 500


class KafkaTap:
    """Reads the topic where `seek` says.

    With a `group`, Kafka keeps the position, and gives the topic to one of the group's processes
    at a time; the others stand by. Else `kept` says where it goes on.
    """

    def __init__(
        self,
        access: KafkaAccess,
        topic: str,
        *,
        say: Say,
        group: str | None = None,
        kept: Callable[[], Position | None] = lambda: None,
    ) -> None:
        self._access = access
        self._topic = topic
        self._place = TopicPartition(topic, 0)
        self._say = say
        self._grouped = group is not None
        self._kept = kept
        self._owed: Position | None = None
        self._ours = _Ours(given=not self._grouped)
        self._looking = ways.entered(access)
        try:
            self._consumer = _consumer(access, group)
        except KafkaAwayError:
            self._looking.close()
            raise
        if self._grouped:
            self._consumer.subscribe([topic], listener=self._ours)
        else:
            self._consumer.assign([self._place])

    def close(self) -> None:
        """With the broker away, the group finds out by itself, and what is owed comes again."""
        if self._owed is not None:
            with contextlib.suppress(AccessError):
                self.keep(self._owed)
        # The stubs at hand describe an older kafka-python.
        newer: dict[str, Any] = {"timeout_ms": ANSWER_MS_MAX}
        with contextlib.suppress(KafkaError):
            self._consumer.close(autocommit=False, **newer)
        with contextlib.suppress(KafkaError):
            self._looking.close()

    def topic_id(self) -> str:
        try:
            return ways.topic_id_by(self._looking, self._access, self._topic, READ)
        except NoTopicError as error:
            # It was there when this began: somebody may be making it anew.
            raise KafkaAwayError(str(error)) from error

    def held(self) -> Held:
        return Held(
            topic_id=self.topic_id(),
            first=self._bound(self._consumer.beginning_offsets),
            end=self.end(),
        )

    def end(self) -> int:
        return self._bound(self._consumer.end_offsets)

    def offset_at(self, moment: datetime) -> int | None:
        milliseconds = int(moment.timestamp() * 1000)
        try:
            found = self._consumer.offsets_for_times({self._place: milliseconds})[self._place]
        except KafkaError as error:
            raise ways.in_words(error, self._topic) from error
        return None if found is None else found.offset

    def kept(self) -> Position | None:
        if not self._grouped:
            return self._kept()
        # The stubs at hand describe an older kafka-python.
        newer: dict[str, Any] = {"metadata": True, "timeout_ms": ANSWER_MS_MAX}
        try:
            found: Any = self._consumer.committed(self._place, **newer)
        except KafkaError as error:
            raise ways.in_words(error, self._topic) from error
        if found is None or found.offset < 0:
            return None
        return Position(offset=found.offset, topic_id=found.metadata or "")

    def keep(self, position: Position) -> None:
        """Where this fails, what was handled comes again; Kafka promises no more than that.

        While Kafka does not answer it is owed: until the next one, and once more at the end.
        """
        kept: Any = OffsetAndMetadata(position.offset, position.topic_id, -1)
        newer: dict[str, Any] = {"timeout_ms": ANSWER_MS_MAX}
        self._owed = None
        try:
            self._consumer.commit({self._place: kept}, **newer)
        except CommitFailedError:
            minutes = HANDLER_MS_MAX // 60_000
            self._say(
                f"another process took {self._topic} over, as this one was away or took longer"
                f" than {minutes} minutes for a delivery; the last one may be handled twice"
            )
        except KafkaError as error:
            found = ways.in_words(error, self._topic)
            if not isinstance(found, KafkaAwayError):
                raise found from error
            self._owed = position
            self._say(f"{found}: the position is not kept now, but with the next delivery")

    def seek(self, offset: int) -> None:
        # What is not ours any more is somebody else's to read.
        if self._place in self._consumer.assignment():
            self._consumer.seek(self._place, offset)

    def poll(self) -> list[Any]:
        # One at a time: the group waits for what was polled, and may wait for one handler only.
        most = 1 if self._grouped else RECORDS_POLLED_MAX
        try:
            found = self._consumer.poll(timeout_ms=POLL_MS, max_records=most)
        except KafkaError as error:
            raise ways.in_words(error, self._topic) from error
        self._finish_joining()
        # What came with the topic itself came from wherever the library thinks best.
        return [] if self._ours.given else list(found.get(self._place, ()))

    def _finish_joining(self) -> None:
        """A join that the library has forgotten in the middle is begun again.

        So does kafka-python 3.0.12 where a join for changed metadata outlasts its poll: the process
        then has no partition and sends no heartbeat, for ever. Seen in 14 of 440 starts on a busy
        machine.
        """
        consumer: Any = self._consumer
        coordinator = consumer._coordinator  # noqa: SLF001  # nothing public tells
        if self._grouped and coordinator.rejoining and not coordinator.need_rejoin():
            coordinator.request_rejoin()

    def given_anew(self) -> bool:
        given, self._ours.given = self._ours.given, False
        return given

    def why_silent(self) -> str:
        try:
            ways.topic_id(self._access, self._topic, READ)
        except (KafkaAwayError, NoTopicError) as error:
            return str(error)
        return ""

    def _bound(self, ask: Callable[..., dict[TopicPartition, int]]) -> int:
        try:
            return ask([self._place], timeout_ms=ANSWER_MS_MAX)[self._place]
        except KafkaError as error:
            raise ways.in_words(error, self._topic) from error


class _Ours(ConsumerRebalanceListener):
    """Whether the topic was given to us, and nobody has asked yet."""

    def __init__(self, *, given: bool) -> None:
        self.given = given

    def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        self.given = self.given and not revoked

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self.given = bool(assigned)


def _consumer(access: KafkaAccess, group: str | None) -> KafkaConsumer:
    # The stubs at hand describe an older kafka-python.
    newer: dict[str, Any] = {"bootstrap_timeout_ms": ANSWER_MS_MAX}
    try:
        return KafkaConsumer(
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_MS,
            max_poll_interval_ms=HANDLER_MS_MAX,
            reconnect_backoff_max_ms=RECONNECT_MS_MAX,
            allow_auto_create_topics=False,
            metrics_enabled=False,
            **newer,
            **client_options(access),
        )
    except KafkaError as error:
        raise KafkaAwayError(
            f"Kafka at {access} does not answer ({type(error).__name__})"
        ) from error
