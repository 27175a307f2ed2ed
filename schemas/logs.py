"""Log lines, the same from every process: one event, one line of JSON, on the error stream.

Nothing of a citizen is ever in one. What a line may say stands in `schemas.scrubbing`, and is
applied here to every line, whoever writes it: we, a library, or Python for an error nobody caught.
"""

import json
import logging
import sys
import threading
import time
import warnings
from collections.abc import Callable, MutableMapping
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from typing import Any, TextIO, cast

import structlog
from structlog.typing import FilteringBoundLogger, Processor

from schemas import scrubbing

Event = MutableMapping[str, Any]
Logger = FilteringBoundLogger

# What comes first in a line, so that lines can be read one under the other.
_FIRST = ("timestamp", "level", "event", "worker", "version", "case_id")
LINES_A_MINUTE_MAX = 100
MINUTE_SECONDS = 60.0
_CODEC = json.JSONEncoder(ensure_ascii=False)


def logger() -> Logger:
    """For the top of a module; it writes as `start` has said, also if that comes later."""
    return cast("Logger", structlog.get_logger())


def start(worker: str, file: TextIO | None = None) -> None:
    """From now on all that this process says is such lines; in colour where a person reads them."""
    stream = file or sys.stderr
    structlog.configure(
        processors=_processors(worker, for_people=stream.isatty(), clock=time.monotonic),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Libraries()], force=True)
    # Else an unfit line would be shown with all its values.
    logging.raiseExceptions = False
    _listen_to_python()


def beside(worker: str, file: TextIO, clock: Callable[[], float] = time.monotonic) -> Logger:
    """A logger of its own to a file, for a process whose streams speak with a person."""
    made = structlog.wrap_logger(
        structlog.WriteLogger(file),
        processors=_processors(worker, for_people=False, clock=clock),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    return cast("Logger", made)


@cache
def version() -> str:
    """Which Peygir this is."""
    try:
        return version_of("peygir")
    except PackageNotFoundError:
        return "unknown"


class _Libraries(logging.Handler):
    """Everything that goes through Python's own logging: the libraries'."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            said = scrubbing.of_record(record)
            event = said.pop("event")
            error = record.exc_info[1] if record.exc_info else None
            logger().log(record.levelno, event, exc_info=error, **said)
        except Exception:  # noqa: BLE001  # A log line never ends the work it tells of.
            self.handleError(record)


class _Flood:
    """Lets so many lines of one event through a minute; the next minute's first tells the rest.

    A world that is away, or a file of a million bad rows, must not fill the disk.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._minutes: dict[str, tuple[float, int]] = {}

    def __call__(self, _logger: object, _method: str, event: Event) -> Event:
        what = str(event.get("where") or event.get("event"))
        now = self._clock()
        with self._lock:
            began, count = self._minutes.get(what, (now, 0))
            kept_back = max(0, count - LINES_A_MINUTE_MAX)
            if now - began >= MINUTE_SECONDS:
                began, count = now, 0
            self._minutes[what] = (began, count + 1)
        if count >= LINES_A_MINUTE_MAX:
            raise structlog.DropEvent
        return {**event, "not_written": kept_back} if count == 0 and kept_back else event


def _processors(worker: str, *, for_people: bool, clock: Callable[[], float]) -> list[Processor]:
    render: Processor = structlog.dev.ConsoleRenderer() if for_people else _as_json
    return [
        _Flood(clock),
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _errors,
        _scrubbed,
        _who(worker),
        render,
    ]


def _who(worker: str) -> Processor:
    """Stated by the process, not by its context: a thread has a context of its own."""
    ours = {"worker": worker, "version": version()}

    def add(_logger: object, _method: str, event: Event) -> Event:
        whole = {**event, **ours}
        first = {key: whole.pop(key) for key in _FIRST if key in whole}
        return {**first, **whole}

    return add


def _errors(_logger: object, _method: str, event: Event) -> Event:
    """An error's type and trail in the place of its words."""
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = sys.exc_info()[1] if given is True else given
    if isinstance(error, BaseException):
        return {**scrubbing.of_error(error), **event}
    return event


def _scrubbed(_logger: object, _method: str, event: Event) -> Event:
    return scrubbing.fields(event)


def _as_json(_logger: object, _method: str, event: Event) -> str:
    return _CODEC.encode(event)


def _listen_to_python() -> None:
    """What Python itself would print: errors that nobody caught, and its warnings."""
    log = logger()

    def uncaught(_kind: object, error: BaseException, _trace: object) -> None:
        log.critical("ended by an error", exc_info=error)

    def in_thread(what: threading.ExceptHookArgs) -> None:
        log.error("a thread ended by an error", exc_info=what.exc_value)

    def unraisable(what: Any) -> None:  # noqa: ANN401  # its type has no public name
        log.error("an error where nobody could catch it", exc_info=what.exc_value)

    def warned(_said: object, category: type[Warning], filename: str, line: int, *_: Any) -> None:  # noqa: ANN401
        log.warning("a warning of Python's", error=category.__name__, where=f"{filename}:{line}")

    sys.excepthook = uncaught
    threading.excepthook = in_thread
    sys.unraisablehook = unraisable
    warnings.showwarning = warned
