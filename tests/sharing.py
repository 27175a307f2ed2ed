"""How two workers share the tests: by modules, the long ones first, no two crash trials at once."""

from pathlib import PurePath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

WHOLE_PEYGIR = "whole Peygir"
"""The trials that load the machine with all of it, and hold it to its time."""
STARTED_ONCE = ("whole", "watching", "e2e")
"""Folders whose tests all look at the same running Peygir."""


class BySharing(LoadScopeScheduling):
    """What has the same `scope_of` runs on one worker, in the order in which it was collected."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def scope_of(nodeid: str) -> str:
    """Modules are kept whole, for what they start; so are folders that start it once for all."""
    module = PurePath(nodeid.partition("::")[0])
    if module.parent.name == "crash" or module.name == "test_drill.py":
        return WHOLE_PEYGIR
    return str(module.parent if module.parent.name in STARTED_ONCE else module)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BySharing:  # noqa: ANN401  # a private type
    config.option.loadscopereorder = False  # Most tests are not the longest ones.
    return BySharing(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is begun last is waited for, so that is what takes no time."""
    if not hasattr(config, "workerinput"):
        return
    with_servers = {scope_of(one.nodeid) for one in items if one.get_closest_marker("integration")}

    def place(one: pytest.Item) -> tuple[bool, bool, bool]:
        scope = scope_of(one.nodeid)
        short = PurePath(scope).name not in STARTED_ONCE
        return scope != WHOLE_PEYGIR, short, scope not in with_servers

    items.sort(key=place)
