"""`peygir down`: stop the instance of a data folder, and wait until it has stopped."""

import os
import signal
import time

import typer

from schemas.settings import Settings
from services.command.exit_codes import ExitCode
from services.embedded.folder import DataFolder
from services.embedded.run_file import running_pid

WAIT_SECONDS_MAX = 60.0


def down() -> None:
    """Stop the Peygir that runs with this data folder."""
    folder = DataFolder(Settings().data)
    pid = running_pid(folder)
    if pid is None:
        typer.echo(f"nothing runs in {folder.path}")
        return
    typer.echo(f"stopping pid {pid}")
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while running_pid(folder) is not None:
        if time.monotonic() > deadline:
            typer.echo(f"pid {pid} has not stopped after {WAIT_SECONDS_MAX:.0f} s", err=True)
            raise typer.Exit(ExitCode.UNAVAILABLE)
        time.sleep(0.05)
    typer.echo("stopped")
