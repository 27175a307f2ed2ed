"""`peygir import`: another system's past, from a CSV file and a mapping of its columns."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from schemas.policy import Policy
from schemas.settings import Settings
from schemas.vocabulary import Municipality
from services.command import reach
from services.command.exit_codes import ExitCode
from services.command.import_progress import watched
from services.importing.fault_file import FaultFileError, fault_file
from services.importing.inbox import KafkaInbox
from services.importing.lines import FileError, count_lines, lines
from services.importing.mapping import ImportMapping
from services.importing.projection import Projection
from services.importing.read_mapping import read_mapping
from services.importing.rows import rows
from services.importing.run import Import, Order
from services.importing.tally import Tally
from services.kafka import KafkaAwayError, TopicError
from services.policy.problems import PolicyError
from services.policy.publish import in_force, of_municipality, versions
from services.postgres import AWAY
from services.secret import secret_bytes
from streams.core.in_force import ready

GO_ON = "Give the same command again: what is in already is passed over"

File = Annotated[Path, typer.Argument(help="the CSV file", exists=True, dir_okay=False)]
MappingFile = Annotated[
    Path, typer.Option(help="what its columns mean", exists=True, dir_okay=False)
]
Errors = Annotated[
    Path | None, typer.Option(help="where refused rows are listed; beside FILE if left out")
]
Limit = Annotated[int | None, typer.Option(min=1, help="no more rows than these")]


def import_(
    file: File,
    mapping: MappingFile,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="append nothing")] = False,  # noqa: FBT002
    errors: Errors = None,
    limit: Limit = None,
    wait: Annotated[bool, typer.Option(help="until all of it can be read")] = True,  # noqa: FBT002
) -> None:
    """Bring in cases of another system's past; safe to repeat, and to go on after a stop."""
    settings = Settings()
    beside = errors or file.with_name(f"{file.name}.errors.csv")
    try:
        order = _order(mapping, settings)
        order = replace(order, dry_run=dry_run, wait=wait, limit=limit)
        tally = _carried_out(order, file, beside, settings)
    except PolicyError as error:
        reach.end("\n".join(str(one) for one in error.problems), ExitCode.USAGE)
    except FileError as error:
        reach.end(f"{file.name}: {error}", ExitCode.USAGE)
    except FaultFileError as error:
        reach.end(str(error), ExitCode.USAGE)
    except (KafkaAwayError, TopicError) as error:
        reach.end(str(error), ExitCode.UNAVAILABLE)
    except AWAY as error:
        reach.end(f"Postgres does not answer ({type(error).__name__})", ExitCode.UNAVAILABLE)
    if not tally.complete:
        typer.echo(f"peygir: what is wrong with which row stands in {beside}", err=True)
        raise typer.Exit(ExitCode.NO if tally.refused or tally.set_aside else ExitCode.TEMPORARY)


def _order(mapping: Path, settings: Settings) -> Order:
    """What is to be done, by the policies that are published."""
    published = versions(reach.kafka(settings))
    now = datetime.now(UTC)

    def find_policy(municipality: Municipality) -> Policy | None:
        known = of_municipality(published, municipality)
        return in_force(known, now) or next(iter(known), None)

    read = read_mapping(mapping, find_policy)
    chosen = of_municipality(published, read.municipality)
    return Order(
        mapping=read,
        published={read.municipality: tuple(ready(one) for one in chosen)},
        hmac_key=secret_bytes(reach.hmac_key(settings), "PEYGIR_HMAC_KEY"),
        now=lambda: datetime.now(UTC),
    )


def _carried_out(order: Order, file: Path, errors: Path, settings: Settings) -> Tally:
    """The import, with its summary; broken off, it says how to go on."""
    with file.open("rb") as raw:
        # A file in another encoding is refused before anything of it is appended.
        total = count_lines(raw, order.mapping.encoding)
    inbox = KafkaInbox(
        reach.kafka(settings), wait_seconds=settings.broker_wait_seconds, now=order.now
    )
    generation = reach.inbox_generation(settings)
    projection = Projection(reach.database_url(settings), generation=generation)
    with fault_file(errors) as faults, watched(total) as watcher:
        job = Import(order, inbox, projection, faults, watcher)
        try:
            asyncio.run(_run(job, projection, file, order.mapping))
        except FileError:
            # Its header: nothing of the file was read, so there is nothing to go on with.
            raise
        except BaseException as error:
            _summary(job.tally, order)
            typer.echo(f"peygir: broken off at line {job.tally.line}. {GO_ON}", err=True)
            if isinstance(error, KeyboardInterrupt):
                raise typer.Exit(ExitCode.INTERRUPTED) from None
            raise
        finally:
            inbox.close()
    _summary(job.tally, order)
    return job.tally


async def _run(job: Import, projection: Projection, file: Path, mapping: ImportMapping) -> None:
    await projection.open()
    try:
        with file.open("rb") as raw:
            text = lines(raw, mapping.encoding)
            await job.run(rows(text, mapping.delimiter, mapping.columns))
    finally:
        await projection.close()


def _summary(tally: Tally, order: Order) -> None:
    for line in tally.lines(dry_run=order.dry_run, compares=order.mapping.verdict is not None):
        typer.echo(line)
