"""Programs of Debian's that some tests need, and the words that say how to have them."""

import shutil

import pytest

PACKAGES = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "amtool": "prometheus-alertmanager",
}


def needed(program: str) -> str:
    """Where it lies; without it the test is skipped, which fails a run that promises everything."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"needs {program}: apt-get install {PACKAGES[program]}")
    return found
