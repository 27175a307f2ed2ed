"""`verify` and `rebuild` run here, with what they tell."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from streams.projector import rebuild
from streams.verifier import verify
from tests.integration.lab import Lab


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
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    differences = [one["difference"] for one in said if "difference" in one]
    return Verdict(code, next(one for one in reversed(said) if "end" in one), differences)


async def rebuilt(city: Lab, workers: int = 1) -> int:
    return await rebuild.rebuild(city.worker(), workers)
