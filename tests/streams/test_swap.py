"""When a fresh projection is as far as the one that it is to replace."""

from dataclasses import fields, replace

import pytest

from streams.projector.positions import Position, moved
from streams.projector.swap import reached

HERE = Position(facts=7, keyring=7, letters=7, calls=7)


@pytest.mark.parametrize("topic", [one.name for one in fields(Position)])
def test_it_is_reached_when_every_topic_is(topic: str) -> None:
    behind, beyond = replace(HERE, **{topic: 6}), replace(HERE, **{topic: 8})

    assert reached({0: HERE}, {0: HERE})
    assert reached({0: beyond}, {0: HERE})
    assert not reached({0: behind}, {0: HERE})
    assert not reached({0: HERE, 1: behind}, {0: HERE, 1: HERE})


@pytest.mark.parametrize("topic", [one.name for one in fields(Position)])
def test_a_position_moves_where_something_was_read_and_nowhere_else(topic: str) -> None:
    stretch = next(
        name for name, offset in replace(HERE, **{topic: 9}).stretches(3).items() if offset == 9
    )

    assert moved({3: HERE, 4: HERE}, {stretch: 12}) == {3: replace(HERE, **{topic: 12})}
