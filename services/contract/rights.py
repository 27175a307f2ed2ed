"""What each process, and each system outside, may do in Kafka: it follows from the topic table."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from schemas.topics import (
    ROUTER_GROUPS,
    Topic,
    Writer,
    adapter_intake_of,
    department_of,
    progress_of,
)
from schemas.vocabulary import Department, Municipality
from services.contract.picture import every_topic

PLACEHOLDER = "MUNICIPALITY"
GROUPS = "peygir-"
Operation = Literal[
    "Read", "Write", "Create", "Delete", "Alter", "Describe", "AlterConfigs", "DescribeConfigs"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """Operations on one thing; with `prefix`, on each thing whose name begins like that."""

    resource: Literal["topic", "group"]
    name: str
    operations: tuple[Operation, ...]
    prefix: bool = False


# The user of each process, and the other name by which the topic table knows it, if it writes.
USERS: Mapping[str, Writer | None] = {
    "edge": "edge",
    "router": "router",
    "projector": None,
    "accountant": "accountant",
    "sla-timer": "timer",
    "dispatcher": "dispatcher",
    "linker": "linker",
    "janitor": "janitor",
    "operator": "operator",
}


def of_user(user: str) -> tuple[Right, ...]:
    """Everything that this process needs, and nothing that it does not."""
    found = [*_looks(), *(_topic(topic, _operations(user, topic)) for topic in every_topic())]
    if user == "router":
        found += [_group(name, "Read") for name in ROUTER_GROUPS.values()]
    if user == "operator":
        found.append(_everywhere("Create", "AlterConfigs", "Read"))
    return tuple(one for one in _merged(found) if one.operations)


def of_adapter(municipality: Municipality, adapter: str) -> tuple[Right, ...]:
    """A channel outside writes to its own inbox, and sees nothing else."""
    return (_literal(adapter_intake_of(municipality, adapter), "Write", "Describe"),)


def of_department(municipality: Municipality, department: Department) -> tuple[Right, ...]:
    """A department's system reads what it has to do, and reports; its groups are its own."""
    outbox = department_of(municipality, department)
    return (
        _literal(outbox, "Read", "Describe"),
        _literal(progress_of(municipality, department), "Write", "Describe"),
        # A name that only begins alike is another department's: the group has the full name.
        _group(outbox, "Read"),
    )


def _operations(user: str, topic: Topic) -> tuple[Operation, ...]:
    writes = USERS[user] in topic.writers
    names = {user, USERS[user]}
    reads = any(reader.split(" ")[0] in names for reader in topic.readers)
    # Gaps are sent again with what lay there, and what has its outcome is deleted.
    inbox = topic.append_time
    allowed: Mapping[Operation, bool] = {
        "Read": reads or (user == "accountant" and inbox),
        "Write": writes,
        "Delete": user == "janitor" and inbox,
    }
    return tuple(operation for operation, given in allowed.items() if given)


def _looks() -> Iterator[Right]:
    """How far topics and groups are, and how topics are kept, is no secret among ourselves."""
    yield _everywhere("Describe", "DescribeConfigs")
    yield Right(resource="group", name=GROUPS, operations=("Describe",), prefix=True)


def _topic(topic: Topic, operations: tuple[Operation, ...]) -> Right:
    """A municipality's topics are known by the beginning of their names."""
    begins, placeholder, _ = topic.name.partition(PLACEHOLDER)
    return Right(resource="topic", name=begins, operations=operations, prefix=bool(placeholder))


def _everywhere(*operations: Operation) -> Right:
    return Right(resource="topic", name="*", operations=operations)


def _literal(name: str, *operations: Operation) -> Right:
    return Right(resource="topic", name=name, operations=operations)


def _group(name: str, *operations: Operation) -> Right:
    return Right(resource="group", name=name, operations=operations)


def _merged(rights: Iterable[Right]) -> Iterator[Right]:
    """One for each thing."""
    found: dict[tuple[str, str, bool], Right] = {}
    for one in rights:
        key = (one.resource, one.name, one.prefix)
        known = found.get(key)
        operations = (*(known.operations if known else ()), *one.operations)
        found[key] = Right(
            resource=one.resource,
            name=one.name,
            operations=tuple(dict.fromkeys(operations)),
            prefix=one.prefix,
        )
    yield from found.values()
