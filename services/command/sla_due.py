"""`peygir sla due`: which deadlines run out in the next hours, and which have passed."""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column

from schemas.settings import Settings
from services.command import reach
from services.command.listed import CASES_MAX, PAGE, cases
from services.command.tables import hours_of, whole_table

HOURS_MAX = 10 * 366 * 24


def due(
    hours: Annotated[int, typer.Option(min=0, max=HOURS_MAX, help="how far ahead")] = 24,
    municipality: Annotated[str | None, typer.Option(help="all, if left out")] = None,
    department: Annotated[str | None, typer.Option(help="all, if left out")] = None,
    limit: Annotated[int, typer.Option(min=1, max=CASES_MAX, help="cases at most")] = 200,
    url: Annotated[str | None, typer.Option()] = None,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,  # noqa: FBT002
) -> None:
    """List what is due in the next hours, the oldest deadline first; overdue is marked."""
    settings = Settings()
    now = datetime.now(UTC)
    asked: dict[str, Any] = {
        "sort": "due",
        "due_before": (now + timedelta(hours=hours)).isoformat(),
        "limit": min(PAGE, limit),
        **({"municipality": municipality} if municipality else {}),
        **({"department": department} if department else {}),
    }
    address, key = f"{reach.url(url, settings)}/api/v1/cases", reach.api_key("read", settings)
    found, more = cases(address, key, asked, limit)
    rows = [_row(one, now) for one in found]
    if as_json:
        typer.echo(json.dumps({"now": now.isoformat(), "due": rows, "more": more}, indent=2))
        return
    _print(rows, hours=hours, more=more)


def _row(case: dict[str, Any], now: datetime) -> dict[str, Any]:
    deadline = datetime.fromisoformat(case["due_at"])
    return {
        "case_id": case["case_id"],
        "municipality": case["municipality"],
        "department": case["department"],
        "category": case["category"],
        "priority": case["priority"],
        "clock": case["due_clock"],
        "deadline": deadline.astimezone(UTC).isoformat(),
        "overdue": deadline < now,
        "left_seconds": int((deadline - now).total_seconds()),
    }


def _print(rows: list[dict[str, Any]], *, hours: int, more: bool) -> None:
    table = whole_table(
        "case", "department", "clock", "priority", "deadline", Column("left", justify="right")
    )
    for one in rows:
        late = "overdue " if one["overdue"] else ""
        deadline = datetime.fromisoformat(one["deadline"]).astimezone()
        table.add_row(
            one["case_id"],
            f"{one['municipality']}/{one['department']}",
            one["clock"] or "",
            one["priority"] or "",
            f"{deadline:%Y-%m-%d %H:%M:%S %z}",
            f"{late}{hours_of(abs(one['left_seconds']))}",
        )
    if rows:
        Console(highlight=False).print(table)
    overdue = sum(one["overdue"] for one in rows)
    typer.echo(f"{len(rows)} cases, {overdue} overdue, within {hours} hours")
    if more:
        typer.echo("there are more: narrow it by --department, or raise --limit")
