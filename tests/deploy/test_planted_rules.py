"""Mistakes planted in the alerts, each of which a test of theirs has to see."""

from pathlib import Path

import pytest

from tests.mutated import changes, unseen
from tests.promql import rules
from tests.tools import needed

ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}
MUTATED = sorted(name for name in ALERTS if "Burn" not in name)
BURNS = {
    "Fast": ("14.4 ->", "6 ->", "4.5 ->", "without ["),
    "Slow": ("3 ->", "1 ->", "4.5 ->", "without ["),
}


@pytest.mark.parametrize("name", MUTATED)
def test_a_change_of_an_alert_is_seen(name: str, tmp_path: Path) -> None:
    """Every number larger and smaller, every window and wait longer, every arm left out."""
    planted = [("nothing", ALERTS[name]), *changes(ALERTS[name])]

    assert unseen(name, planted, needed("promtool"), tmp_path) == ["nothing"]


@pytest.mark.parametrize("speed", BURNS)
def test_a_changed_factor_or_guard_of_a_burn_rate_is_seen(speed: str, tmp_path: Path) -> None:
    """In the arm's long window; the factor of the short one only says when it is over."""
    name = f"PeygirIntakeBudgetBurn{speed}"
    planted = dict(
        one for one in reversed(list(changes(ALERTS[name]))) if one[0].startswith(BURNS[speed])
    )
    with_none = [("nothing", ALERTS[name]), *planted.items()]

    assert unseen(name, with_none, needed("promtool"), tmp_path) == ["nothing"]
    assert len(planted) >= 7
