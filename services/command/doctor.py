"""`peygir doctor`: what is wrong with this installation, and what to do."""

import dataclasses
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from schemas.settings import Settings
from services.backup.erasures import Erased, read
from services.backup.errors import BackupError
from services.command import reach
from services.command.erase import list_of
from services.command.exit_codes import ExitCode
from services.command.tables import whole_table
from services.doctor.check import Check
from services.doctor.examine import examine
from services.doctor.look import Patient, look
from services.doctor.seen import Erasures
from services.embedded.errors import MissingError
from services.embedded.folder import DataFolder

COLOURS = {"ok": "green", "warning": "yellow", "wrong": "bold red"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,  # noqa: FBT002
) -> None:
    """Look at everything this installation needs, and say what is wrong and what to do."""
    settings = Settings()
    checks = list(examine(look(_patient(settings)), settings, datetime.now(UTC)))
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(one) for one in checks], ensure_ascii=False))
    else:
        _show(checks)
    if any(one.state == "wrong" for one in checks):
        raise typer.Exit(ExitCode.NO)


def _patient(settings: Settings) -> Patient:
    try:
        kafka, url = reach.kafka(settings), reach.database_url(settings)
    except MissingError:
        kafka, url = settings.kafka_access, None
        if settings.database_url is not None:
            url = settings.database_url.get_secret_value()
    return Patient(
        settings=settings,
        kafka=kafka,
        database_url=url,
        generation=_generation(settings),
        erasures=_erasures(settings),
    )


def _generation(settings: Settings) -> int:
    try:
        kept = DataFolder(settings.data).read("instance.json").get("inbox_generation")
    except MissingError:
        kept = None  # What is damaged is found by itself.
    return int(kept or settings.inbox_generation)


def _erasures(settings: Settings) -> Erasures:
    path = list_of(settings)
    found: tuple[Erased, ...] = ()
    wrong = None
    if path.exists():
        try:
            found = read(path)
        except BackupError as error:
            wrong = str(error)
    return Erasures(
        path=str(path),
        apart=settings.erasures is not None,
        exists=path.exists(),
        cases=len({one.case_id for one in found}),
        wrong=wrong,
    )


def _show(checks: Sequence[Check]) -> None:
    table = whole_table("check", "", "what was found", "what to do")
    for one in checks:
        state = Text(one.state, style=COLOURS[one.state])
        table.add_row(one.name, state, Text(one.says), Text(one.do))
    Console().print(table)
    counts = {state: sum(1 for one in checks if one.state == state) for state in COLOURS}
    typer.echo(", ".join(f"{count} {state}" for state, count in counts.items()))
