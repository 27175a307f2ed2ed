"""`peygir schemas`: a stale file and a broken release are failures, said in words."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from schemas import inventory
from services.command.schemas import app
from services.contract import files, picture

ROOT = Path(__file__).parents[2]
VERSION = "0.9.0"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the gates read of a checkout, generated, for copies of it."""
    root = tmp_path_factory.mktemp("fresh")
    shutil.copytree(ROOT / "schemas" / "json", root / "schemas" / "json")
    (root / "schemas" / "released").mkdir()
    (root / "docs").mkdir()
    for page in files.BLOCKS:
        shutil.copy(ROOT / page, root / page)
    assert run(root, "generate").exit_code == 0
    return root


@pytest.fixture
def checkout(fresh: Path, tmp_path: Path) -> Path:
    """One to be harmed, in a folder with a space."""
    return shutil.copytree(fresh, tmp_path / "a checkout")


@pytest.fixture
def released(checkout: Path) -> Path:
    """A checkout whose version is released; gives the folder of the release."""
    assert run(checkout, "release", VERSION).exit_code == 0
    return checkout / "schemas" / "released" / VERSION


def test_this_checkout_is_fresh_and_keeps_what_was_released() -> None:
    result = run(ROOT, "check")

    assert result.exit_code == 0, result.output


def test_a_fresh_checkout_passes(checkout: Path) -> None:
    result = run(checkout, "check")

    assert result.exit_code == 0
    assert "0 releases are kept" in result.output


def test_a_stale_schema_fails_until_it_is_generated(checkout: Path) -> None:
    path = checkout / "schemas" / "json" / "case.routed.v1.json"
    path.write_text(path.read_text().replace("reason", "motive"))

    result = run(checkout, "check")

    assert result.exit_code == 1
    assert "stale: schemas/json/case.routed.v1.json" in result.output
    assert "peygir schemas generate" in result.output
    assert run(checkout, "generate").exit_code == 0
    assert run(checkout, "check").exit_code == 0


def test_a_missing_schema_and_one_that_has_no_type_fail(checkout: Path) -> None:
    folder = checkout / "schemas" / "json"
    (folder / "key.v1.json").unlink()
    (folder / "ghost.v1.json").write_text("{}")

    result = run(checkout, "check")

    assert result.exit_code == 1
    assert "stale: schemas/json/key.v1.json" in result.output
    assert "stale: schemas/json/ghost.v1.json" in result.output
    assert run(checkout, "generate").exit_code == 0
    assert not (folder / "ghost.v1.json").exists()
    assert run(checkout, "check").exit_code == 0


@pytest.mark.parametrize("page", files.BLOCKS)
def test_a_stale_table_in_the_documentation_fails(checkout: Path, page: str) -> None:
    path = checkout / page
    path.write_text(path.read_text().replace("| --- |", "| ---- |").replace("flowchart", "graph"))

    result = run(checkout, "check")

    assert result.exit_code == 1
    assert f"stale: {page}" in result.output


@pytest.mark.parametrize("page", files.BLOCKS)
def test_a_page_that_lost_its_markers_is_named(checkout: Path, page: str) -> None:
    (checkout / page).write_text("# Nothing generated here\n")

    result = run(checkout, "check")

    assert result.exit_code == 1
    assert Path(page).name in result.output
    assert "Traceback" not in result.output


def test_writing_by_hand_around_a_table_survives(checkout: Path) -> None:
    path = checkout / "docs" / "operating.md"
    path.write_text(f"{path.read_text()}\nWritten by hand.\n")

    assert run(checkout, "generate").exit_code == 0

    assert path.read_text().endswith("\nWritten by hand.\n")


def test_a_released_version_is_kept(checkout: Path, released: Path) -> None:
    result = run(checkout, "check")

    assert result.exit_code == 0, result.output
    assert "1 releases are kept" in result.output
    names = {path.relative_to(released).as_posix() for path in released.rglob("*.json")}
    assert set(inventory.promised()) < names
    assert {f"records/{name}.json" for name in inventory.types()} < names


def test_a_version_is_released_once(checkout: Path, released: Path) -> None:
    before = {path: path.read_text() for path in released.rglob("*.json")}

    result = run(checkout, "release", VERSION)

    assert result.exit_code == 1
    assert "released already" in result.output
    assert {path: path.read_text() for path in released.rglob("*.json")} == before


def given_field(document: dict[str, Any]) -> None:
    document["properties"]["mayor_approved"] = {"type": "boolean"}


def given_topic(document: dict[str, Any]) -> None:
    document["topics"]["intake-fax"] = document["topics"]["intake-sms"]


def given_metric(document: dict[str, Any]) -> None:
    document["peygir_gone_total"] = {"kind": "counter", "labels": {}, "buckets": []}


def given_setting(document: dict[str, Any]) -> None:
    document["PEYGIR_GONE"] = {"type": "string"}


def given_unreadable(document: list[dict[str, Any]]) -> None:
    document[0]["recorded_at"] = "2026-11-24T08:30:00"


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("json/case.routed.v1.json", given_field, "case.routed.v1 $.mayor_approved"),
        ("topics.json", given_topic, "topics.json intake-fax"),
        ("metrics.json", given_metric, "metrics.json peygir_gone_total"),
        ("settings.json", given_setting, "settings.json PEYGIR_GONE"),
        ("records/case.routed.v1.json", given_unreadable, "no longer readable: recorded_at"),
    ],
    ids=["a field", "a topic", "a metric", "a setting", "a record"],
)
def test_what_a_release_had_and_the_code_has_not_fails(
    checkout: Path, released: Path, name: str, change: Callable[[Any], None], words: str
) -> None:
    document = json.loads((released / name).read_text())
    change(document)
    (released / name).write_text(json.dumps(document))

    result = run(checkout, "check")

    assert result.exit_code == 1
    assert f"breaks {VERSION}: " in result.output
    assert words in result.output


def test_a_type_that_is_gone_fails(checkout: Path, released: Path) -> None:
    shutil.copy(released / "json" / "key.v1.json", released / "json" / "key.v0.json")

    result = run(checkout, "check")

    assert result.exit_code == 1
    assert "key.v0: the type was removed" in result.output


def test_every_topic_and_every_process_is_in_the_picture() -> None:
    drawn = (ROOT / "docs" / "architecture.md").read_text()

    assert picture.mermaid() in drawn
    for topic in picture.every_topic():
        assert topic.name in picture.mermaid()
        assert f"| `{topic.name}` |" in drawn
    for process in picture.PROCESSES.values():
        assert f'["{process}"]' in picture.mermaid()


def run(root: Path, *arguments: str) -> Result:
    command, *rest = arguments
    return CliRunner().invoke(app, [command, "--root", str(root), *rest])
