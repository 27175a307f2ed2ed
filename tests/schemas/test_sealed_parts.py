"""Whatever is sealed in a fact is found, so that it is opened, and forgotten, like the rest."""

from dataclasses import fields
from typing import cast

import pytest

from schemas.contents import Content, Evidence
from schemas.examples import EXAMPLES
from schemas.facts import Fact, Submitted
from schemas.sealed import Sealed
from schemas.sealed_parts import sealed_of

FACTS: list[Fact] = [
    cast("Fact", one)
    for name, examples in EXAMPLES.items()
    if name.startswith("case.")
    for one in examples
]


@pytest.mark.parametrize("fact", FACTS, ids=lambda one: one.type)
def test_what_is_sealed_in_a_fact_is_found_and_nothing_else(fact: Fact) -> None:
    values = (getattr(fact, one.name) for one in fields(fact))
    blocks = [value for value in values if isinstance(value, Sealed)]

    part = sealed_of(fact)

    assert ([part.block] if part else []) == blocks
    if part is not None:
        assert part.kind is (Content if isinstance(fact, Submitted) else Evidence)
        assert part.bound_to.startswith(f"case/{fact.case_id}/")


def test_every_fact_with_room_for_a_note_has_an_example_with_one() -> None:
    with_room = {one.type for one in FACTS for field in fields(one) if "Sealed" in str(field.type)}

    assert with_room == {one.type for one in FACTS if sealed_of(one)}
