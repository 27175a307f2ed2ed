"""Where errors become words and an exit code: no traceback ever reaches a person."""

import os
import sys
from collections.abc import Callable

import typer
from pydantic import ValidationError

from schemas import logs, scrubbing
from services.backup.errors import (
    AbsentError,
    BackupError,
    BehindError,
    BrokenError,
    OccupiedError,
)
from services.command.exit_codes import ExitCode
from services.embedded.errors import EmbeddedError, MissingError, StartError, TakenError

CODES: dict[type[Exception], ExitCode] = {
    MissingError: ExitCode.MISSING,
    TakenError: ExitCode.TAKEN,
    StartError: ExitCode.UNAVAILABLE,
    AbsentError: ExitCode.MISSING,
    BehindError: ExitCode.UNAVAILABLE,
    BrokenError: ExitCode.NO,
    OccupiedError: ExitCode.TAKEN,
}


def in_words(action: Callable[[], object]) -> None:
    """Do it; whatever goes wrong is said, and ends the process with its code."""
    if os.environ.get("PEYGIR_TRACEBACK"):
        action()
        return
    # What a library has to say goes the way of all logs: scrubbed.
    logs.start("peygir")
    try:
        action()
    except typer.Exit as end:
        sys.exit(end.exit_code)
    except (EmbeddedError, BackupError) as error:
        _end(str(error), CODES.get(type(error), ExitCode.UNAVAILABLE))
    except ValidationError as error:
        _end(_settings_in_words(error), ExitCode.USAGE)
    except PermissionError as error:
        _end(f"not allowed to use {error.filename}: it is another user's", ExitCode.MISSING)
    except Exception as error:  # noqa: BLE001 - the last door before a person
        _end(f"unexpected, {_in_short(error)}\nPEYGIR_TRACEBACK=1 shows more", ExitCode.INTERNAL)


def _in_short(error: Exception) -> str:
    """Not its own words, unless they are ours: they may be a citizen's."""
    said = scrubbing.of_error(error)
    return f"{said['error']} at {said['trail'][-1]} {said.get('reason', '')}".rstrip()


def _settings_in_words(error: ValidationError) -> str:
    lines: list[str] = []
    for one in error.errors():
        name = "_".join(str(part) for part in one["loc"]).upper()
        lines.append(f"PEYGIR_{name}: {one['msg']}")
    return "; ".join(lines)


def _end(words: str, code: ExitCode) -> None:
    print(f"peygir: {words}", file=sys.stderr)
    sys.exit(code)
