"""`peygir policy`: check the files of a policy, publish them, show what was published."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from schemas.codec import encode
from schemas.kafka import Kafka
from schemas.policy import Policy
from schemas.settings import Settings
from services.command.exit_codes import ExitCode
from services.command.policy_days import days_table
from services.contract import kubernetes
from services.embedded.folder import DataFolder
from services.embedded.run_file import running_pid
from services.importing.read_mapping import read_mapping
from services.kafka import KafkaAwayError, TopicError
from services.policy import publish as publishing
from services.policy.close import close
from services.policy.draft import Draft
from services.policy.load import load
from services.policy.notes import notes
from services.policy.problems import PolicyError
from services.provision.run import ProvisionError, make_room
from streams.core.in_force import in_force

app = typer.Typer(help="A city's policy: files, versions, what is in force.", no_args_is_help=True)

MAPPING = "import.yaml"

Folder = Annotated[Path, typer.Argument(help="the policy's folder", exists=True, file_okay=False)]
Moment = Annotated[str | None, typer.Option(help="a moment with zone, like 2026-12-01T00:00:00Z")]


@app.command()
def check(folder: Folder) -> None:
    """Read a policy and name everything that is wrong, by file, line and field."""
    draft = _load(folder)
    policy = close(draft, datetime.now(UTC))
    _check_import(folder / MAPPING, policy)
    estimated = sum(one.estimated for calendar in policy.calendars for one in calendar.closed_dates)
    typer.echo(
        f"{draft.municipality}: {len(policy.departments)} departments, "
        f"{len(policy.categories)} categories, {len(policy.calendars)} calendars, "
        f"{len(encode(policy))} bytes closed, {estimated} holidays estimated"
    )
    typer.echo(
        f"clocks: {sum(one.holding is not None for one in policy.departments)} departments with a "
        f"holding time, {sum(bool(one.escalation) for one in policy.departments)} with escalation, "
        f"{len(policy.pauses)} reasons to pause, {len(policy.budgets)} budget rules"
    )
    typer.echo(
        f"life: {len(policy.bodies)} other bodies, {len(policy.districts)} rules for districts, "
        f"{sum(bool(one.shown) for one in policy.categories)} categories to be shown by something, "
        f"duplicates are {'found' if policy.duplicates else 'not looked for'}"
    )
    for note in notes(policy):
        typer.echo(f"note: {note}")


@app.command()
def publish(folder: Folder, since: Moment = None) -> None:
    """Make a policy count from now, or from a moment to come; what was promised stays."""
    draft = _load(folder)
    begins = None if since is None else _moment(since)
    kafka = _kafka()
    try:
        make_room(Settings(kafka=str(kafka)), draft, typer.echo)
        outcome = publishing.publish(
            kafka,
            draft,
            now=datetime.now(UTC),
            since=begins,
            wait_seconds=Settings().broker_wait_seconds,
        )
    except publishing.PublishError as error:
        raise _end(str(error), ExitCode.USAGE) from None
    except (KafkaAwayError, TopicError, ProvisionError) as error:
        raise _end(str(error), ExitCode.UNAVAILABLE) from None
    for line in said(outcome):
        typer.echo(line)


def said(outcome: publishing.Outcome) -> Iterator[str]:
    if not outcome.published:
        yield f"nothing published: {outcome.policy.version} in force says the same"
        return
    yield f"published {outcome.policy.version}"
    if outcome.changed:
        yield (
            f"other {' and '.join(outcome.changed)}: what was promised stays; `peygir sla "
            "recompute` shows which open promises would change, and can change them"
        )


@app.command()
def show(
    municipality: Annotated[str | None, typer.Argument(help="all, if left out")] = None,
    version: Annotated[str | None, typer.Option(help="that version, in full")] = None,
    at: Moment = None,
    *,
    days: Annotated[
        bool, typer.Option("--days", help="of a version, the year's days unlike their week")
    ] = False,
) -> None:
    """List the published versions; with --version or --at print one in full, as JSON.

    With --days a table of the closed days and other hours to come, of the version in force unless
    another is named; holidays after the moon that nobody confirmed are marked "estimated".
    """
    now = datetime.now(UTC)
    if version is None and municipality is None and (at is not None or days):
        raise _end("--at and --days need a municipality", ExitCode.USAGE)
    found = _published(municipality)
    if version is None and at is None and not days:
        _list(found, now)
        return
    moment = now if at is None else _moment(at)
    wanted = version or f"{municipality} at {moment.isoformat()}"
    policy = _one(found, version, moment)
    if policy is None:
        raise _end(f"there is no policy {wanted}", ExitCode.NO)
    if days:
        Console().print(days_table(policy, moment.astimezone(ZoneInfo(policy.zone)).date()))
    else:
        typer.echo(encode(policy).decode())


def _one(found: tuple[Policy, ...], version: str | None, at: datetime) -> Policy | None:
    if version is not None:
        return next((one for one in found if one.version == version), None)
    return in_force(found, at) if found else None


def _check_import(path: Path, policy: Policy) -> None:
    """A city may have a mapping of its former system beside its policy."""
    if not path.exists():
        return
    try:
        read_mapping(path, {policy.municipality: policy}.get)
    except PolicyError as error:
        raise _refused(error, path.parent) from None


@app.command()
def users(folder: Folder) -> None:
    """Print the Kafka users of a city's adapters and departments, for a cluster on Kubernetes."""
    draft = _load(folder)
    departments = [one.department for one in draft.departments]
    adapters = [one.adapter for one in draft.adapters]
    typer.echo(kubernetes.of_city(draft.municipality, departments, adapters), nl=False)


def _load(folder: Path) -> Draft:
    try:
        return load(folder)
    except PolicyError as error:
        raise _refused(error, folder) from None


def _refused(error: PolicyError, folder: Path) -> typer.Exit:
    for problem in error.problems:
        typer.echo(f"{folder / problem.file}{str(problem).removeprefix(problem.file)}", err=True)
    return _end(f"{len(error.problems)} mistakes in {folder}", ExitCode.NO)


def _published(municipality: str | None) -> tuple[Policy, ...]:
    try:
        found = publishing.versions(_kafka())
    except (KafkaAwayError, TopicError) as error:
        raise _end(str(error), ExitCode.UNAVAILABLE) from None
    return found if municipality is None else publishing.of_municipality(found, municipality)


def _list(found: tuple[Policy, ...], now: datetime) -> None:
    if not found:
        raise _end("no policy is published", ExitCode.NO)
    table = Table()
    # The version is what --version takes, so it is never cut.
    table.add_column("version", no_wrap=True, min_width=max(len(one.version) for one in found))
    for title in ("departments", "categories", "in force"):
        table.add_column(title)
    for one in found:
        counts = in_force(publishing.of_municipality(found, one.municipality), now)
        table.add_row(
            one.version,
            str(len(one.departments)),
            str(len(one.categories)),
            "yes" if one == counts else "",
        )
    Console().print(table)


def _kafka() -> Kafka:
    settings = Settings()
    if settings.kafka_access:
        return settings.kafka_access
    folder = DataFolder(settings.data)
    address = folder.read("run.json").get("kafka") if running_pid(folder) else None
    if not address:
        raise _end(
            "nothing runs here: start `peygir up`, or set PEYGIR_KAFKA", ExitCode.UNAVAILABLE
        )
    return str(address)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _end(f'"{text}" is no moment like 2026-12-01T00:00:00Z', ExitCode.USAGE) from None
    if moment.utcoffset() is None:
        raise _end(f'"{text}" has no zone: write 2026-12-01T00:00:00Z', ExitCode.USAGE)
    return moment


def _end(words: str, code: ExitCode) -> typer.Exit:
    typer.echo(f"peygir: {words}", err=True)
    return typer.Exit(code)
