"""A question to Postgres: asked once more where a pooled connection had died, and a 503 else."""

import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeVar

import asyncpg

from schemas import logs
from schemas.projection import DESK, TABLES
from services.http.problems import ProblemError, unavailable
from services.postgres import AWAY, STALE

RETRY_AFTER_SECONDS = 2

_TABLE = re.compile(r"^create table (?:if not exists )?(?:desk\.)?(\w+)", re.MULTILINE)
_MADE_LATER = {f"projection.{name}" for name in _TABLE.findall(TABLES)} | {
    f"desk.{name}" for name in _TABLE.findall(DESK)
}
_MISSING = re.compile(r'relation "([\w.]+)" does not exist')

_log = logs.logger()

T = TypeVar("T")


class MistakenError(Exception):
    """A question of ours names a table that there never was: waiting does not help."""


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
    except asyncpg.UndefinedTableError as error:
        missing = _MISSING.search(str(error))
        if missing is not None and missing[1] in _MADE_LATER:
            raise
        raise MistakenError(str(error)) from error


def _away(error: BaseException) -> ProblemError:
    _log.warning("the projection cannot be read", error=type(error).__name__)
    return unavailable("The database does not answer.", retry_after_seconds=RETRY_AFTER_SECONDS)
