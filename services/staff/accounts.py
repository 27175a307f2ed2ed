"""The accounts in Postgres: the one module that writes and reads `desk.staff`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from schemas.vocabulary import Municipality
from services.staff.account import NAME, Account, NewAccount

Connection = asyncpg.Connection | PoolConnectionProxy
Asked = Connection | asyncpg.Pool

_SHOWN = "name, role, municipality, department, must_change, created_at, disabled_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An account with the digest that its password is compared with."""

    account: Account
    digest: str


async def add(
    asked: Asked, one: NewAccount, *, digest: str, must_change: bool, at: datetime
) -> bool:
    """Whether it was added: not if the name is taken, were it by an account that was disabled.

    A name stands under what its person said, for ever.
    """
    done = await asked.execute(
        """
        insert into desk.staff
            (name, role, municipality, department, digest, must_change, created_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (name) do nothing
        """,
        one.name,
        one.grant.role,
        one.grant.municipality,
        one.grant.department,
        digest,
        must_change,
        at,
    )
    return done == "INSERT 0 1"


async def find(asked: Asked, name: str) -> Kept | None:
    """What could not be a name is looked for as none, so that it takes as long."""
    query = f"select {_SHOWN}, digest from desk.staff where name = $1"  # noqa: S608
    row = await asked.fetchrow(query, name if NAME.fullmatch(name) else "")
    return row and Kept(account=_account(row), digest=row["digest"])


async def listed(
    asked: Asked,
    *,
    municipalities: Collection[Municipality] | None = None,
    after: str = "",
    limit: int | None = None,
) -> list[Account]:
    """By name; of every municipality where none is named."""
    rows = await asked.fetch(
        f"""
        select {_SHOWN}
        from desk.staff
        where name > $1 and ($2::text[] is null or municipality = any($2::text[]))
        order by name
        limit $3
        """,  # noqa: S608
        after,
        None if municipalities is None else sorted(municipalities),
        limit,
    )
    return [_account(row) for row in rows]


async def set_password(
    connection: Connection,
    name: str,
    digest: str,
    *,
    must_change: bool,
    instead_of: str | None = None,
) -> bool:
    """Whether there is such an account, in force, with the digest `instead_of` if one is given.

    Whoever was compared with a password that was changed meanwhile sets none.
    """
    done = await connection.execute(
        """
        update desk.staff
        set digest = $2, must_change = $3
        where name = $1 and disabled_at is null and ($4::text is null or digest = $4)
        """,
        name,
        digest,
        must_change,
        instead_of,
    )
    return done == "UPDATE 1"


async def disable(connection: Connection, name: str, at: datetime) -> bool:
    """Whether there is such an account; one disabled before keeps its time."""
    done = await connection.execute(
        "update desk.staff set disabled_at = coalesce(disabled_at, $2) where name = $1", name, at
    )
    return done == "UPDATE 1"


def _account(row: asyncpg.Record) -> Account:
    return Account(
        name=row["name"],
        role=row["role"],
        municipality=row["municipality"],
        department=row["department"],
        must_change=row["must_change"],
        created_at=row["created_at"],
        disabled_at=row["disabled_at"],
    )
