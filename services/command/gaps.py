"""`peygir gaps`: which messages a router has passed of which nobody knows what became."""

import asyncio
import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column

from schemas.settings import Settings
from services.command import reach
from services.command.exit_codes import ExitCode
from services.command.tables import local, whole_table
from services.kafka import KafkaAwayError, TopicError
from services.watching.ask_postgres import FAILURES
from services.watching.gaps import Gap, Gaps, look


def gaps(
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,  # noqa: FBT002
) -> None:
    """List messages without an outcome: where, since when, how often tried; 1 if there are any."""
    settings = Settings()
    generation = reach.inbox_generation(settings)
    try:
        found = asyncio.run(look(reach.kafka(settings), reach.database_url(settings), generation))
    except (KafkaAwayError, TopicError) as error:
        reach.end(str(error), ExitCode.UNAVAILABLE)
    except FAILURES as error:
        reach.end(f"Postgres does not answer ({type(error).__name__})", ExitCode.UNAVAILABLE)
    if as_json:
        typer.echo(json.dumps(_told(found), ensure_ascii=False, indent=2))
    else:
        _show(found)
    if found.found or found.unprojected:
        raise typer.Exit(ExitCode.NO)


def _told(found: Gaps) -> dict[str, Any]:
    return {
        "found": found.found,
        "unprojected": found.unprojected,
        "gaps": [
            {
                "inbox": one.inbox,
                "generation": one.generation,
                "partition": one.partition,
                "offset": one.offset,
                "since": one.since and one.since.isoformat(),
                "tries": one.tries,
                "last_tried_at": one.repair and one.repair.last_at.isoformat(),
                "what_to_do": one.what_to_do(),
            }
            for one in found.listed
        ],
    }


def _show(found: Gaps) -> None:
    if found.listed:
        table = whole_table(
            Column("message", no_wrap=True), "since", Column("tries", justify="right"), "what to do"
        )
        for one in found.listed:
            table.add_row(_place(one), local(one.since), str(one.tries), one.what_to_do())
        Console(highlight=False).print(table)
    more = found.found - len(found.listed)
    typer.echo(f"{found.found} without an outcome{f', {more} not listed' if more else ''}")
    if found.unprojected:
        typer.echo(
            f"the projector has {found.unprojected:,} records still to read, and more may be "
            "missing, or nothing: `peygir lag`"
        )


def _place(one: Gap) -> str:
    return f"{one.inbox}/{one.generation}/{one.partition}/{one.offset}"
