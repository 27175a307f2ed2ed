"""The `peygir` command, composed of one module for each of its names.

A module with several commands has an `app`; one with a single command has a function of its name.
Both raise errors that say what to do; `door` gives each its exit code. What one command needs is
loaded for that command alone: all of it takes three times as long, each time.
"""

import keyword
from collections.abc import Iterable, Sequence
from importlib import import_module

import typer

COMMANDS = (
    "up",
    "down",
    "status",
    "doctor",
    "watch",
    "lag",
    "gaps",
    "submit",
    "erase",
    "backup",
    "restore",
    "verify",
    "rebuild",
    "unknown-notices",
    "import",
    "case",
    "department",
    "dead-letters",
    "keys",
    "log",
    "policy",
    "schemas",
    "sla",
    "staff",
)


def composed(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The command with these of its names."""
    whole = typer.Typer(
        help="Peygir: the engine behind a municipality's 137 line.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    whole.callback()(_peygir)
    for name in names:
        _add(whole, name)
    return whole


def asked(arguments: Sequence[str]) -> Sequence[str]:
    """The names that must be there to answer these arguments: one, or else all."""
    return [one for one in arguments[:1] if one in COMMANDS] or COMMANDS


def _peygir() -> None:
    """Without this, the only name would not have to be said."""


def _add(whole: typer.Typer, name: str) -> None:
    python = name.replace("-", "_")
    python += "_" if keyword.iskeyword(python) else ""
    module = import_module(f"services.command.{python}")
    if hasattr(module, "app"):
        whole.add_typer(module.app, name=name)
    else:
        whole.command(name)(getattr(module, python))
