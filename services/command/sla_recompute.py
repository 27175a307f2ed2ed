"""`peygir sla recompute`: what another version of the policy would promise for open cases."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from schemas.messages import FIELD_CHARACTERS_MAX
from schemas.settings import Settings
from schemas.vocabulary import Municipality
from services.api.terms import PublishedTerms
from services.command import reach
from services.command.exit_codes import ExitCode
from services.command.long_progress import long_progress
from services.command.sla_changes import Shown, ended
from services.recomputing import run
from services.recomputing.cases import Wanted
from services.recomputing.run import Applied, Job, Place
from streams.core.recomputing import Recomputation
from streams.core.terms import terms

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


def recompute(  # noqa: PLR0913, PLR0917  # a parameter is an option of the command line
    municipality: Annotated[str, typer.Option(help="whose open cases")],
    version: Annotated[
        str | None, typer.Option(help="of the policy; the one in force, if left out")
    ] = None,
    department: Annotated[str | None, typer.Option(help="only what it has now")] = None,
    category: Annotated[str | None, typer.Option(help="only what is about it")] = None,
    since: Day = None,
    until: Day = None,
    keep_budgets: Annotated[  # noqa: FBT002
        bool, typer.Option("--keep-budgets", help="other dates, and as much time as was promised")
    ] = False,
    apply: Annotated[bool, typer.Option("--apply", help="record the new promises")] = False,  # noqa: FBT002
    reason: Annotated[str | None, typer.Option(help="recorded with each of them")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="without asking")] = False,  # noqa: FBT002
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,  # noqa: FBT002
) -> None:
    """Show which open clocks another version would date otherwise, and why; --apply records it.

    --since and --until are the dates that changed: what was due before them, or submitted after
    them, is not looked at. Departments are told in their topics; citizens are not.
    """
    said = _reason(reason) if apply else ""
    wanted = Wanted(
        municipality=Municipality(municipality),
        department=department,
        category=category,
        first=since,
        last=until,
    )
    job = _job(Settings(), wanted, version, keep_budgets=keep_budgets)
    shown = Shown(job.asked.version.policy.zone, as_json=as_json)
    looked = asyncio.run(run.look(job, shown.tell))
    shown.totals(looked, job.asked)
    if apply and looked.clocks:
        clocks = looked.clocks.total()
        if not yes:
            typer.confirm(f"record {clocks:,} new promises?", abort=True, err=True)
        ended(_applied(job, said, clocks), as_json=as_json)


def _job(settings: Settings, wanted: Wanted, version: str | None, *, keep_budgets: bool) -> Job:
    """The days that are wanted become moments by the clocks of the municipality."""
    now = datetime.now(UTC)
    policies = run.published(reach.kafka(settings))
    named = run.version_of(policies, wanted.municipality, version, now)
    zone = ZoneInfo(named.zone)
    first, last = wanted.first, wanted.last
    return Job(
        place=Place(
            kafka=reach.kafka(settings),
            database_url=reach.database_url(settings),
            wait_seconds=settings.broker_wait_seconds,
        ),
        wanted=replace(
            wanted,
            first=first and first.replace(tzinfo=zone),
            last=last and last.replace(tzinfo=zone) + timedelta(days=1),
        ),
        terms=PublishedTerms(policies),
        asked=Recomputation(version=terms(named), known={}, now=now, keep_budgets=keep_budgets),
    )


def _reason(given: str | None) -> str:
    said = (given or "").strip()
    if not 0 < len(said) <= FIELD_CHARACTERS_MAX or not said.isprintable():
        reach.end(
            f"--apply needs a --reason of 1 to {FIELD_CHARACTERS_MAX} characters, in one line",
            ExitCode.USAGE,
        )
    return said


def _applied(job: Job, reason: str, clocks: int) -> Applied:
    begun = datetime.now(UTC)
    with long_progress() as progress:

        def tell(done: int) -> None:
            seconds = (datetime.now(UTC) - begun).total_seconds()
            progress.at("promises", done, clocks, seconds)

        return asyncio.run(run.apply(job, reason, lambda: datetime.now(UTC), tell))
