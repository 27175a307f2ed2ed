"""`peygir keys`: who may call, with what; a key is shown once, when it is made."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column

from services.command import reach
from services.command.admission import check_places, with_database
from services.command.exit_codes import ExitCode
from services.command.tables import whole_table
from services.http.grants import SCOPES
from services.keys import store
from services.keys.key import KeyRefusedError, new_key
from services.keys.places import names_places

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
        check_places(scope, unchecked=unchecked, made="key")
    with_database(lambda connection: store.add(connection, key))
    if as_json:
        typer.echo(json.dumps({"key_id": key.key_id, "client": client, "key": key.shown}))
    else:
        typer.echo(f"{key.shown}\nkept as {key.key_id}; it cannot be shown again")


@app.command("list")
def list_keys(
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,  # noqa: FBT002
) -> None:
    """List every key by its id; no key itself is kept."""
    found = with_database(store.all_keys)
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
    if not with_database(lambda connection: store.revoke(connection, key_id)):
        reach.end(f"there is no key {key_id}")
    typer.echo(f"{key_id} is revoked")


def _row(one: store.KeptKey) -> dict[str, str | None]:
    return {
        "key_id": one.key_id,
        "client": one.client,
        "scopes": " ".join(one.scopes),
        "note": one.note,
        "created_at": one.created_at.isoformat(timespec="seconds"),
        "revoked_at": one.revoked_at and one.revoked_at.isoformat(timespec="seconds"),
    }
