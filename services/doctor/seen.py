"""What was seen of an installation, before anything is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from schemas.policy import Policy
from services.policy.draft import Draft

InboxPlace = tuple[str, int]
"""A topic and the number of one of its partitions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """It could not be looked at; why, in words."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    python: tuple[int, int]
    system: str
    architecture: str
    folder: str
    unusable: str | None = None
    exists: bool = True
    writable: bool = True
    free_bytes: int = 0
    loose: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    secrets: bool = True
    keeps_a_log: bool = False
    running: int | None = None
    stale_run: bool = False
    port: int = 0
    port_taken: bool = False
    java: bool = True
    jars: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTopic:
    partitions: int
    refused: bool = False
    may: frozenset[str] = frozenset()
    copies: int = 1
    short_of_copies: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    cluster_id: str
    brokers: int
    metadata_version: int
    topics: Mapping[str, SeenTopic]
    ends: Mapping[InboxPlace, int]
    committed: Mapping[InboxPlace, int]
    newest: datetime | None
    policies: tuple[Policy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What the projection and the desk say of the work; absent where they are not laid out."""

    clusters: frozenset[str]
    facts_offsets: Mapping[int, int]
    leased: Mapping[str, int]
    wrapped: str | None
    marks: Mapping[InboxPlace, int]
    late_notices: int
    letters: int
    incidents: int
    unreadable: int
    unfoldable: int
    undelivered: int
    api_keys: int
    erased: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    version: int
    encoding: str
    ahead_seconds: float
    trigrams: str | None
    logging: Mapping[str, str]
    layout: str | None = None
    work: Work | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    name: str
    restarts: int
    wrong: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDisk:
    """A folder of a policy, and what it says, or what is wrong with it."""

    folder: str
    draft: Draft | None = None
    wrong: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasures:
    """The list of erasures, which outlives every backup; `cases` are those that it names."""

    path: str
    apart: bool
    exists: bool = False
    cases: int = 0
    wrong: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """A server that is ours and does not run is absent; one that does not answer is away."""

    machine: Machine
    policies: tuple[OnDisk, ...]
    processes: tuple[Process, ...]
    broker: Broker | Away | None
    database: Database | Away | None
    erasures: Erasures
    master_key: str | None = field(default=None, repr=False)
