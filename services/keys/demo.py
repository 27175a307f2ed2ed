"""The keys of the demo: made where those that are kept do not open."""

from collections.abc import Mapping
from typing import Any

import asyncpg

from services.keys.key import digest, new_key
from services.keys.store import add, in_force

SCOPES = {"intake": ("channel:*",), "read": ("read",)}


async def demo_keys(connection: asyncpg.Connection, kept: Mapping[str, Any]) -> dict[str, str]:
    """The keys by their purpose, as they are to be kept; none where those that are kept open."""
    if _open(kept, set(await in_force(connection))):
        return {}
    keys = {
        purpose: new_key(client=f"demo-{purpose}", scopes=scopes, note="the demo's")
        for purpose, scopes in SCOPES.items()
    }
    for key in keys.values():
        await add(connection, key)
    return {purpose: key.shown for purpose, key in keys.items()}


def _open(kept: Mapping[str, Any], known: set[bytes]) -> bool:
    return all(digest(str(kept.get(purpose))) in known for purpose in SCOPES)
