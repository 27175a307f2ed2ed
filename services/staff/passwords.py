"""Passwords as argon2 digests, made and compared in threads, a few at a time."""

import asyncio
import unicodedata
from collections.abc import Callable
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from services.http.problems import unavailable

T = TypeVar("T")

PASSWORD_CHARACTERS_MIN = 12
PASSWORD_CHARACTERS_MAX = 200
AT_ONCE_MAX = 2
"""Each takes a core and its memory for as long as it lasts."""
WAITING_MAX = 50
RETRY_AFTER_SECONDS = 5
# What OWASP asks of argon2id at the least; more would be taken from the citizens' messages.
MEMORY_KIB, ROUNDS, LANES = 19_456, 2, 1


def hasher() -> PasswordHash:
    return PasswordHash(
        (Argon2Hasher(time_cost=ROUNDS, memory_cost=MEMORY_KIB, parallelism=LANES),)
    )


def too_short(password: str) -> bool:
    """The one rule there is: length. Rules about signs make passwords that are alike."""
    return len(as_one_writes(password)) < PASSWORD_CHARACTERS_MIN


class Passwords:
    """The one place where passwords and digests meet."""

    def __init__(self, made_by: PasswordHash | None = None) -> None:
        self._hasher = made_by or hasher()
        # What is compared for a name that nobody has, so that it takes as long.
        self._nobodys = self._hasher.hash("the password of nobody")
        self._turns = asyncio.Semaphore(AT_ONCE_MAX)
        self._waiting = 0

    async def digest(self, password: str) -> str:
        return await self._in_turn(lambda: self._hasher.hash(as_one_writes(password)))

    async def fits(self, password: str, digest: str | None) -> bool:
        """Whether it is the password of that digest; of no digest it is none, as slowly."""
        against = self._nobodys if digest is None else digest
        same = await self._in_turn(lambda: self._hasher.verify(as_one_writes(password), against))
        return same and digest is not None

    async def _in_turn(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING_MAX:
            words = "Too many are signing in at this moment."
            raise unavailable(words, retry_after_seconds=RETRY_AFTER_SECONDS)
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


def as_one_writes(password: str) -> str:
    """The same whichever keyboard composed its letters."""
    return unicodedata.normalize("NFKC", password)
