"""The keys in memory, before and after they were read."""

import pytest

from services.http.problems import ProblemError
from services.keys.active import ActiveKeys


def test_before_the_keys_are_read_a_good_key_is_not_called_bad() -> None:
    with pytest.raises(ProblemError) as raised:
        ActiveKeys().known("pgr_a_b")

    assert raised.value.status == 503


def test_once_read_an_unknown_key_is_unknown() -> None:
    assert ActiveKeys({}).known("pgr_a_b") is None
