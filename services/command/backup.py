"""`peygir backup`: what is not rebuildable, of a living instance, into a folder of its own."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from schemas.settings import Settings
from services.backup.check import check as check_backup
from services.backup.make import Instance, back_up
from services.command import reach
from services.command.erase import list_of

SAY_SECONDS = 1.0
MEGABYTE = 1024 * 1024


class Saying:
    """What a long work is at, not more than once a second."""

    def __init__(self) -> None:
        self._said_at = 0.0

    def __call__(self, words: str) -> None:
        if time.monotonic() - self._said_at >= SAY_SECONDS:
            self._said_at = time.monotonic()
            typer.echo(words)


def backup(
    folder: Annotated[Path, typer.Argument(help="new or empty; with --check, a backup")],
    check: Annotated[  # noqa: FBT002
        bool, typer.Option("--check", help="read a backup from end to end, and change nothing")
    ] = False,
) -> None:
    """Back up the log, the keys' ring, the policies and the desk; or check that it is whole."""
    if check:
        found = check_backup(folder, Saying())
        made = found.manifest
        typer.echo(f"{folder} is whole: {made.records} records, made at {made.made_at}")
        return
    settings = Settings()
    instance = Instance(
        kafka=reach.kafka(settings),
        database_url=reach.database_url(settings),
        inbox_generation=reach.inbox_generation(settings),
    )
    made = asyncio.run(back_up(instance, folder, datetime.now(UTC), Saying()))
    typer.echo(f"backed up {made.records} records, {made.bytes / MEGABYTE:.1f} MB, to {folder}")
    typer.echo("not in it, and needed to restore it; keep these apart from it and from each other:")
    typer.echo(f"  the master key and the HMAC key: {_where_keys_are(settings)}")
    typer.echo(f"  the list of erasures: {list_of(settings)}")
    typer.echo("not in it, and lost with the broker: what lies in inboxes, department topics")


def _where_keys_are(settings: Settings) -> str:
    if settings.master_key is not None:
        return "PEYGIR_MASTER_KEY, PEYGIR_HMAC_KEY"
    return str(settings.data / "secrets.json")
