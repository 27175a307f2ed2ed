"""The page about live views: its client is run as it stands, and misses nothing."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from tests.builders import routed, submitted
from tests.changing import api, case_id

pytestmark = pytest.mark.integration

PAGE = Path(__file__).parents[2] / "docs" / "live-views.md"
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def test_the_client_of_the_page_follows_and_resumes(database: str) -> None:
    (block,) = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    names: dict[str, Any] = {}
    exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102  # the page's own code is the subject

    async def work() -> None:
        async with api(database) as here, asyncio.timeout(30):
            key = (await here.key()).shown
            first, second = submitted(case_id(1)), submitted(case_id(2))

            following = names["changes"](here.url, key)
            name, data, last = await asyncio.to_thread(next, following)
            assert (name, data["cursor"]) == ("hello", last)
            await here.log.project(first)
            name, data, last = await asyncio.to_thread(next, following)
            assert (name, data["fact_id"]) == ("change", first.fact_id)
            following.close()

            await here.log.project(routed(first), second)
            resumed = names["changes"](here.url, key, last)
            missed = [(await asyncio.to_thread(next, resumed))[1]["fact_id"] for _ in range(2)]
            assert sorted(missed) == sorted([routed(first).fact_id, second.fact_id])
            resumed.close()

    asyncio.run(work())
