"""How a recomputation is shown: what changes, from when to when, and why; counts at the end."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from services.command.tables import whole_table
from services.recomputing.plan import Changed, Looked
from services.recomputing.run import Applied
from streams.core.recomputing import Change, DayChange, Recomputation
from streams.core.working_days import DayReason

ROWS_MAX = 50
DAYS_SHOWN_MAX = 5
_KINDS = {
    "week": "the week's hours",
    "free-weekday": "no work that weekday",
    "holiday": "closed",
    "closed-annually": "closed every year",
    "other-hours": "other hours",
    "closed": "closed that day",
}


class Shown:
    """Rows as they come, the first of them for a person, each of them for a program."""

    def __init__(self, zone: str, *, as_json: bool) -> None:
        self._zone = ZoneInfo(zone)
        self._as_json = as_json
        self._rows: list[Changed] = []

    def tell(self, batch: Sequence[Changed]) -> None:
        if self._as_json:
            for one in batch:
                typer.echo(json.dumps(as_data(one), ensure_ascii=False))
        self._rows.extend(batch[: ROWS_MAX - len(self._rows)])

    def totals(self, looked: Looked, asked: Recomputation) -> None:
        if self._as_json:
            typer.echo(json.dumps({"end": _totals(looked, asked)}, ensure_ascii=False))
            return
        if self._rows:
            self._table(self._rows)
        if looked.clocks.total() > len(self._rows):
            typer.echo(f"… and {looked.clocks.total() - len(self._rows)} more: --json lists them")
        typer.echo(
            f"{looked.cases:,} open cases looked at by {asked.version.policy.version}: "
            f"{looked.clocks.total():,} clocks of {looked.changed_cases:,} cases would change, "
            f"{looked.voided:,} announced breaches would be voided"
        )
        for department, count in looked.clocks.most_common():
            typer.echo(f"  {department}: {count:,}")
        for fault, count in looked.faults.items():
            typer.echo(f"not looked at, {count:,}: {fault}", err=True)

    def _table(self, rows: Sequence[Changed]) -> None:
        table = whole_table("case", "department", "clock", "deadline", "would be", "why")
        for one in rows:
            change = one.change
            table.add_row(
                one.case_id,
                one.department,
                f"{change.clock.kind}, {change.clock.state}",
                self._local(change.clock.promise.deadline),
                self._local(change.promise.deadline),
                "; ".join(why(change)),
            )
        Console(highlight=False).print(table)

    def _local(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%a %Y-%m-%d %H:%M:%S}"


def why(change: Change) -> Iterator[str]:
    """What is otherwise, in words."""
    old, new = change.clock.promise, change.promise
    if change.budget_changed:
        before, after = (
            _budget(one.budget_seconds, working_time=one.working_time) for one in (old, new)
        )
        yield f"budget {before} → {after}"
    yield from (_day(one) for one in change.days[:DAYS_SHOWN_MAX])
    if len(change.days) > DAYS_SHOWN_MAX:
        yield f"and {len(change.days) - DAYS_SHOWN_MAX} dates more"
    if change.clock_changed:
        yield "the zone has other offsets"
    if change.clock.state == "paused":
        yield "it goes on by the new calendar"
    if change.voids is not None:
        yield "its breach is voided"
    if old.deadline == new.deadline and change.clock.state != "paused":
        yield "only warnings or escalations move"


def ended(applied: Applied, *, as_json: bool) -> None:
    """What became of the orders."""
    if as_json:
        found = {"effective": applied.effective, "refused": dict(applied.refused)}
        typer.echo(json.dumps({"applied": found}, ensure_ascii=False))
        return
    typer.echo(f"recorded {applied.effective:,} new promises, {applied.refused.total():,} refused")
    for refusal, count in applied.refused.items():
        typer.echo(f"  {count:,}: {refusal}")
    if applied.refused:
        typer.echo("what moved on meanwhile is looked at anew if it is run again")
    typer.echo("departments find the new deadlines in their topics; citizens were not told")


def as_data(one: Changed) -> dict[str, Any]:
    change = one.change
    old, new = change.clock.promise, change.promise
    return {
        "case_id": one.case_id,
        "department": one.department,
        "clock": change.clock.kind,
        "cycle": change.clock.cycle,
        "state": change.clock.state,
        "policy_version": change.clock.policy_version,
        "deadline": old.deadline.isoformat(),
        "new_deadline": new.deadline.isoformat(),
        "budget_seconds": old.budget_seconds,
        "new_budget_seconds": new.budget_seconds,
        "dates": [
            {"date": day.day.isoformat(), "before": _data(day.before), "after": _data(day.after)}
            for day in change.days
        ],
        "voids": change.voids,
        "why": list(why(change)),
    }


def _totals(looked: Looked, asked: Recomputation) -> dict[str, Any]:
    return {
        "policy_version": asked.version.policy.version,
        "cases": looked.cases,
        "changed_cases": looked.changed_cases,
        "changed_clocks": looked.clocks.total(),
        "voided": looked.voided,
        "by_department": dict(looked.clocks),
        "not_looked_at": dict(looked.faults),
    }


def _day(one: DayChange) -> str:
    return f"{one.day.isoformat()}: {_words(one.before)} → {_words(one.after)}"


def _words(day: DayReason) -> str:
    words = _KINDS[day.kind]
    estimated = ", estimated" if day.estimated else ""
    return f"{words} ({day.reason}{estimated})" if day.reason else words


def _data(day: DayReason) -> dict[str, Any]:
    return {"kind": day.kind, "reason": day.reason, "estimated": day.estimated}


def _budget(seconds: int, *, working_time: bool) -> str:
    kind = "working" if working_time else "round the clock"
    return f"{seconds // 3_600}:{seconds // 60 % 60:02}:{seconds % 60:02} {kind}"
