"""`peygir sla`: what time it is that a clock counts."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from services.calculator.answers import answer
from services.command.sla_due import due
from services.command.sla_explain import explain
from services.command.sla_recompute import recompute

app = typer.Typer(help="Working time and clocks.", no_args_is_help=True)
app.command()(explain)
app.command()(due)
app.command()(recompute)


@app.callback()
def sla() -> None:
    """Working time and clocks."""


@app.command()
def calc(
    file: Annotated[
        Path | None, typer.Argument(help="JSON lines; standard input if absent")
    ] = None,
) -> None:
    """Answer questions about working time: JSON lines in, JSON lines out, one for one, in order.

    A line that cannot be answered says why in its `error`, and the rest goes on.
    """
    source = sys.stdin.buffer if file is None else file.open("rb")
    with source:
        for line in source:
            sys.stdout.buffer.write(answer(line))
            sys.stdout.buffer.flush()
