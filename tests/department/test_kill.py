"""Killed at any moment, a department's process with a ledger handles each delivery once, in order.

`DEPARTMENT_KILLS=20` kills it that often; `make soak` does.
"""

import os
from pathlib import Path
from random import Random

import pytest

from tests.department.killing import DELIVERIES, Trial

pytestmark = pytest.mark.integration

KILLS = int(os.environ.get("DEPARTMENT_KILLS", "5"))


def test_each_delivery_is_handled_once_and_in_order_whenever_it_is_killed(
    kafka: str, tmp_path: Path
) -> None:
    trial = Trial(kafka, tmp_path)

    trial.run(KILLS, Random())  # noqa: S311

    print(f"{DELIVERIES} deliveries, {trial.kills} kills in {trial.seconds:.0f} seconds")  # noqa: T201
    assert trial.wrong == []
    assert trial.kills == KILLS


@pytest.mark.parametrize(
    ("which", "fault"),
    [("position-first", "lost"), ("work-first", "twice")],
)
def test_a_ledger_that_is_mistaken_is_found_out(
    kafka: str, tmp_path: Path, which: str, fault: str
) -> None:
    trial = Trial(kafka, tmp_path, which=which, deliveries=150)

    trial.run(0, Random(137))  # noqa: S311

    assert [one for one in trial.wrong if fault in one]
