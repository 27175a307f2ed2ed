"""The page on calls without a case: its words are the contract's, and its calls are answered."""

import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.vocabulary import CALL_OUTCOMES
from services.http.application import application
from services.http.asgi import Edge
from services.intake.call_body import CallBody
from services.intake.calls import call_routes
from tests.edges import PHONE_KEY, READ_KEY, Caller, FakeInboxes, bearer, door
from tests.reading import Tables, filled, get

PAGE = (Path(__file__).parents[2] / "docs" / "calls.md").read_text(encoding="utf-8")
HOST = "http://127.0.0.1:8137"


def test_the_page_has_every_outcome_and_every_field() -> None:
    first_cells = re.findall(r"^\| `([a-z_-]+)` \|", PAGE, re.MULTILINE)

    assert sorted(first_cells) == sorted((*CallBody.model_fields, *CALL_OUTCOMES))


def test_the_call_that_the_page_tells_of_is_taken() -> None:
    (body,) = re.findall(r"-d '(\{.*\})'", PAGE)
    inboxes = FakeInboxes()
    stands_on = door(inboxes, now=lambda: datetime(2026, 11, 30, 7, tzinfo=UTC))
    app = Edge(application([call_routes(stands_on)], title="test"), stands_on.meters)

    answer = Caller(app).post("/intake/v1/calls", json=json.loads(body), headers=bearer(PHONE_KEY))

    assert answer.status_code == 202, answer.text


@pytest.mark.integration
@pytest.mark.parametrize("call", re.findall(r"^curl .+/api/v1/.+$", PAGE, re.MULTILINE))
def test_every_question_of_the_page_is_answered(database: str, call: str) -> None:
    async def nothing(_tables: Tables) -> None:
        """Laid out, and empty."""

    filled(database, nothing)

    answer = get(database, shlex.split(call)[-1].removeprefix(HOST), headers=bearer(READ_KEY))

    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == 0
