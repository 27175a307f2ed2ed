"""The keys of the demo: made once, and left in the data folder for their owner alone."""

import json
import os
from pathlib import Path

import asyncpg

from services.keys.key import digest, new_key
from services.keys.store import add, in_force

FILE = "demo.json"
OWNER_ONLY = 0o600
SCOPES = {"intake": ("channel:*",), "read": ("read",)}


async def demo_keys(connection: asyncpg.Connection, folder: Path) -> bool:
    """Whether keys were made: not if those in the file still open."""
    path = folder / FILE
    if _still_open(path, set(await in_force(connection))):
        return False
    keys = {
        purpose: new_key(client=f"demo-{purpose}", scopes=scopes, note="the demo's")
        for purpose, scopes in SCOPES.items()
    }
    async with connection.transaction():
        for key in keys.values():
            await add(connection, key)
        _write(path, {purpose: key.shown for purpose, key in keys.items()})
    return True


def _still_open(path: Path, known: set[bytes]) -> bool:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return all(digest(kept[purpose]) in known for purpose in SCOPES)
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _write(path: Path, keys: dict[str, str]) -> None:
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(keys, file, indent=2)
    beside.replace(path)
