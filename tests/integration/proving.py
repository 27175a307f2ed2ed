"""`verify` run here and `rebuild` as a process, with what they tell."""

import asyncio
import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from streams.verifier import verify
from tests.integration.lab import MASTER, Lab

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Verdict:
    code: int
    end: dict[str, Any]
    differences: list[dict[str, Any]]

    def tables(self) -> set[tuple[str, str, str | None]]:
        """Each difference as its table, what it is, and the column."""
        return {(one["table"], one["what"], one.get("column")) for one in self.differences}


async def verified(city: Lab, capsys: pytest.CaptureFixture[str]) -> Verdict:
    capsys.readouterr()
    code = await verify.verify(city.worker())
    # A projector that works in this process says its own lines.
    lines = [one for one in capsys.readouterr().out.splitlines() if one.startswith("{")]
    said = [json.loads(line) for line in lines]
    differences = [one["difference"] for one in said if "difference" in one]
    return Verdict(code, next(one for one in reversed(said) if "end" in one), differences)


async def rebuilt(city: Lab, workers: int = 1) -> int:
    """The exit code of a whole rebuild."""
    with rebuilding(city, workers) as child:
        await asyncio.to_thread(child.communicate)
        return child.wait()


@contextmanager
def rebuilding(city: Lab, workers: int = 1) -> Iterator[subprocess.Popen[str]]:
    environment = {
        "PATH": os.defpath,
        "PEYGIR_KAFKA": city.kafka,
        "PEYGIR_DATABASE_URL": city.database,
        "PEYGIR_MASTER_KEY": base64.urlsafe_b64encode(MASTER).decode(),
    }
    child = subprocess.Popen(
        (sys.executable, "-m", "streams", "rebuild", str(workers)),
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.wait()
        if child.stdout:
            child.stdout.close()
