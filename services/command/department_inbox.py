"""`peygir department inbox`: what a department has to do, the first deadline first."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column
from rich.text import Text

from schemas.settings import Settings
from services.command import reach
from services.command.listed import CASES_MAX, PAGE, cases
from services.command.tables import hours_of, whole_table
from streams.core.transitions import AT_WORK

TEXT_CHARACTERS = 60


def inbox(
    municipality: str,
    department: str,
    limit: Annotated[int, typer.Option(min=1, max=CASES_MAX, help="cases at most")] = 200,
    url: Annotated[str | None, typer.Option()] = None,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,  # noqa: FBT002
) -> None:
    """List a department's open cases with their deadlines; what waits stands last."""
    settings = Settings()
    now = datetime.now(UTC)
    asked = {
        "municipality": municipality.lower(),
        "department": department.lower(),
        "state": list(AT_WORK),
        "historical": "false",
        "sort": "submitted",
        "limit": PAGE,
    }
    address, key = f"{reach.url(url, settings)}/api/v1/cases", reach.api_key("read", settings)
    # All are read before any is left out: the list's own order by deadline lacks what waits.
    found, more = cases(address, key, asked, CASES_MAX)
    found.sort(key=_by_deadline)
    shown = found[:limit]
    if as_json:
        told = {"now": now.isoformat(), "cases": shown, "more": more or len(found) > limit}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    _print(shown, now)
    overdue = sum(_late(one, now) for one in found)
    typer.echo(f"{len(found)} open cases, {overdue} overdue")
    if more or len(found) > limit:
        typer.echo(f"shown are the first {len(shown)}: raise --limit")


def _by_deadline(case: dict[str, Any]) -> tuple[bool, datetime, str]:
    at = case["due_at"] or case["submitted_at"]
    return case["due_at"] is None, datetime.fromisoformat(at), case["case_id"]


def _late(case: dict[str, Any], now: datetime) -> bool:
    return case["due_at"] is not None and datetime.fromisoformat(case["due_at"]) < now


def _print(found: list[dict[str, Any]], now: datetime) -> None:
    code, left = Column("code", no_wrap=True), Column("left", justify="right")
    table = whole_table(code, "state", "about", "due", left, "says")
    for one in found:
        table.add_row(
            one["tracking_code"],
            _state(one),
            f"{one['category']} {one['priority']}",
            *_due(one, now),
            Text((one["text"] or "")[:TEXT_CHARACTERS]),
        )
    if found:
        Console(highlight=False).print(table)


def _state(case: dict[str, Any]) -> str:
    waits = f", waits: {case['waiting_for']}" if case["waiting_for"] else ""
    return f"{case['state']}{waits}"


def _due(case: dict[str, Any], now: datetime) -> tuple[str, str]:
    if case["due_at"] is None:
        return "", ""
    deadline = datetime.fromisoformat(case["due_at"])
    late = "overdue " if deadline < now else ""
    left = hours_of(abs(int((deadline - now).total_seconds())))
    return f"{case['due_clock']} {deadline.astimezone():%Y-%m-%d %H:%M %z}", f"{late}{left}"
