"""The page on reading by HTTP: every call on it is made as it stands."""

import re
import shlex
from pathlib import Path

import httpx
import pytest

from tests.builders import NOON, acknowledged, after
from tests.edges import READ_KEY
from tests.reading import Ask, Tables, asked, case_id, filled, told

pytestmark = pytest.mark.integration

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
CALLS = re.findall(r"^curl .+$", PAGE, re.MULTILINE)
HOST = "http://127.0.0.1:8137"


@pytest.fixture(scope="module")
def city(database: str) -> str:
    async def fill(tables: Tables) -> None:
        await tables.add(*told(1, at=NOON), acknowledged(case_id(1), at=after(60)))

    filled(database, fill)
    return database


@pytest.mark.parametrize("call", CALLS)
def test_every_call_of_the_page_is_answered(city: str, call: str) -> None:
    words = shlex.split(call.replace("READ_KEY", READ_KEY).replace("CASE_ID", case_id(1)))
    header, address = words[words.index("-H") + 1], words[-1]
    name, _, value = header.partition(": ")
    query = "?" + words[words.index("-G") + 2] if "-G" in words else ""

    async def made(ask: Ask) -> httpx.Response:
        return await ask("GET", address.removeprefix(HOST) + query, headers={name: value})

    answer = asked(city, made)

    assert answer.status_code == 200, answer.text
    assert answer.json()


def test_the_page_has_calls_of_every_kind() -> None:
    for path in ("/cases?", "/cases/counts?", "/cases/CASE_ID", "/departments", "/policies"):
        assert any(path in call for call in CALLS)
