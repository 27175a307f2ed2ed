"""What is seen of a data folder that is not as it should be."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.command.composed import composed
from services.command.exit_codes import ExitCode


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("secrets.json", "{"),
        ("secrets.json", '{"master_key": "x"}'),
        ("demo.json", "[]"),
        ("run.json", ""),
        ("instance.json", "7"),
    ],
)
def test_a_damaged_file_is_a_finding_and_no_end_of_the_look(
    name: str, content: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_text(content)
    file.chmod(0o600)

    done = CliRunner().invoke(composed(), ["doctor", "--json"], env={"PEYGIR_DATA": str(tmp_path)})

    assert done.exit_code == ExitCode.NO, done.output
    said = [one for one in json.loads(done.stdout) if one["state"] == "wrong"]
    assert [one["name"] for one in said] == ["secrets"]
    assert f"{name} is damaged" in said[0]["says"]
    assert said[0]["do"]
