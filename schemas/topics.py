"""Every topic of an installation, as data: who writes it, how it is kept, how it is keyed."""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from schemas.facts import Fact
from schemas.topic import Topic, Writer
from schemas.vocabulary import CHANNELS, CallDigest, CaseId, Channel, Department, Municipality

CASE_FACTS = "case-facts"
KEYRING = "keyring"
DEAD_LETTERS = "dead-letters"
POLICIES = "policies"
REPAIRS = "repairs"
PROGRESS_DESK = "progress-desk"
IMPORTS = "imports"
INTAKE_PARTS = "intake-parts"
ANSWERED_CALLS = "answered-calls"

HEARTBEAT = "heartbeat/"
"""What the key of a keyring record without meaning begins with; the partition follows."""

# Fixed for ever: a case's facts must stay in one partition, in the order they were appended.
LOG_PARTITIONS = 8
# May be raised at any time, since an inbox has no order that anything rests on. Each partition
# costs every fetch of a router, so an installation starts with few.
INTAKE_PARTITIONS = 2

INBOX_BYTES_MAX = 256 * 1024
LOG_BYTES_MAX = 1024 * 1024
# A dead letter holds a whole inbox record, sealed and in base64.
DEAD_LETTER_BYTES_MAX = 2 * 1024 * 1024

RouterKind = Literal["intake", "progress", "imports", "repairs"]
# The Kafka group of each kind of router; the accountant reads what they have committed.
ROUTER_GROUPS: Mapping[RouterKind, str] = {
    "intake": "peygir-router-intake",
    "progress": "peygir-router-progress",
    "imports": "peygir-router-imports",
    "repairs": "peygir-router-repairs",
}

# What stands in the log: every type of fact, by the name that its records carry.
FACTS = tuple(str(one.__dataclass_fields__["type"].default) for one in get_args(Fact))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportInbox:
    """The inbox of other systems' past, which our operators fill."""

    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeInbox:
    """An inbox of citizens' messages. Our own has no municipality, that of parts no channel."""

    topic: str
    channel: Channel | None
    municipality: Municipality | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressInbox:
    """An inbox of departments' reports. Without a department it is our desk's own."""

    topic: str
    municipality: Municipality | None = None
    department: Department | None = None


def partition_of(case_id: CaseId) -> int:
    """The log partition of a case, computed by us since clients' partitioners differ."""
    return zlib.crc32(case_id.encode()) % LOG_PARTITIONS


def partition_of_call(call: CallDigest) -> int:
    """The partition of all that is said of a call: the later takes the place of the earlier."""
    return zlib.crc32(call.encode()) % LOG_PARTITIONS


def intake_of(channel: Channel) -> str:
    return f"intake-{channel}"


def adapter_intake_of(municipality: Municipality, adapter: str) -> str:
    return f"intake-{municipality}-{adapter}"


def progress_of(municipality: Municipality, department: Department) -> str:
    return f"progress-{municipality}-{department}"


def department_of(municipality: Municipality, department: Department) -> str:
    return f"department-{municipality}-{department}"


def edge_inboxes() -> tuple[IntakeInbox, ...]:
    return tuple(IntakeInbox(topic=intake_of(channel), channel=channel) for channel in CHANNELS)


def fixed_topics(*, dead_letter_days: int, keyring_days: int = 7) -> tuple[Topic, ...]:
    """The topics that every installation has, whatever its municipalities."""
    return (
        *(_intake(inbox.topic, "edge") for inbox in edge_inboxes()),
        _intake(INTAKE_PARTS, "dispatcher", "parts of cases that were split, raw"),
        _progress(PROGRESS_DESK, "edge", "linker", "operator"),
        _imports(),
        _repairs(),
        *_log(keyring_days),
        _dead_letters(dead_letter_days),
        _answered_calls(),
        _policies(),
    )


def municipal_topics(
    municipality: Municipality,
    departments: Iterable[Department],
    adapters: Iterable[str],
    *,
    department_days: int,
) -> tuple[Topic, ...]:
    """The topics of one municipality: an inbox an adapter, an inbox and an outbox a department."""
    ids = tuple(departments)
    return (
        *(_intake(adapter_intake_of(municipality, adapter), "outside") for adapter in adapters),
        *(_progress(progress_of(municipality, department), "outside") for department in ids),
        *(_outbox(department_of(municipality, one), department_days) for one in ids),
    )


def _log(keyring_days: int) -> tuple[Topic, ...]:
    """What is kept for ever: a case's facts and, in the same partition, its keys."""
    return (
        Topic(
            name=CASE_FACTS,
            purpose="the log: every fact of every case",
            messages=FACTS,
            key="case id",
            partitions=LOG_PARTITIONS,
            writers=("router", "timer"),
            # The accountant looks at the time of the first record that the projector has not read.
            readers=("projector", "accountant"),
            bytes_max=LOG_BYTES_MAX,
        ),
        Topic(
            name=KEYRING,
            purpose="each case's wrapped keys; a tombstone is an erasure",
            messages=("key.v1",),
            key="case id/kid",
            partitions=LOG_PARTITIONS,
            writers=("router", "janitor"),
            readers=("projector",),
            bytes_max=LOG_BYTES_MAX,
            compacted=True,
            compacted_within_days=keyring_days,
        ),
    )


def _repairs() -> Topic:
    return Topic(
        name=REPAIRS,
        purpose="messages whose outcome is missing, and replays",
        messages=("repair.v1",),
        key="source",
        partitions=1,
        writers=("accountant", "operator"),
        readers=("router repairs",),
        bytes_max=2 * INBOX_BYTES_MAX,
        append_time=True,
    )


def _dead_letters(days: int) -> Topic:
    return Topic(
        name=DEAD_LETTERS,
        purpose="what could not be processed, sealed, with the reason",
        messages=("dead-letter.v1",),
        key="source",
        partitions=LOG_PARTITIONS,
        writers=("router",),
        readers=("projector", "operator"),
        bytes_max=DEAD_LETTER_BYTES_MAX,
        retention_days=days,
    )


def _answered_calls() -> Topic:
    return Topic(
        name=ANSWERED_CALLS,
        purpose="calls that were answered and made no case, each once",
        messages=("call-answered.v1",),
        key="municipality/digest of the call",
        partitions=LOG_PARTITIONS,
        writers=("edge",),
        readers=("projector",),
        bytes_max=INBOX_BYTES_MAX,
        compacted=True,
    )


def _policies() -> Topic:
    return Topic(
        name=POLICIES,
        purpose="every version of every municipality's policy",
        messages=("policy",),
        key="municipality/since",
        partitions=1,
        writers=("operator",),
        readers=(
            "edge",
            "router",
            "projector",
            "accountant",
            "timer",
            "dispatcher",
            "linker",
            "operator",
        ),
        bytes_max=4 * LOG_BYTES_MAX,
        compacted=True,
    )


def _intake(name: str, writer: Writer, purpose: str = "citizens' messages, raw") -> Topic:
    return Topic(
        name=name,
        purpose=purpose,
        messages=("submission.v1",),
        key="case id",
        partitions=INTAKE_PARTITIONS,
        writers=(writer,),
        readers=("router intake",),
        bytes_max=INBOX_BYTES_MAX,
        append_time=True,
    )


# Only our own desk may order that somebody be forgotten, or promised something else.
_AT_THE_DESK = ("progress.v1", "erasure.v1", "deadline-order.v1")


def _imports() -> Topic:
    return Topic(
        name=IMPORTS,
        purpose="cases of other systems' past, raw",
        messages=("imported-case.v1",),
        key="case id",
        partitions=INTAKE_PARTITIONS,
        writers=("operator",),
        readers=("router imports",),
        bytes_max=INBOX_BYTES_MAX,
        append_time=True,
    )


def _progress(name: str, *writers: Writer) -> Topic:
    return Topic(
        name=name,
        purpose="what departments report of their cases, raw",
        messages=_AT_THE_DESK if name == PROGRESS_DESK else ("progress.v1",),
        key="case id",
        partitions=1,
        writers=writers,
        readers=("router progress",),
        bytes_max=INBOX_BYTES_MAX,
        append_time=True,
    )


def _outbox(name: str, department_days: int) -> Topic:
    return Topic(
        name=name,
        purpose="what one department has to know and do",
        messages=("delivery.v1",),
        key="case id",
        partitions=1,
        writers=("dispatcher",),
        readers=("department",),
        bytes_max=LOG_BYTES_MAX,
        retention_days=department_days,
    )
