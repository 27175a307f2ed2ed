"""A run that two workers share: who runs what, and what the last line says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sharing import WHOLE_PEYGIR, scope_of
from tests.test_tidy import ROOT

CONFTEST = """
import os
import pytest
from tests.closing_line import pytest_sessionfinish, pytest_unconfigure
from tests.sharing import pytest_collection_modifyitems, pytest_xdist_make_scheduler

@pytest.fixture(autouse=True)
def noted(request, worker_id):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(f"{worker_id} {request.node.nodeid}\\n")
"""
RUN = re.findall(r"-m (pytest -n 2.*)", (ROOT / "Makefile").read_text())
"""What `make test` runs."""
QUICK = "def test_quick():\n    pass\n"
SLOW = """
import time, pytest
@pytest.mark.integration
@pytest.mark.parametrize("turn", range(3))
def test_slow(turn):
    time.sleep(0.2)
"""
SKIPS = "import pytest\n@pytest.mark.skip(reason='no such thing here')\ndef test_it():\n    pass\n"
DIES = "import os\ndef test_it():\n    os._exit(1)\n"
FAILS = "def test_it():\n    assert False\n"


def run(folder: Path, modules: dict[str, str], **environment: str) -> tuple[int, list[str]]:
    """Pytest's exit code, and the lines it printed."""
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "pytest.ini").write_text(
        "[pytest]\nmarkers = integration\n"
        "addopts = -p no:asyncio -p no:cacheprovider -p no:schemathesis -p no:hypothesispytest\n"
    )
    for name, source in modules.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(source)
    known = {
        name: value for name, value in os.environ.items() if name not in {"CI", "PYTEST_ADDOPTS"}
    }
    done = subprocess.run(
        [sys.executable, "-m", *RUN[0].split(), "--import-mode=importlib"],
        cwd=folder,
        env={**known, "PYTHONPATH": str(ROOT), "NOTES": str(folder / "notes"), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize(
    ("nodeid", "scope"),
    [
        ("tests/crash/test_kill.py::test_it[a::b/c]", WHOLE_PEYGIR),
        ("tests/backup/test_drill.py::test_it", WHOLE_PEYGIR),
        ("tests/backup/test_check.py::test_it", "tests/backup/test_check.py"),
        ("tests/whole/test_doctor.py::test_it", "tests/whole"),
        ("tests/watching/test_day.py::test_it", "tests/watching"),
    ],
)
def test_what_starts_servers_together_runs_on_one_worker(nodeid: str, scope: str) -> None:
    assert scope_of(nodeid) == scope


def test_trials_run_one_after_the_other_and_what_is_quick_comes_last(tmp_path: Path) -> None:
    modules = {
        "test_a.py": QUICK,
        "test_b.py": SLOW,
        "crash/test_c.py": SLOW,
        "crash/test_d.py": SLOW,
        "watching/test_e.py": SLOW,
    }

    code, lines = run(tmp_path, modules)

    ran = [line.split() for line in (tmp_path / "notes").read_text().splitlines()]
    assert {where for where, what in ran if what.startswith("crash/")} in ({"gw0"}, {"gw1"})
    assert {what.partition("::")[0] for _, what in ran[:2]} == {
        "crash/test_c.py",
        "watching/test_e.py",
    }
    assert ran[-1][1] == "test_a.py::test_quick"
    assert (code, lines[-1]) == (0, "13 passed, 0 failed, 0 skipped")


def test_the_last_line_counts_what_both_workers_did(tmp_path: Path) -> None:
    modules = {"test_a.py": QUICK, "test_b.py": FAILS, "test_c.py": SKIPS}

    code, lines = run(tmp_path, modules)

    assert code == pytest.ExitCode.TESTS_FAILED
    assert lines[-2:] == ["skipped: no such thing here", "1 passed, 1 failed, 1 skipped"]


def test_a_worker_that_dies_is_a_failure_and_ends_the_run(tmp_path: Path) -> None:
    code, lines = run(tmp_path, {"test_a.py": DIES, "test_b.py": QUICK})

    assert code != 0
    assert re.fullmatch(r"[01] passed, 1 failed, 0 skipped", lines[-1])


@pytest.mark.parametrize(("promised", "expected"), [("", 0), ("true", 1)])
def test_where_everything_is_promised_a_skip_fails_the_run(
    promised: str, expected: int, tmp_path: Path
) -> None:
    code, lines = run(tmp_path, {"test_a.py": QUICK, "test_c.py": SKIPS}, CI=promised)

    assert (code, lines[-1]) == (expected, "1 passed, 0 failed, 1 skipped")


def test_what_a_folder_starts_for_all_its_tests_ends_with_them() -> None:
    """A fixture of a package lives to the end of all tests where the folder is no package."""
    for path in Path(__file__).parent.glob("*/conftest.py"):
        if 'scope="package"' in path.read_text():
            assert (path.parent / "__init__.py").exists(), path.parent.name
