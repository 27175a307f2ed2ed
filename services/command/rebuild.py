"""`peygir rebuild`: the projection made anew from the log, and swapped in while all goes on."""

from typing import Annotated

import typer

from schemas.settings import Settings
from services.command import reach
from services.command.exit_codes import ExitCode
from services.command.job import job
from services.command.long_progress import long_progress

CODES = {
    0: ExitCode.OK,
    4: ExitCode.TAKEN,
    65: ExitCode.MISSING,
    75: ExitCode.UNAVAILABLE,
}

Workers = Annotated[
    int | None, typer.Option(min=1, max=64, help="processes side by side; one a processor")
]


def rebuild(workers: Workers = None) -> None:
    """Make the projection anew beside the one at work, then put it in its place."""
    arguments = () if workers is None else (str(workers),)
    end = ""
    with job(Settings(), "rebuild", *arguments) as running, long_progress() as progress:
        for said in running.says():
            match said:
                case {"end": words}:
                    end = str(words)
                case {"facts": facts, "of": of, "seconds": seconds}:
                    progress.at("facts", facts, of, seconds)
                case {"again": why}:
                    progress.line(f"once more: {why}")
                case {"phase": phase}:
                    progress.phase(str(phase))
                case _:
                    continue
    code = CODES.get(running.exit_code or 0, ExitCode.INTERNAL)
    if code != ExitCode.OK:
        reach.end(end or "not rebuilt; the lines above say why, and nothing was changed", code)
    typer.echo(end)
