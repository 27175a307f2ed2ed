"""Starts one worker: `python -m streams projector`, `python -m streams router intake`."""

import sys
from datetime import UTC, datetime
from importlib import import_module

from pydantic import ValidationError

from schemas import logs
from schemas.settings import Settings
from streams import process

EXIT_SETTINGS = 78
WORKERS = ("projector", "accountant", "sla-timer", "dispatcher", "linker", "janitor")
USAGE = f"usage: python -m streams {'|'.join(WORKERS)} | router KIND | rebuild | verify"
_log = logs.logger()


def main(arguments: list[str]) -> int:
    try:
        settings = Settings()
    except ValidationError as error:
        logs.start("-".join(arguments) or "streams")
        for one in error.errors(include_input=False, include_url=False):
            name = "_".join(str(part) for part in one["loc"]).upper()
            _log.critical("a setting is wrong", setting=f"PEYGIR_{name}", reason=one["msg"])
        return EXIT_SETTINGS
    match arguments:
        # Only the worker that is asked for is imported: each knows libraries of its own.
        case [name] if name in WORKERS:
            work = import_module(f"streams.{name.replace('-', '_')}").run
            return process.run(name, settings, work, _now)
        case ["rebuild", *options]:
            return import_module("streams.projector.rebuild").main(options, settings, _now)
        case ["verify", *options]:
            return import_module("streams.verifier").main(options, settings, _now)
        case ["router", kind]:
            return import_module("streams.router").run(kind, settings, _now)
        case _:
            print(USAGE, file=sys.stderr)
            return process.EXIT_USAGE


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
