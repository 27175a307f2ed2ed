"""How often one may try to sign in: the one module that writes and reads `desk.sign_ins`.

Every try is counted before the password is compared, so that tries at the same moment, at any
number of edges, are as few as tries one after the other. Who succeeds has it back.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Literal

from services.http.problems import ProblemError
from services.staff.accounts import Asked

WINDOW = timedelta(minutes=15)
NAME_TRIES_MAX = 10
ADDRESS_TRIES_MAX = 50
"""A whole office may share one."""
KEPT_MAX = 100_000
SWEPT_AT_ONCE_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What tries are counted for, and how many of them there may be in one window."""

    kind: Literal["name", "address"]
    value: str

    @property
    def tries_max(self) -> int:
        return NAME_TRIES_MAX if self.kind == "name" else ADDRESS_TRIES_MAX

    @property
    def digest(self) -> bytes:
        """As long for any name, and nothing to read for who looks into the table."""
        return hashlib.sha256(f"{self.kind}:{self.value}".encode("utf-8", "replace")).digest()


async def spend(asked: Asked, counted: Counted, at: datetime) -> None:
    """Counts one try. Raises a 429 problem when there were as many as there may be."""
    row = await asked.fetchrow(
        """
        insert into desk.sign_ins (tried, began_at, tries)
        values ($1, $2, 1)
        on conflict (tried) do update
        set tries = case
                when sign_ins.began_at <= $3 then 1
                else least(sign_ins.tries, $4) + 1
            end,
            began_at = case when sign_ins.began_at <= $3 then $2 else sign_ins.began_at end
        returning tries, began_at
        """,
        counted.digest,
        at,
        at - WINDOW,
        counted.tries_max,
    )
    assert row is not None, "it is inserted or updated"
    if row["tries"] > counted.tries_max:
        raise _too_many((row["began_at"] + WINDOW - at).total_seconds())


async def give_back(asked: Asked, counted: Counted) -> None:
    """One try less: it succeeded."""
    await asked.execute(
        "update desk.sign_ins set tries = tries - 1 where tried = $1 and tries > 0", counted.digest
    )


async def forget(asked: Asked, counted: Counted) -> None:
    await asked.execute("delete from desk.sign_ins where tried = $1", counted.digest)


async def sweep(asked: Asked, at: datetime) -> None:
    """Deletes what is counted no more, and what is more than is kept; some at a time."""
    await asked.execute(
        """
        delete from desk.sign_ins
        where tried in (
            (select tried from desk.sign_ins where began_at <= $1 order by began_at limit $3)
            union all
            (select tried from desk.sign_ins order by began_at desc offset $2 limit $3)
        )
        """,
        at - WINDOW,
        KEPT_MAX,
        SWEPT_AT_ONCE_MAX,
    )


def _too_many(seconds: float) -> ProblemError:
    return ProblemError(
        HTTPStatus.TOO_MANY_REQUESTS,
        "rate-limited",
        "Too many tries to sign in, with this name or from this address.",
        headers={"Retry-After": str(max(1, math.ceil(seconds)))},
    )
