"""`peygir keys`: who may call, with what; a key is shown once, when it is made."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, TypeVar

import asyncpg
import typer
from rich.console import Console
from rich.table import Column

from schemas.settings import Settings
from services.command import reach
from services.command.exit_codes import ExitCode
from services.command.tables import whole_table
from services.embedded.errors import MissingError
from services.http.grants import SCOPES
from services.kafka import KafkaAwayError, TopicError
from services.keys import store
from services.keys.key import KeyRefusedError, new_key
from services.keys.places import names_places, not_there
from services.policy.publish import versions

T = TypeVar("T")
CONNECT_SECONDS_MAX = 10

app = typer.Typer(help="API keys.", no_args_is_help=True)


@app.command()
def create(
    client: Annotated[str, typer.Argument(help="a stable name: a new key continues its cases")],
    scope: Annotated[
        list[str],
        typer.Option(help=SCOPES),
    ],
    note: Annotated[str, typer.Option(help="what it is for")] = "",
    unchecked: Annotated[  # noqa: FBT002
        bool, typer.Option("--unchecked", help="even if the policies cannot be read")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,  # noqa: FBT002
) -> None:
    """Make a key and show it, this once."""
    try:
        key = new_key(client=client, scopes=tuple(scope), note=note)
    except KeyRefusedError as error:
        reach.end(str(error), ExitCode.USAGE)
    if names_places(scope):
        _check_places(scope, unchecked=unchecked)
    _with_database(lambda connection: store.add(connection, key))
    if as_json:
        typer.echo(json.dumps({"key_id": key.key_id, "client": client, "key": key.shown}))
    else:
        typer.echo(f"{key.shown}\nkept as {key.key_id}; it cannot be shown again")


@app.command("list")
def list_keys(
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,  # noqa: FBT002
) -> None:
    """List every key by its id; no key itself is kept."""
    found = _with_database(store.all_keys)
    if as_json:
        typer.echo(json.dumps([_row(one) for one in found], indent=2))
        return
    key_id = Column("key id", no_wrap=True)
    table = whole_table(key_id, "client", "scopes", "note", "created", "revoked")
    for one in found:
        row = _row(one)
        table.add_row(*(str(row[name] or "") for name in row))
    Console().print(table)


@app.command()
def revoke(key_id: str) -> None:
    """Make a key useless within seconds."""
    if not _with_database(lambda connection: store.revoke(connection, key_id)):
        reach.end(f"there is no key {key_id}")
    typer.echo(f"{key_id} is revoked")


def _check_places(scopes: Sequence[str], *, unchecked: bool) -> None:
    """A key for a place that is misspelt opens nothing, and is found when it is missed."""
    try:
        policies = versions(reach.kafka(Settings()))
    except (KafkaAwayError, TopicError, MissingError) as error:
        if unchecked:
            return
        words = f"the policies cannot be read, and so not whether these places are there: {error}"
        reach.end(f"{words}. --unchecked makes the key all the same", ExitCode.UNAVAILABLE)
    wrong = not_there(scopes, policies)
    if wrong is not None:
        reach.end(wrong, ExitCode.USAGE)


def _row(one: store.KeptKey) -> dict[str, str | None]:
    return {
        "key_id": one.key_id,
        "client": one.client,
        "scopes": " ".join(one.scopes),
        "note": one.note,
        "created_at": one.created_at.isoformat(timespec="seconds"),
        "revoked_at": one.revoked_at and one.revoked_at.isoformat(timespec="seconds"),
    }


def _with_database(work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    url = reach.database_url(Settings())

    async def run() -> T:
        connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS_MAX)
        try:
            return await work(connection)
        finally:
            await connection.close()

    try:
        return asyncio.run(run())
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        reach.end(f"Postgres does not answer ({type(error).__name__})", ExitCode.UNAVAILABLE)
