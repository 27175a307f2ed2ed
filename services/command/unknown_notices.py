"""`peygir unknown-notices`: what may have been said before a restore, and is not said again."""

import asyncio
import json
from typing import Annotated, Any

import asyncpg
import typer
from rich.console import Console
from rich.table import Column

from schemas.settings import Settings
from services.command import reach
from services.command.exit_codes import ExitCode
from services.command.tables import whole_table

LISTED_MAX = 1_000
CONNECT_SECONDS_MAX = 10
UNKNOWN = """
select topic, case_id, delivery_id, noted_at
from desk.unknown_deliveries
order by noted_at desc, delivery_id
limit $1
"""


def unknown_notices(
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,  # noqa: FBT002
) -> None:
    """List the notices of which nobody knows whether they were sent before a restore."""
    try:
        rows = asyncio.run(_rows(reach.database_url(Settings())))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reach.end(f"Postgres does not answer ({type(error).__name__})", ExitCode.UNAVAILABLE)
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    table = whole_table("topic", Column("case", no_wrap=True), "delivery", "noted")
    for row in rows:
        table.add_row(*row.values())
    Console().print(table)


async def _rows(url: str) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS_MAX)
    try:
        found = await connection.fetch(UNKNOWN, LISTED_MAX)
    finally:
        await connection.close()
    return [dict(row) | {"noted_at": row["noted_at"].isoformat()} for row in found]
