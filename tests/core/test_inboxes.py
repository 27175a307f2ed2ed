"""In which inboxes a record's key can be trusted to name its case."""

from schemas.topics import (
    IMPORTS,
    INTAKE_PARTS,
    PROGRESS_DESK,
    adapter_intake_of,
    edge_inboxes,
    fixed_topics,
    progress_of,
)
from streams.core.in_force import ready, with_version
from streams.core.inboxes import inboxes, keyed_by_case
from tests.policies import policy

OF_A_CITY = inboxes(with_version({}, ready(policy())))


def test_what_only_our_own_write_is_keyed_by_case() -> None:
    ours = {one.topic for one in edge_inboxes()} | {INTAKE_PARTS, PROGRESS_DESK, IMPORTS}

    assert keyed_by_case(OF_A_CITY) == ours
    assert {one.key for one in fixed_topics(dead_letter_days=30) if one.name in ours} == {"case id"}


def test_an_inbox_that_others_write_is_not() -> None:
    city = policy().municipality
    (adapter, *_), (department, *_) = policy().adapters, policy().departments
    others = {adapter_intake_of(city, adapter.adapter), progress_of(city, department.department)}

    assert others <= OF_A_CITY.keys()
    assert not others & keyed_by_case(OF_A_CITY)
