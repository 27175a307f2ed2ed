"""`peygir verify`: whether the projection is the fold of the log, row by row, while it works."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from schemas.settings import Settings
from services.command.exit_codes import ExitCode
from services.command.job import Job, job
from services.command.long_progress import LongProgress, long_progress

SHOWN_MAX = 50

# What the process ends with, as this command's codes; anything else is a mistake of ours.
CODES = {
    0: ExitCode.OK,
    1: ExitCode.NO,
    5: ExitCode.LOST,
    65: ExitCode.MISSING,
    75: ExitCode.UNAVAILABLE,
}


def verify(
    output: Annotated[
        Path | None, typer.Option(help="where every difference is listed, a JSON line each")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,  # noqa: FBT002
) -> None:
    """Read the log from its beginning and compare every column; 1 if anything differs."""
    differences: list[dict[str, Any]] = []
    with job(Settings(), "verify") as running, long_progress() as progress:
        end = _heard(running, progress, differences)
    code = CODES.get(running.exit_code or 0, ExitCode.INTERNAL)
    if output is not None:
        lines = (json.dumps(one, ensure_ascii=False) + "\n" for one in differences)
        output.write_text("".join(lines), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps({**end, "listed": differences}, ensure_ascii=False, indent=2))
    else:
        _show(end, differences, code)
    raise typer.Exit(code)


def _heard(
    running: Job, progress: LongProgress, differences: list[dict[str, Any]]
) -> dict[str, Any]:
    end: dict[str, Any] = {}
    for said in running.says():
        if "difference" in said:
            differences.append(said["difference"])
        elif "again" in said:
            differences.clear()
            progress.line(f"from the beginning: {said['again']}")
        elif "end" in said:
            end = said
        else:
            progress.at("facts", said["facts"], said["of"], said["seconds"])
    return end


def _show(end: dict[str, Any], differences: Sequence[dict[str, Any]], code: ExitCode) -> None:
    if "facts" not in end:
        words = end.get("end") or "it could not be compared; the lines above say why"
        hint = "\nwhich log is the right one? then: peygir rebuild" if end.get("lost") else ""
        typer.echo(f"peygir: {words}{hint}", err=True)
        return
    for one in differences[:SHOWN_MAX]:
        typer.echo(_in_words(one))
    if len(differences) > SHOWN_MAX:
        typer.echo(f"… and {end['differences'] - SHOWN_MAX} more: --output FILE lists them")
    verdict = "all equal"
    if code == ExitCode.NO:
        tables = ", ".join(f"{table} {count}" for table, count in end["by_table"].items())
        verdict = f"{end['differences']} differences, {end['cases_named']} cases ({tables})"
    aside = f", {end['set_aside']} set aside" if end["set_aside"] else ""
    speed = end["facts"] / max(end["seconds"], 0.001)
    typer.echo(
        f"{end['facts']:,} facts, {end['cases']:,} cases, {verdict}{aside} "
        f"({end['seconds']:.1f} s, {speed:,.0f} facts/s)"
    )
    if end["behind"]:
        # Right after a restore most of the log may be here, and the verdict says nothing of it.
        typer.echo(f"{end['behind']:,} later facts of the log are not in the projection yet")


def _in_words(one: dict[str, Any]) -> str:
    place = f"{one['table']}.{one['column']}" if "column" in one else one["table"]
    words = [one.get("case", "-"), place, one.get("where", ""), one["what"]]
    if "projection" in one:
        words.append(f"(projection {one['projection']}, log {one['log']})")
    return " ".join(word for word in words if word)
