"""House rules that no linter knows."""

import ast
from pathlib import Path

import pytest

from services.command.exit_codes import ExitCode

ROOT = Path(__file__).parents[1]
CODE = ("schemas", "streams", "services")
MODULES = [path for folder in CODE for path in sorted((ROOT / folder).rglob("*.py"))]
LINES_MAX = 300
FUNCTION_LINES_MAX = 40


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_it_is_and_stays_small(path: Path) -> None:
    source = path.read_text()
    tree = ast.parse(source)

    assert ast.get_docstring(tree), "the first line of a module says what it is for"
    assert len(source.splitlines()) <= LINES_MAX
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < FUNCTION_LINES_MAX, node.name


def test_every_decision_record_is_listed() -> None:
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text()

    assert [path.name for path in sorted(folder.glob("[0-9]*.md")) if path.name not in index] == []


def test_imports_come_from_this_checkout() -> None:
    for name in CODE:
        module = __import__(name)
        assert module.__file__ is not None
        assert Path(module.__file__).is_relative_to(ROOT)


def test_every_exit_code_is_explained() -> None:

    page = (ROOT / "docs" / "exit-codes.md").read_text()

    assert [code for code in ExitCode if f"| {int(code)} | `{code.name}` |" not in page] == []


def test_the_lock_has_hashes_and_no_addresses() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    packages = [line for line in lines if line and not line.startswith((" ", "#"))]

    assert packages
    assert all(line.endswith("\\") for line in packages)
    assert [line for line in lines if "://" in line or line.startswith("--")] == []
