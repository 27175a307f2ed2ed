"""`peygir log`: what stands in the log, fact by fact, and how much of what; nothing is opened."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import asyncpg
import typer
from kafka import KafkaConsumer
from kafka.structs import TopicPartition
from rich.console import Console
from rich.table import Column

from schemas.settings import Settings
from schemas.topics import CASE_FACTS, LOG_PARTITIONS, partition_of
from schemas.vocabulary import CaseId
from services.command import reach
from services.command.exit_codes import ExitCode
from services.command.log_stats import LOG_TOPICS, Stats, count
from services.command.long_progress import long_progress
from services.command.tables import whole_table
from services.kafka import KafkaAwayError, TopicError, reader
from streams.core.ids import read_tracking_code

SHOWN_MAX = 10_000
CONNECT_SECONDS_MAX = 5
POLL_MS = 250
# What a line has of its own; the rest of the fact follows.
OWN = ("type", "fact_id", "case_id", "recorded_at")
JUDGEMENTS = """
select log_offset, judgement, refusal from projection.facts
where log_partition = $1 and log_offset = any($2::bigint[])
"""

app = typer.Typer(help="The log: every fact of every case.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="for programs: a line each")]


@app.command()
def show(
    case: Annotated[
        str | None, typer.Argument(help="a case id; a whole partition if absent")
    ] = None,
    partition: Annotated[int, typer.Option(min=0, max=LOG_PARTITIONS - 1)] = 0,
    start: Annotated[int, typer.Option("--from", min=0, help="the first offset")] = 0,
    number: Annotated[int, typer.Option("--count", min=1, max=SHOWN_MAX)] = 100,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show facts in the order of the log, each with its judgement where that is known."""
    settings = Settings()
    where = partition if case is None else partition_of(CaseId(case))
    place = TopicPartition(CASE_FACTS, where)
    try:
        found = _found(settings, place, start, number, case)
    except (KafkaAwayError, TopicError) as error:
        reach.end(str(error), ExitCode.UNAVAILABLE)
    if not found:
        reach.end(_nothing_of(case) if case else f"nothing lies there in {where}")
    _print(found, _judgements(settings, where, [one.offset for one in found]), as_json=as_json)


def _nothing_of(case: str) -> str:
    if read_tracking_code(case) is None:
        return f"there is nothing of {case}"
    return f"{case} is a tracking code; the log knows case ids: GET /api/v1/cases?q={case} has it"


@app.command()
def stats(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Count every record of the log, the keyring and the dead letters, by type and size."""
    places = [TopicPartition(topic, one) for topic in LOG_TOPICS for one in range(LOG_PARTITIONS)]
    try:
        consumer = reader(reach.kafka(Settings()), places)
        try:
            with long_progress() as progress:
                found = count(consumer, places, progress)
        finally:
            consumer.close()
    except (KafkaAwayError, TopicError) as error:
        reach.end(str(error), ExitCode.UNAVAILABLE)
    if as_json:
        typer.echo(json.dumps({topic: one.as_json() for topic, one in found.items()}, indent=2))
    else:
        _print_stats(found)


def _found(
    settings: Settings, place: TopicPartition, start: int, number: int, case: str | None
) -> list[Any]:
    consumer = reader(reach.kafka(settings), [place])
    try:
        return list(_records(consumer, place, start, number, case))
    finally:
        consumer.close()


def _records(
    consumer: KafkaConsumer, place: TopicPartition, start: int, number: int, case: str | None
) -> Iterator[Any]:
    end = consumer.end_offsets([place])[place]
    consumer.seek(place, start)
    with long_progress() as progress:
        while number and (position := consumer.position(place) or 0) < end:
            progress.at("records", position - start, end - start, 0)
            for record in consumer.poll(timeout_ms=POLL_MS).get(place, ()):
                if number and (case is None or _is_of(record, case)):
                    number -= 1
                    yield record


def _is_of(record: Any, case: str) -> bool:  # noqa: ANN401
    return record.key == case.encode()


def _judgements(
    settings: Settings, partition: int, offsets: Sequence[int]
) -> Mapping[int, tuple[str, str | None]]:
    """Nothing where Postgres is away, or has not read so far: the log is there without it."""
    try:
        rows = asyncio.run(_rows(reach.database_url(settings), partition, offsets))
    except (OSError, TimeoutError, asyncpg.PostgresError):
        typer.echo("peygir: judgements are not known: Postgres does not answer", err=True)
        return {}
    return {row["log_offset"]: (row["judgement"], row["refusal"]) for row in rows}


async def _rows(url: str, partition: int, offsets: Sequence[int]) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS_MAX)
    try:
        return await connection.fetch(JUDGEMENTS, partition, list(offsets))
    finally:
        await connection.close()


def _print(
    found: Sequence[Any], judged: Mapping[int, tuple[str, str | None]], *, as_json: bool
) -> None:
    console = Console(highlight=False)
    for record in found:
        fact, known = _read(record), judged.get(record.offset)
        place = {"partition": record.partition, "offset": record.offset}
        verdict = {"judgement": known[0], "refusal": known[1]} if known else {}
        if as_json:
            typer.echo(json.dumps({**place, **verdict, "fact": fact}, ensure_ascii=False))
            continue
        rest = {key: value for key, value in fact.items() if key not in OWN}
        words = f"{known[0]}{': ' + known[1] if known[1] else ''}" if known else "not judged yet"
        head = f"{record.partition}/{record.offset}  {fact.get('recorded_at')}  {fact.get('type')}"
        console.print(f"{head}  [{words}]  {fact.get('case_id')}", markup=False, soft_wrap=True)
        line = f"    {json.dumps(rest, ensure_ascii=False)}"
        console.print(line, markup=False, soft_wrap=True)


def _read(record: Any) -> dict[str, Any]:  # noqa: ANN401
    try:
        fact = json.loads(record.value or b"")
    except ValueError:
        fact = None
    if not isinstance(fact, dict):
        return {"type": "cannot be read", "bytes": len(record.value or b"")}
    return {key: _unopened(value) for key, value in fact.items()}


def _unopened(value: Any) -> Any:  # noqa: ANN401
    """A sealed block is named, and never shown."""
    if isinstance(value, dict) and {"kid", "nonce", "data"} <= value.keys():
        return f"sealed with key {value['kid']}, {len(value['data'])} characters"
    return value


def _print_stats(found: Mapping[str, Stats]) -> None:
    console = Console(highlight=False)
    numbers = (Column(name, justify="right") for name in ("records", "bytes", "bytes each"))
    table = whole_table(Column("topic / type", no_wrap=True), *numbers)
    for topic, one in found.items():
        table.add_row(topic, *_sizes(one.records, one.bytes))
        for kind, (records, size) in sorted(one.types.items()):
            table.add_row(f"  {kind}", *_sizes(records, size))
    console.print(table)
    for topic, one in found.items():
        spread = " ".join(f"{number:,}" for number in one.partitions)
        words = f"{topic}: {one.first} to {one.last}; by partition {spread}"
        console.print(words, markup=False, soft_wrap=True)


def _sizes(records: int, size: int) -> tuple[str, str, str]:
    return f"{records:,}", f"{size:,}", f"{size / records:,.0f}" if records else "-"
