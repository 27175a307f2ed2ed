"""The sessions in Postgres: the one module that writes and reads `desk.sessions`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from services.http.client import Client
from services.http.grants import Grant, scope_of
from services.staff.account import author
from services.staff.accounts import Asked, Connection

OF_ONE_MAX = 10
"""Sessions of one account at a time; the one that began first ends for another."""
KEPT_DAYS = 7
SWEPT_AT_ONCE_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session that has not ended, and whose it is."""

    client: Client
    ends_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """A session that is to begin for whoever had the password of this digest."""

    token_digest: bytes
    name: str
    password_digest: str
    at: datetime
    ends_at: datetime


async def begin(connection: Connection, new: Beginning) -> bool:
    """Whether it began: not if the account was disabled or its password changed meanwhile.

    In a transaction. The account's row is held until its end, so that whoever changes it waits,
    and ends this session too.
    """
    done = await connection.execute(
        """
        insert into desk.sessions (digest, name, started_at, last_seen_at, ends_at)
        select $1, name, $4, $4, $5
        from desk.staff
        where name = $2 and digest = $3 and disabled_at is null
        for share
        """,
        new.token_digest,
        new.name,
        new.password_digest,
        new.at,
        new.ends_at,
    )
    await connection.execute(
        """
        update desk.sessions set ended_at = $2
        where ended_at is null and digest in (
            select digest from desk.sessions
            where name = $1 and ended_at is null
            order by started_at desc, digest
            offset $3
        )
        """,
        new.name,
        new.at,
        OF_ONE_MAX,
    )
    return done == "INSERT 0 1"


async def end(asked: Asked, token_digest: bytes, at: datetime) -> None:
    await asked.execute(
        "update desk.sessions set ended_at = $2 where digest = $1 and ended_at is null",
        token_digest,
        at,
    )


async def end_all(connection: Connection, name: str, at: datetime) -> None:
    await connection.execute(
        "update desk.sessions set ended_at = $2 where name = $1 and ended_at is null", name, at
    )


async def still_open(
    asked: Asked, digests: Iterable[bytes], *, at: datetime, idle: timedelta
) -> dict[bytes, OpenSession]:
    """Those of them that have not ended, in any of the ways in which one ends."""
    rows = await asked.fetch(
        """
        select s.digest, s.ends_at, s.last_seen_at,
            a.name, a.role, a.municipality, a.department, a.must_change
        from desk.sessions s
        join desk.staff a on a.name = s.name
        where s.digest = any($1::bytea[])
            and s.ended_at is null
            and s.ends_at > $2
            and s.last_seen_at > $3
            and a.disabled_at is null
        """,
        list(digests),
        at,
        at - idle,
    )
    return {
        row["digest"]: OpenSession(
            client=Client(
                name=author(row["name"]),
                scopes=frozenset({scope_of(_grant(row))}),
                must_change=row["must_change"],
            ),
            ends_at=row["ends_at"],
            last_seen_at=row["last_seen_at"],
        )
        for row in rows
    }


async def touch(asked: Asked, seen: Mapping[bytes, datetime], *, idle: timedelta) -> None:
    """Notes when sessions were used, of those that had not ended by then.

    In one order, and none for which it would have to wait: two edges may do so at once.
    """
    await asked.execute(
        """
        with open as (
            select digest
            from desk.sessions
            where digest = any($1::bytea[]) and ended_at is null
            order by digest
            for update skip locked
        )
        update desk.sessions s
        set last_seen_at = u.seen_at
        from unnest($1::bytea[], $2::timestamptz[]) as u (digest, seen_at)
        join open on open.digest = u.digest
        where s.digest = u.digest
            and u.seen_at > s.last_seen_at
            and u.seen_at < least(s.ends_at, s.last_seen_at + $3::interval)
        """,
        list(seen.keys()),
        list(seen.values()),
        idle,
    )


async def sweep(asked: Asked, at: datetime) -> None:
    """Deletes sessions that ended long ago, some at a time."""
    await asked.execute(
        """
        delete from desk.sessions
        where digest in (
            select digest
            from desk.sessions
            where least(ended_at, ends_at) < $1
            limit $2
            for update skip locked
        )
        """,
        at - timedelta(days=KEPT_DAYS),
        SWEPT_AT_ONCE_MAX,
    )


def _grant(row: asyncpg.Record) -> Grant:
    return Grant(role=row["role"], municipality=row["municipality"], department=row["department"])
