"""`peygir staff`: who works for a municipality; a first password is shown once, when it is made."""

import json
from datetime import UTC, datetime
from typing import Annotated

import asyncpg
import typer
from rich.console import Console
from rich.table import Column

from services.command import reach
from services.command.admission import check_places, with_database
from services.command.exit_codes import ExitCode
from services.command.tables import whole_table
from services.http.grants import STAFF_ROLES, scope_of
from services.staff import accounts, keeping
from services.staff.account import Account, AccountRefusedError, first_password, new_account
from services.staff.passwords import Passwords

app = typer.Typer(help="Accounts of staff.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="the account's name")]
AsJson = Annotated[bool, typer.Option("--json", help="for programs")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="a name that nobody had before")],
    municipality: Annotated[str, typer.Option(help="whose staff it is")],
    role: Annotated[str, typer.Option(help=", ".join(STAFF_ROLES))],
    department: Annotated[
        str | None, typer.Option(help="of a member, a head or a deputy, and of nobody else")
    ] = None,
    unchecked: Annotated[  # noqa: FBT002
        bool, typer.Option("--unchecked", help="even if the policies cannot be read")
    ] = False,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Make an account and show its first password, this once; it is to be changed at sign-in."""
    try:
        one = new_account(name=name, role=role, municipality=municipality, department=department)
    except AccountRefusedError as error:
        reach.end(str(error), ExitCode.USAGE)
    check_places([scope_of(one.grant)], unchecked=unchecked, made="account")
    password, at = first_password(), datetime.now(UTC)

    async def make(connection: asyncpg.Connection) -> bool:
        digest = await Passwords().digest(password)
        return await keeping.make(connection, one, digest=digest, at=at)

    if not with_database(make):
        reach.end(f"the name {name} is taken, for ever")
    _show(name, password, as_json=as_json)


@app.command("list")
def list_accounts(
    municipality: Annotated[str | None, typer.Option(help="of this one alone")] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """List every account by its name; no password is kept."""
    found = with_database(accounts.listed)
    found = [one for one in found if municipality in {None, one.municipality}]
    if as_json:
        typer.echo(json.dumps([_row(one) for one in found], indent=2))
        return
    name, role = Column("name", no_wrap=True), Column("role", no_wrap=True)
    table = whole_table(name, role, "of", "password", "made", "disabled")
    for one in found:
        table.add_row(*_cells(one))
    Console().print(table)


@app.command()
def password(name: Name, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Give an account a new first password and show it, this once; its sessions end."""
    made, at = first_password(), datetime.now(UTC)

    async def renew(connection: asyncpg.Connection) -> bool:
        digest = await Passwords().digest(made)
        return await keeping.renew(connection, name, digest=digest, at=at)

    if not with_database(renew):
        reach.end(f"there is no account {name} in force")
    _show(name, made, as_json=as_json)


@app.command()
def disable(name: Name) -> None:
    """End an account for ever, and its sessions within seconds; its name stays taken."""
    at = datetime.now(UTC)
    if not with_database(lambda connection: keeping.disable(connection, name, at=at)):
        reach.end(f"there is no account {name}")
    typer.echo(f"{name} is disabled")


def _show(name: str, shown: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"name": name, "first_password": shown}))
    else:
        typer.echo(f"{shown}\nis the first password of {name}; it cannot be shown again")


def _cells(one: Account) -> tuple[str, ...]:
    """To the day: to the second, they are for programs."""
    place = f"{one.municipality}/{one.department}" if one.department else one.municipality
    disabled = f"{one.disabled_at:%Y-%m-%d}" if one.disabled_at else ""
    first = "the first one" if one.must_change else "its own"
    return one.name, one.role, place, first, f"{one.created_at:%Y-%m-%d}", disabled


def _row(one: Account) -> dict[str, str | bool | None]:
    disabled_at = one.disabled_at
    return {
        "name": one.name,
        "role": one.role,
        "municipality": one.municipality,
        "department": one.department,
        "must_change_password": one.must_change,
        "created_at": one.created_at.isoformat(timespec="seconds"),
        "disabled_at": disabled_at and disabled_at.isoformat(timespec="seconds"),
    }
