"""`peygir case fact`: say something of a case as the 137 centre would, for trying."""

import asyncio
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, get_args

import typer

from schemas.codec import UndecodableError
from schemas.messages import ProgressReport
from schemas.settings import Settings
from schemas.vocabulary import (
    CLOSING_REASONS,
    TRANSFER_REASONS,
    Author,
    CaseId,
    Deed,
    Department,
)
from services.backup.erasing import AUTHOR
from services.command import reach
from services.command.exit_codes import ExitCode
from services.command.saying import Desk, Found
from streams.core.ids import progress_id, read_tracking_code

JUDGED_SECONDS_MAX = 30.0
DEEDS: tuple[Deed, ...] = get_args(Deed)
DEED_NAMED: Mapping[str, Deed] = {one: one for one in DEEDS}
# What a deed cannot do without, and what else goes with it; the rest goes with every deed.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "paused": ("reason",),
    "transfer-requested": ("why",),
    "linked": ("parent",),
    "reclassified": ("category",),
    "closed-without-action": ("why",),
}
ALLOWED: Mapping[str, tuple[str, ...]] = {
    **NEEDED,
    "transfer-requested": ("why", "to"),
    "reclassified": ("category", "new-promises"),
}
REASONS: Mapping[str, tuple[str, ...]] = {
    "transfer-requested": TRANSFER_REASONS,
    "closed-without-action": CLOSING_REASONS,
}
# Who does not say whose work it is speaks for the department that has the case.
OF_A_DEPARTMENT = ("acknowledged", "resolved", "closed-without-action")

REASONS_HELP = "; ".join(f"{did}: {', '.join(allowed)}" for did, allowed in REASONS.items())
Reason = Annotated[str | None, typer.Option(help="paused: a reason on the policy's list")]
Why = Annotated[str | None, typer.Option(help=REASONS_HELP)]
To = Annotated[str | None, typer.Option(help="transfer-requested: else the 137 centre")]
Parent = Annotated[str | None, typer.Option(help="linked: the case that it follows")]
AsCategory = Annotated[str | None, typer.Option(help="reclassified: what it is about")]
IfVersion = Annotated[int | None, typer.Option(min=0, help="only if the case has not moved on")]
NewPromises = Annotated[
    bool, typer.Option("--new-promises", help="reclassified: promise by it, too")
]


def fact(  # noqa: PLR0913, PLR0917  # a parameter is an option of the command line
    case: Annotated[str, typer.Argument(help="case id or tracking code")],
    deed: Annotated[str, typer.Argument(help=", ".join(DEEDS))],
    reason: Reason = None,
    why: Why = None,
    to: To = None,
    parent: Parent = None,
    category: AsCategory = None,
    new_promises: NewPromises = False,  # noqa: FBT002
    note: Annotated[str | None, typer.Option(help="kept sealed")] = None,
    department: Annotated[str | None, typer.Option(help="whom it is said for")] = None,
    if_version: IfVersion = None,
    reference: Annotated[str | None, typer.Option(help="makes a repetition the same")] = None,
) -> None:
    """Say a fact of a case, and wait until it is judged: effective, or refused and why."""
    given = {"reason": reason, "why": why, "to": to, "parent": parent, "category": category}
    named = {name for name, value in given.items() if value is not None}
    did = _deed(deed, named | ({"new-promises"} if new_promises else set[str]()), why)
    desk = _desk()
    found = _one(desk, case)
    if parent is not None:
        given["parent"] = _one(desk, parent).case_id
    report = ProgressReport(
        case_id=found.case_id,
        did=did,
        reference=reference or f"by-hand-{secrets.token_hex(8)}",
        note=note,
        if_version=if_version,
        department=_department(department, did, found),
        municipality=found.municipality,
        author=AUTHOR,
        new_promises=new_promises,
        **_typed(given),
    )
    _say(desk, report, AUTHOR)


def _deed(deed: str, given: set[str], why: str | None) -> Deed:
    """The deed, where what was given with it is what goes with it."""
    did = DEED_NAMED.get(deed)
    if did is None:
        reach.end(f"there is no deed {deed!r}: {', '.join(DEEDS)}", ExitCode.USAGE)
    allowed = ALLOWED.get(did, ())
    wrong = sorted(given - set(allowed))
    if wrong:
        also = ", ".join(f"--{one}" for one in allowed) or "no more than any deed"
        reach.end(f"--{wrong[0]} does not go with {did}; it takes {also}", ExitCode.USAGE)
    missing = [one for one in NEEDED.get(did, ()) if one not in given]
    if missing:
        of = f": {', '.join(REASONS[did])}" if did in REASONS else ""
        reach.end(f"{did} needs --{missing[0]}{of}", ExitCode.USAGE)
    if did in REASONS and why not in REASONS[did]:
        reach.end(f"--why of {did} is one of: {', '.join(REASONS[did])}", ExitCode.USAGE)
    return did


def _desk() -> Desk:
    settings = Settings()
    return Desk(
        kafka=reach.kafka(settings),
        database_url=reach.database_url(settings),
        inbox_generation=reach.inbox_generation(settings),
        wait_seconds=settings.broker_wait_seconds,
    )


def _one(desk: Desk, asked: str) -> Found:
    found = asyncio.run(desk.find(read_tracking_code(asked) or asked.strip()))
    if not found:
        reach.end(f"there is no case {asked}; one that was just submitted may take a second")
    if len(found) > 1:
        ids = ", ".join(f"{one.case_id} in {one.municipality}" for one in found)
        reach.end(f"{asked} belongs to two cases: {ids}. Name one by its id", ExitCode.USAGE)
    return found[0]


def _department(given: str | None, did: Deed, found: Found) -> Department | None:
    if given is not None:
        return Department(given.lower())
    return found.department if did in OF_A_DEPARTMENT else None


def _typed(given: Mapping[str, str | None]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _say(desk: Desk, report: ProgressReport, author: Author) -> None:
    try:
        source = desk.say(report, datetime.now(UTC))
    except UndecodableError:
        reach.end("what was given is no text in UTF-8", ExitCode.USAGE)
    fact_id = progress_id(author, report.reference, source, report.did)
    case_id = CaseId(report.case_id)
    answer = asyncio.run(desk.answer(case_id, fact_id, source, JUDGED_SECONDS_MAX))
    if answer.effective:
        typer.echo(f"effective: {report.did} ({fact_id})")
        return
    reach.end(f"{answer.verdict}: {answer.reason or report.did}")
