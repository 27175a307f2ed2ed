"""A question to Postgres: asked once more where a pooled connection had died, and a 503 else."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeVar

import asyncpg

from schemas import logs
from services.http.problems import ProblemError, unavailable
from services.postgres import AWAY, STALE

RETRY_AFTER_SECONDS = 2

_log = logs.logger()

T = TypeVar("T")


async def asked(question: Callable[[], Awaitable[T]]) -> T:
    """The answer; once more where a pooled connection had died with the last server.

    Raises a 503 problem while Postgres is away, and a 422 where the answer would take too long.
    """
    try:
        return await _answer(question)
    except STALE:
        pass
    except AWAY as error:
        raise _away(error) from error
    try:
        return await _answer(question)
    except AWAY as error:
        raise _away(error) from error


async def _answer(question: Callable[[], Awaitable[T]]) -> T:
    try:
        return await question()
    except asyncpg.QueryCanceledError as error:
        words = (
            "There is too much to look through for this; narrow it, "
            "for example by a municipality, a department or a time."
        )
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "too-broad", words) from error


def _away(error: BaseException) -> ProblemError:
    _log.warning("the projection cannot be read", error=type(error).__name__)
    return unavailable("The database does not answer.", retry_after_seconds=RETRY_AFTER_SECONDS)
