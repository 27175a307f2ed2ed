"""What stands between a department and its topics, in words for whoever runs its system."""

import time
from collections.abc import Callable
from typing import TypeVar

from kafka import KafkaAdminClient
from kafka.errors import AuthorizationError, GroupAuthorizationFailedError, KafkaError

from schemas.kafka import KafkaAccess
from services.department.probe import NotLetInError, reason
from services.kafka import KafkaAwayError, admin

T = TypeVar("T")
Say = Callable[[str], None]

ATTEMPT_SECONDS = 5.0
PAUSE_SECONDS_MIN = 0.5
PAUSE_SECONDS_MAX = 30.0
DENIED_TIMES = 2  # A broker that is just starting may answer one question and not yet the next.
NO_TOPIC, NO_RIGHT = 3, 29  # Kafka's own codes.


class AccessError(RuntimeError):
    """Kafka is there and does not let us: a person has to change something; the text says what."""


class NoTopicError(AccessError):
    """The topic is not there; where it was, somebody may be making it anew."""


class Pauses:
    """How long to wait before the next try: twice as long each time, up to a bound."""

    def __init__(self) -> None:
        self._next = PAUSE_SECONDS_MIN

    def next_seconds(self) -> float:
        seconds, self._next = self._next, min(2 * self._next, PAUSE_SECONDS_MAX)
        return seconds


def patiently(attempt: Callable[[], T], *, patience_seconds: float, say: Say) -> T:
    """What the attempt gives, tried again while Kafka is away. Raises `KafkaAwayError` then."""
    pauses, give_up_at, said = Pauses(), time.monotonic() + patience_seconds, False
    while True:
        try:
            return attempt()
        except KafkaAwayError as error:
            seconds = pauses.next_seconds()
            if time.monotonic() + seconds > give_up_at:
                raise
            if not said:
                say(f"{error}; trying again for {patience_seconds:.0f} seconds")
                said = True
            time.sleep(seconds)


def topic_id(access: KafkaAccess, topic: str, right: str) -> str:
    """The topic as it was made: made anew it has another. Raises `AccessError`, `KafkaAwayError`.

    The library itself is silent about a topic that is missing or that may not be read.
    """
    client = entered(access)
    try:
        return topic_id_by(client, access, topic, right)
    finally:
        client.close()


def topic_id_by(client: KafkaAdminClient, access: KafkaAccess, topic: str, right: str) -> str:
    """The same, by a client that was let in before."""
    try:
        (found,) = client.describe_topics([topic])
    except KafkaError as error:
        raise KafkaAwayError(f"Kafka does not tell of {topic} ({type(error).__name__})") from error
    who, code = access.user or "nobody", found["error_code"]
    if code == NO_TOPIC:
        raise NoTopicError(f"there is no topic {topic}: is the department in the policy?")
    if code == NO_RIGHT:
        raise AccessError(f"{who} has no right to see the topic {topic}, or there is none")
    if code:
        raise KafkaAwayError(f"Kafka has no answer on {topic} (code {code})")
    if right not in (found["authorized_operations"] or [right]):
        raise AccessError(f"{who} has no right to {right} the topic {topic}")
    if len(found["partitions"]) != 1:
        raise AccessError(f"{topic} has more than one partition, and so no order of its own")
    return str(found["topic_id"] or "")


def entered(access: KafkaAccess) -> KafkaAdminClient:
    """A client that was let in. Raises `AccessError` or `KafkaAwayError`."""
    try:
        access.trust()
    except OSError as error:
        raise AccessError(f"the authorities in {access.ca} cannot be read: {error}") from error
    denied = ""
    for _ in range(DENIED_TIMES):
        try:
            return admin(access, wait_seconds=ATTEMPT_SECONDS)
        except KafkaAwayError as error:
            why = reason(access, wait_seconds=ATTEMPT_SECONDS)
            denied = str(why)
            if not isinstance(why, NotLetInError):
                raise KafkaAwayError(denied) from error
    raise AccessError(denied)


def in_words(error: KafkaError, topic: str) -> AccessError | KafkaAwayError:
    """What an error of the library means for whoever reads the topic."""
    match error:
        case GroupAuthorizationFailedError():
            return AccessError(f"the group {topic} may not be used with these credentials")
        case AuthorizationError():
            return AccessError(f"the topic {topic} may not be read with these credentials")
        case _:
            return KafkaAwayError(f"Kafka does not go on with {topic} ({type(error).__name__})")
