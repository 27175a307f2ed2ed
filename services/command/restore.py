"""`peygir restore`: a backup into a fresh data folder, or into an empty Kafka and Postgres."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from schemas.settings import Settings
from services.backup import erasures
from services.backup.check import check
from services.backup.empty import folder_is_free, servers_are_free
from services.backup.erasures import Erased
from services.backup.errors import AbsentError
from services.backup.fresh import into_folder
from services.backup.restore import Keys, Restore, Restored, Target, check_keys
from services.backup.restore import restore as put_back
from services.command import reach
from services.command.backup import Saying
from services.command.exit_codes import ExitCode
from services.secret import SecretError, secret_bytes

KEYS = ("master_key", "hmac_key")


def restore(
    folder: Annotated[Path, typer.Argument(help="a backup")],
    secrets: Annotated[
        Path | None, typer.Option(help="the secrets.json of the instance that was backed up")
    ] = None,
    erased: Annotated[
        Path | None, typer.Option("--erasures", help="the list of erasures, as it is today")
    ] = None,
    no_erasures: Annotated[  # noqa: FBT002
        bool, typer.Option("--no-erasures", help="nobody was ever erased")
    ] = False,
) -> None:
    """Put a backup into PEYGIR_DATA, which must not exist yet; nobody erased comes back."""
    settings, now = Settings(), datetime.now(UTC)
    ours = settings.kafka is None and settings.database_url is None
    if ours:
        folder_is_free(settings.data)
    else:
        _both(settings)
        asyncio.run(servers_are_free(reach.kafka(settings), reach.database_url(settings)))
    orders, texts = _orders(erased, none=no_erasures), _keys(settings, secrets)
    say = Saying()
    found = check(folder, say)
    check_keys(found, _bytes(texts))
    what = Restore(folder=folder, found=found, orders=orders, now=now, say=say)
    done = into_folder(settings, texts, what) if ours else _into_servers(settings, what)
    _report(settings, done, found.manifest.made_at, ours=ours)


def _orders(given: Path | None, *, none: bool) -> Sequence[Erased]:
    if (given is None) != none:
        reach.end("give --erasures FILE, or --no-erasures if nobody was erased", ExitCode.USAGE)
    return () if given is None else erasures.read(given)


def _keys(settings: Settings, path: Path | None) -> dict[str, str]:
    """From the file, else from the settings. Raises `AbsentError`."""
    if path is None:
        given = {"master_key": settings.master_key, "hmac_key": settings.hmac_key}
        if any(value is None for value in given.values()):
            reach.end("give --secrets FILE: the keys are not in the backup", ExitCode.USAGE)
        return {name: value.get_secret_value() for name, value in given.items() if value}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {name: str(found[name]) for name in KEYS}
    except (OSError, ValueError, KeyError, TypeError) as error:
        words = f"{path} does not hold master_key and hmac_key ({type(error).__name__})"
        raise AbsentError(words) from error


def _bytes(texts: dict[str, str]) -> Keys:
    try:
        master, hmac = (secret_bytes(SecretStr(texts[name]), name) for name in KEYS)
    except SecretError as error:
        raise AbsentError(str(error)) from error
    return Keys(master=master, hmac=hmac)


def _both(settings: Settings) -> None:
    if settings.kafka is None or settings.database_url is None:
        reach.end("set both PEYGIR_KAFKA and PEYGIR_DATABASE_URL, or neither", ExitCode.USAGE)


def _into_servers(settings: Settings, what: Restore) -> Restored:
    target = Target(
        kafka=reach.kafka(settings), database_url=reach.database_url(settings), settings=settings
    )
    return asyncio.run(put_back(target, what))


def _report(settings: Settings, done: Restored, made_at: str, *, ours: bool) -> None:
    typer.echo(f"restored {done.facts} facts and {done.keys} keys, as they were at {made_at}")
    if done.keys_left_out:
        typer.echo(f"left out {done.keys_left_out} records of the ring: erased, or without meaning")
    if done.erasures:
        typer.echo(f"ordered {done.erasures} erasures again")
    if ours:
        typer.echo(f"start it: `peygir up` with PEYGIR_DATA={settings.data}")
    else:
        typer.echo(f"set PEYGIR_INBOX_GENERATION={done.inbox_generation} for every process,")
        typer.echo("run `python -m services provision`, and start them")
    typer.echo(
        "notices that may have been sent before are not sent again: `peygir unknown-notices`"
    )
