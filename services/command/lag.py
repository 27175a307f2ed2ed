"""`peygir lag`: how far each consumer is behind, also where the accountant does not work."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column

from schemas.settings import Settings
from services.command import reach
from services.command.exit_codes import ExitCode
from services.command.tables import UNKNOWN, local, whole_table
from services.kafka import KafkaAwayError, TopicError
from services.watching.lag import Lag, look


def lag(
    over: Annotated[
        float, typer.Option(min=0, help="seconds that something may wait, and all is well")
    ] = 60,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,  # noqa: FBT002
) -> None:
    """Show what waits for each consumer, where, and since when; 1 if something waits too long."""
    settings = Settings()
    try:
        found = asyncio.run(look(reach.kafka(settings), reach.database_url(settings)))
    except (KafkaAwayError, TopicError) as error:
        reach.end(str(error), ExitCode.UNAVAILABLE)
    now = datetime.now(UTC)
    if as_json:
        typer.echo(json.dumps(_told(found, now), ensure_ascii=False, indent=2))
    else:
        _show(found, now)
    if found.unknown:
        words = f"{found.unknown}: the projector and the dispatcher are left out"
        reach.end(words, ExitCode.UNAVAILABLE)
    if found.blocked(now, over):
        raise typer.Exit(ExitCode.NO)


def _told(found: Lag, now: datetime) -> dict[str, Any]:
    return {
        "now": now.isoformat(),
        "waiting": [
            {
                "consumer": consumer,
                "source": source,
                "messages": one.records,
                "since": one.since and one.since.isoformat(),
                "seconds": None if one.records and one.since is None else one.seconds(now),
            }
            for (consumer, source), one in sorted(found.behind.items())
        ],
        "parked": [
            {
                "topic": one.topic,
                "deliveries": one.deliveries,
                "since": one.since and one.since.isoformat(),
                "tries": one.tries,
                "reason": one.reason,
            }
            for one in found.parked
        ],
    }


def _show(found: Lag, now: datetime) -> None:
    console = Console(highlight=False)
    table = whole_table(
        "consumer", "source", Column("waiting", justify="right"), Column("for", justify="right")
    )
    for row in _rows(found, now):
        table.add_row(*row)
    console.print(table)
    if found.parked:
        late = whole_table(
            "topic", Column("not taken", justify="right"), "since", "tries", "reason"
        )
        for one in found.parked:
            what = (f"{one.deliveries:,}", local(one.since), str(one.tries), one.reason or "")
            late.add_row(one.topic, *what)
        console.print(late)


def _rows(found: Lag, now: datetime) -> Iterator[tuple[str, str, str, str]]:
    """Where something waits; of the other sources of a consumer only how many they are."""
    for consumer in sorted({consumer for consumer, _ in found.behind}):
        its = {source: one for (whose, source), one in found.behind.items() if whose == consumer}
        waiting = {source: one for source, one in sorted(its.items()) if one.records}
        for source, one in waiting.items():
            age = UNKNOWN if one.since is None else str(timedelta(seconds=int(one.seconds(now))))
            yield consumer, source, f"{one.records:,}", age
        idle = [source for source in its if source not in waiting]
        if idle:
            yield consumer, idle[0] if len(idle) == 1 else f"{len(idle)} sources", "0", ""
