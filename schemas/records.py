"""How a record of the log is read: a fact, key, dead letter or call, or why it is none of them."""

from schemas import codec
from schemas.facts import Fact
from schemas.messages import CALL_SECONDS_MAX, CallAnswered, DeadLetter, Key
from schemas.topics import HEARTBEAT, partition_of, partition_of_call
from schemas.vocabulary import CaseId

KeyName = tuple[CaseId, str]

# Postgres keeps every character but this one; it stands in no word that anybody wrote.
_NUL, _SUBSTITUTE = b"\\u0000", b"\\ufffd"
_HEARTBEAT = HEARTBEAT.encode()
_ELSEWHERE = "the case belongs to another partition"


def storable(raw: bytes) -> bytes:
    """The JSON without the one character that Postgres cannot keep."""
    return raw.replace(_NUL, _SUBSTITUTE) if _NUL in raw else raw


def read_fact(value: bytes | None, partition: int) -> tuple[str, Fact]:
    """The fact, and its JSON as it is kept. Raises `UndecodableError`."""
    raw = storable(value or b"")
    fact = codec.decode_fact(raw)
    if partition_of(fact.case_id) != partition:
        raise codec.UndecodableError(_ELSEWHERE)
    return raw.decode(), fact


def read_letter(value: bytes | None) -> DeadLetter:
    """Raises `UndecodableError`."""
    return codec.decode(storable(value or b""), DeadLetter)


def call_name(call: CallAnswered) -> str:
    """The key of its record."""
    return f"{call.municipality}/{call.call}"


def read_call(key: bytes | None, value: bytes | None, partition: int) -> CallAnswered:
    """Raises `UndecodableError`."""
    call = codec.decode(storable(value or b""), CallAnswered)
    if call_name(call).encode() != key:
        raise codec.UndecodableError("the record's key names another call than its value")
    if call.seconds is not None and not 0 <= call.seconds <= CALL_SECONDS_MAX:
        raise codec.UndecodableError("seconds: is no length of a call")
    if partition_of_call(call.call) != partition:
        raise codec.UndecodableError("the call belongs to another partition")
    return call


def is_heartbeat(key: bytes | None) -> bool:
    """Whether the keyring's record has no meaning: it is there so that the broker compacts."""
    return (key or b"").startswith(_HEARTBEAT)


def read_key(key: bytes | None, value: bytes | None, partition: int) -> tuple[KeyName, Key | None]:
    """A key by its name, or with none its tombstone. Raises `UndecodableError`."""
    case_id, slash, kid = (key or b"").decode("utf-8", "replace").partition("/")
    if not slash:
        raise codec.UndecodableError("the record's key is not `case id/kid`")
    if partition_of(CaseId(case_id)) != partition:
        raise codec.UndecodableError(_ELSEWHERE)
    if value is None:
        return (CaseId(case_id), kid), None
    known = codec.decode(storable(value), Key)
    if (known.case_id, known.kid) != (case_id, kid):
        raise codec.UndecodableError("the record's key names another key than its value")
    return (known.case_id, known.kid), known
