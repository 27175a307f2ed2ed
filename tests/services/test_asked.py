"""A question to Postgres that fails: what is away comes back, and a mistake of ours does not."""

import asyncio

import asyncpg
import pytest

from services.api.asked import MistakenError, asked
from services.http.problems import ProblemError


def fail(error: Exception) -> None:
    async def question() -> None:
        raise error

    asyncio.run(asked(question))


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.UndefinedTableError('relation "projection.cases" does not exist'),
        asyncpg.UndefinedTableError('relation "desk.api_keys" does not exist'),
        asyncpg.InvalidSchemaNameError('schema "projection" does not exist'),
        asyncpg.CannotConnectNowError("starting"),
        ConnectionRefusedError(),
        TimeoutError(),
    ],
)
def test_what_is_away_or_not_made_yet_is_to_be_asked_again(error: Exception) -> None:
    with pytest.raises(ProblemError) as raised:
        fail(error)

    assert raised.value.status == 503


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.UndefinedTableError('relation "projection.casez" does not exist'),
        asyncpg.UndefinedTableError('relation "cases" does not exist'),
        asyncpg.UndefinedTableError('missing FROM-clause entry for table "c"'),
        asyncpg.UndefinedColumnError('column "stat" does not exist'),
        asyncpg.PostgresSyntaxError("at or near"),
    ],
)
def test_a_question_that_is_wrong_itself_is_no_outage(error: Exception) -> None:
    with pytest.raises((MistakenError, asyncpg.SyntaxOrAccessError)):
        fail(error)
