"""What the demo needs to be let in: made once, and left in the data folder for its owner alone."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg

from services.keys.demo import demo_keys
from services.staff.demo import demo_staff

FILE = "demo.json"
OWNER_ONLY = 0o600


async def demo(connection: asyncpg.Connection, folder: Path, at: datetime) -> bool:
    """Whether anything was made: not if what is in the file still opens."""
    path = folder / FILE
    kept = _read(path)
    staff = kept.get("staff")
    async with connection.transaction():
        keys = await demo_keys(connection, kept)
        people = await demo_staff(connection, staff if isinstance(staff, dict) else {}, at=at)
        if keys or people:
            _write(path, kept | keys | ({"staff": people} if people else {}))
    return bool(keys or people)


def _read(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _write(path: Path, kept: dict[str, Any]) -> None:
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(kept, file, indent=2)
    beside.replace(path)
