"""The last words of a test run: what was skipped and how to have it, then one line of counts."""

import os
import sys
from typing import Any

import pytest

STATES_FAILED = ("failed", "error")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """On the machine that promises to have everything, a skipped test is a failed promise."""
    if os.environ.get("CI") == "true" and _counts(session.config)["skipped"]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or not config.pluginmanager.hasplugin("terminalreporter"):
        return
    counts = _counts(config)
    if not sum(counts.values()):
        return
    for reason in _reasons(config):
        sys.stdout.write(f"skipped: {reason}\n")
    sys.stdout.write(", ".join(f"{count} {state}" for state, count in counts.items()) + "\n")


def _counts(config: pytest.Config) -> dict[str, int]:
    stats = _stats(config)
    passed = len(stats.get("passed", [])) + len(stats.get("xfailed", []))
    failed = sum(len(stats.get(state, [])) for state in STATES_FAILED)
    return {"passed": passed, "failed": failed, "skipped": len(stats.get("skipped", []))}


def _stats(config: pytest.Config) -> dict[str, list[Any]]:
    reporter: Any = config.pluginmanager.getplugin("terminalreporter")
    return reporter.stats if reporter else {}


def _reasons(config: pytest.Config) -> list[str]:
    skipped = _stats(config).get("skipped", [])
    reasons = {report.longrepr[2] for report in skipped if isinstance(report.longrepr, tuple)}
    return sorted(reason.removeprefix("Skipped: ") for reason in reasons)
