"""The API keys in Postgres: the one module that writes and reads their table."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from schemas.vocabulary import Author
from services.http.client import Client
from services.keys.key import NewKey


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptKey:
    """What is known of a key; the key itself is not."""

    key_id: str
    client: str
    scopes: tuple[str, ...]
    note: str
    created_at: datetime
    revoked_at: datetime | None


async def add(connection: asyncpg.Connection, key: NewKey) -> None:
    await connection.execute(
        """
        insert into desk.api_keys (key_id, client, digest, scopes, note)
        values ($1, $2, $3, $4, $5)
        """,
        key.key_id,
        key.client,
        key.digest,
        list(key.scopes),
        key.note,
    )


async def all_keys(connection: asyncpg.Connection) -> list[KeptKey]:
    rows = await connection.fetch(
        """
        select key_id, client, scopes, note, created_at, revoked_at
        from desk.api_keys
        order by created_at, key_id
        """
    )
    return [
        KeptKey(
            key_id=row["key_id"],
            client=row["client"],
            scopes=tuple(row["scopes"]),
            note=row["note"],
            created_at=row["created_at"],
            revoked_at=row["revoked_at"],
        )
        for row in rows
    ]


async def revoke(connection: asyncpg.Connection, key_id: str) -> bool:
    """Whether there is such a key; one revoked before keeps its time."""
    done = await connection.execute(
        """
        update desk.api_keys
        set revoked_at = coalesce(revoked_at, now())
        where key_id = $1
        """,
        key_id,
    )
    return done == "UPDATE 1"


async def in_force(connection: asyncpg.Connection | asyncpg.Pool) -> dict[bytes, Client]:
    """Every client by the digest of a key that opens today."""
    rows = await connection.fetch(
        """
        select digest, client, scopes
        from desk.api_keys
        where revoked_at is null
        """
    )
    return {
        row["digest"]: Client(name=Author(row["client"]), scopes=frozenset(row["scopes"]))
        for row in rows
    }
