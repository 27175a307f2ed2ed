"""Which inboxes there are, and who speaks in each, by the published policies."""

from collections.abc import Iterator, Mapping

from schemas.policy import Policy
from schemas.topics import (
    IMPORTS,
    INTAKE_PARTS,
    PROGRESS_DESK,
    ImportInbox,
    IntakeInbox,
    ProgressInbox,
    adapter_intake_of,
    edge_inboxes,
    progress_of,
)
from streams.core.in_force import Published

Inbox = IntakeInbox | ProgressInbox | ImportInbox
Inboxes = Mapping[str, Inbox]


def inboxes(published: Published) -> Inboxes:
    """Every inbox by its topic: our own, and those of every version ever published.

    An adapter that a later version leaves out may still have messages waiting.
    """
    found: dict[str, Inbox] = {one.topic: one for one in edge_inboxes()}
    found[INTAKE_PARTS] = IntakeInbox(topic=INTAKE_PARTS, channel=None)
    found[PROGRESS_DESK] = ProgressInbox(topic=PROGRESS_DESK)
    found[IMPORTS] = ImportInbox(topic=IMPORTS)
    for versions in published.values():
        for version in versions:
            found.update((one.topic, one) for one in _municipal(version.policy))
    return found


def keyed_by_case(inboxes: Inboxes) -> frozenset[str]:
    """Those in which the key of each record names its case: what none but our own writes."""
    return frozenset(
        topic
        for topic, one in inboxes.items()
        if isinstance(one, ImportInbox) or one.municipality is None
    )


def _municipal(policy: Policy) -> Iterator[Inbox]:
    for adapter in policy.adapters:
        yield IntakeInbox(
            topic=adapter_intake_of(policy.municipality, adapter.adapter),
            channel=adapter.channel,
            municipality=policy.municipality,
        )
    for department in policy.departments:
        yield ProgressInbox(
            topic=progress_of(policy.municipality, department.department),
            municipality=policy.municipality,
            department=department.department,
        )
