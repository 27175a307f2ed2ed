"""`peygir dead-letters`: what could not be processed, why, and once more."""

import asyncio
import base64
import json
from datetime import UTC, datetime
from typing import Annotated, Any

import asyncpg
import typer
from kafka.structs import TopicPartition
from rich.console import Console
from rich.table import Column

from schemas.codec import UndecodableError, decode, encode, headers
from schemas.kafka import Kafka
from schemas.messages import DeadLetter, Repair
from schemas.sealing import UnsealError, unseal_alone
from schemas.settings import Settings
from schemas.topics import DEAD_LETTERS, INBOX_BYTES_MAX, LOG_PARTITIONS, REPAIRS
from services.command import reach
from services.command.exit_codes import ExitCode
from services.command.tables import whole_table
from services.kafka import KafkaAwayError, TopicError, append, producer, read_to_end, reader
from services.secret import secret_bytes

LISTED_MAX = 1_000
CONNECT_SECONDS_MAX = 10

app = typer.Typer(help="Messages that could not be processed.", no_args_is_help=True)

Letter = Annotated[str, typer.Argument(help="partition/offset, as `list` shows it")]


@app.command("list")
def list_letters(
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,  # noqa: FBT002
) -> None:
    """List what was set aside, the newest first, with the reason."""
    try:
        rows = asyncio.run(_rows(reach.database_url(Settings())))
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        reach.end(f"Postgres does not answer ({type(error).__name__})", ExitCode.UNAVAILABLE)
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    letter = Column("letter", no_wrap=True)
    table = whole_table(letter, "source", "kind", "set aside", "reason")
    for row in rows:
        table.add_row(row["letter"], row["source"], row["kind"], row["set_aside_at"], row["reason"])
    Console().print(table)


@app.command()
def show(letter: Letter) -> None:
    """Show a letter with the message's own bytes: they may name a citizen."""
    found, payload = _opened(letter)
    shown = {
        "letter": letter,
        "source": _source(found),
        "kind": found.kind,
        "reason": found.reason,
        "recorded_at": found.recorded_at.isoformat(),
        "set_aside_at": found.set_aside_at.isoformat(),
        "payload": payload.decode("utf-8", "backslashreplace"),
    }
    typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))


@app.command()
def replay(letter: Letter) -> None:
    """Send the message again, with its first source and time: it may be readable by now."""
    found, payload = _opened(letter)
    repair = Repair(
        source=found.source,
        recorded_at=found.recorded_at,
        attempt=1,
        why="replay",
        payload=base64.b64encode(payload).decode("ascii"),
    )
    settings = Settings()
    key = _source(found)
    try:
        writer = producer(
            reach.kafka(settings),
            wait_seconds=settings.broker_wait_seconds,
            bytes_max=2 * INBOX_BYTES_MAX,
        )
        attributes = headers(
            repair.type,
            event_id=f"replay/{key}",
            subject=key,
            source="peygir dead-letters",
            at=datetime.now(UTC),
        )
        append(writer, REPAIRS, key=key, value=encode(repair), headers=attributes)
        writer.close()
    except (KafkaAwayError, TopicError) as error:
        reach.end(str(error), ExitCode.UNAVAILABLE)
    typer.echo(f"sent again: {key}")


async def _rows(url: str) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS_MAX)
    try:
        found = await connection.fetch(
            """
            select
                log_partition, log_offset, inbox, generation, inbox_partition, inbox_offset,
                kind, reason, set_aside_at
            from projection.dead_letters
            order by set_aside_at desc
            limit $1
            """,
            LISTED_MAX,
        )
    finally:
        await connection.close()
    return [
        {
            "letter": f"{row['log_partition']}/{row['log_offset']}",
            "source": f"{row['inbox']}/{row['generation']}/{row['inbox_partition']}"
            f"/{row['inbox_offset']}",
            "kind": row["kind"],
            "reason": row["reason"],
            "set_aside_at": row["set_aside_at"].isoformat(timespec="seconds"),
        }
        for row in found
    ]


def _opened(letter: str) -> tuple[DeadLetter, bytes]:
    settings = Settings()
    partition, offset = _position(letter)
    try:
        found = _read(reach.kafka(settings), partition, offset)
        master = secret_bytes(reach.master_key(settings), "PEYGIR_MASTER_KEY")
        bound_to = f"dead-letter/{_source(found)}"
        return found, unseal_alone(found.payload, master=master, bound_to=bound_to)
    except KafkaAwayError as error:
        reach.end(str(error), ExitCode.UNAVAILABLE)
    except (UnsealError, UndecodableError, ValueError) as error:
        reach.end(f"the letter cannot be opened: {error}")


def _position(letter: str) -> tuple[int, int]:
    partition, _, offset = letter.partition("/")
    if not (partition.isascii() and partition.isdigit() and offset.isdigit()):
        reach.end("a letter is named like 3/14, as `list` shows it", ExitCode.USAGE)
    if int(partition) >= LOG_PARTITIONS:
        reach.end(f"there is no partition {partition}")
    return int(partition), int(offset)


def _read(kafka: Kafka, partition: int, offset: int) -> DeadLetter:
    where = TopicPartition(DEAD_LETTERS, partition)
    consumer = reader(kafka, [where])
    try:
        first = consumer.beginning_offsets([where])[where]
        end = consumer.end_offsets([where])[where]
        if not first <= offset < end:
            reach.end("there is no such letter, or it is past its retention")
        consumer.seek(where, offset)
        record = next((one for one in read_to_end(consumer) if one.offset == offset), None)
    finally:
        consumer.close()
    if record is None:
        reach.end("there is no such letter")
    return decode(record.value, DeadLetter)


def _source(letter: DeadLetter) -> str:
    one = letter.source
    return f"{one.inbox}/{one.generation}/{one.partition}/{one.offset}"
