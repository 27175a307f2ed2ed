"""`peygir status`: which processes run, how they are, and where everything lies."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from schemas.settings import Settings
from services.command.exit_codes import ExitCode
from services.command.tables import whole_table
from services.embedded import health
from services.embedded.folder import DataFolder
from services.embedded.place import where_cluster_lies
from services.embedded.run_file import running_pid


def status(
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,  # noqa: FBT002
) -> None:
    """Show every process, its pid, its address and its health."""
    folder = DataFolder(Settings().data)
    found = look(folder)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    else:
        show(found)
    if not found["ready"]:
        raise typer.Exit(ExitCode.NO)


def look(folder: DataFolder) -> dict[str, Any]:
    pid = running_pid(folder)
    run = folder.read("run.json") if pid else {}
    processes = run.get("processes", {})
    ended = run.get("ended", {})
    for process in processes.values():
        if process["metrics_port"]:
            wrong = health.ask(process["metrics_port"], "/healthz")
            process["health"] = wrong or "ok"
        else:
            process["health"] = "ok" if process["state"] == "healthy" else process["state"]
    well = not ended and all(process["health"] == "ok" for process in processes.values())
    return {
        "running": pid is not None,
        "ready": bool(run.get("ready")) and well,
        "pid": pid,
        "url": run.get("url"),
        "data_folder": str(folder.path),
        "kafka_folder": _own(processes, "kafka", folder.path / "kafka"),
        "postgres_folder": _own(processes, "postgres", where_cluster_lies(folder)),
        "kafka": run.get("kafka"),
        "processes": processes,
        "ended": ended,
    }


def _own(processes: Mapping[str, Any], server: str, place: Path) -> str | None:
    """Where a server of ours keeps its data; nothing where another's is used."""
    return str(place) if server in processes or not processes else None


def show(found: dict[str, Any]) -> None:
    console = Console()
    if found["processes"] or found["ended"]:
        table = whole_table("process", "pid", "address", "restarts", "health")
        for name, one in found["processes"].items():
            row = (str(one["pid"]), one["address"], str(one["restarts"]), one["health"])
            table.add_row(name, *row)
        for name, restarts in found["ended"].items():
            table.add_row(name, "", "", str(restarts), "has ended, and is started again")
        console.print(table)
    words = f"runs as pid {found['pid']} at {found['url']}" if found["running"] else "does not run"
    lines = {
        "peygir": words,
        "data folder": found["data_folder"],
        "kafka": found["kafka_folder"] or "not ours",
        "postgres": found["postgres_folder"] or "not ours",
    }
    for name, words in lines.items():
        console.print(f"{name}: {words}", markup=False, highlight=False, soft_wrap=True)
