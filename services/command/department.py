"""`peygir department`: what a department has to do, finds in its topic, and says of its cases."""

import json
import time
from typing import Annotated, Any

import typer
from kafka import KafkaConsumer
from kafka.structs import TopicPartition
from rich.console import Console

from schemas.codec import UndecodableError, decode
from schemas.deliveries import Delivery
from schemas.kafka import Kafka
from schemas.settings import Settings
from schemas.topics import department_of
from schemas.vocabulary import Department, Municipality
from services.command import department_inbox, department_says, reach
from services.command.exit_codes import ExitCode
from services.kafka import POLL_MS, KafkaAwayError, TopicError, admin, partitions, reader

app = typer.Typer(help="One department.", no_args_is_help=True)


@app.callback()
def department() -> None:
    """One department."""


@app.command()
def tail(
    municipality: str,
    department: str,
    from_beginning: Annotated[bool, typer.Option(help="what lies there already too")] = False,  # noqa: FBT002
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False,  # noqa: FBT002
    seconds: Annotated[float | None, typer.Option(help="end after so long")] = None,
    count: Annotated[int | None, typer.Option(help="end after so many")] = None,
) -> None:
    """Show what is delivered to a department, as it comes; Ctrl-C ends it."""
    topic = department_of(Municipality(municipality.lower()), Department(department.lower()))
    try:
        consumer = _consumer(reach.kafka(Settings()), topic, from_beginning=from_beginning)
        _follow(consumer, as_json=as_json, seconds=seconds, count=count)
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except TopicError as error:
        reach.end(str(error))
    except KafkaAwayError as error:
        reach.end(str(error), ExitCode.UNAVAILABLE)


app.command("inbox")(department_inbox.inbox)
department_says.add_to(app)


def _consumer(kafka: Kafka, topic: str, *, from_beginning: bool) -> KafkaConsumer:
    client = admin(kafka)
    try:
        count = partitions(client, topic)
    finally:
        client.close()
    assigned = [TopicPartition(topic, number) for number in range(count)]
    consumer = reader(kafka, assigned)
    seek = consumer.seek_to_beginning if from_beginning else consumer.seek_to_end
    seek(*assigned)
    for one in assigned:
        consumer.position(one)  # The end is that of now, not of the first poll.
    return consumer


def _follow(
    consumer: KafkaConsumer, *, as_json: bool, seconds: float | None, count: int | None
) -> None:
    console = Console(highlight=False, soft_wrap=True)
    ends_at = None if seconds is None else time.monotonic() + seconds
    shown = 0
    try:
        while ends_at is None or time.monotonic() < ends_at:
            for records in consumer.poll(timeout_ms=POLL_MS).values():
                for record in records:
                    _show(console, record, as_json=as_json)
                    shown += 1
                    if shown == count:
                        return
    finally:
        consumer.close()


def _show(console: Console, record: Any, *, as_json: bool) -> None:  # noqa: ANN401
    if as_json:
        print(json.dumps(json.loads(record.value), ensure_ascii=False), flush=True)
        return
    try:
        one = decode(record.value, Delivery)
    except UndecodableError as error:
        console.print(f"{record.offset}: {error}", markup=False)
        return
    deadlines = ", ".join(f"{p.kind} {p.deadline:%Y-%m-%d %H:%M} UTC" for p in one.promises)
    line = f"{one.recorded_at:%H:%M:%S} {one.kind} {one.tracking_code} {one.priority or ''}"
    console.print(f"{line} {one.category or ''} {deadlines}", markup=False)
    because = f" ({one.refused_for})" if one.refused_for else ""
    console.print(f"    {one.words}{because}", markup=False)
    if one.text:
        console.print(f"    {one.text}", markup=False)
