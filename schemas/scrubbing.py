"""What a log line may say: of an error, of a library's own words, of a value; never a citizen's."""

import inspect
import re
import traceback
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from logging import LogRecord
from pathlib import Path
from types import FrameType
from typing import Any, cast

OUR_PACKAGES = frozenset({"schemas", "services", "streams"})
# Under these names lies, all over the contract and its neighbours, what identifies a person.
PERSONAL = frozenset(
    {
        *("name", "phone", "mobile", "email", "mail", "address", "reporter", "place", "lat", "lon"),
        *("text", "note", "notes", "words", "content", "contents", "evidence", "document"),
        *("body", "payload", "value", "values", "input", "message", "record", "query", "url"),
        *("password", "secret", "key", "token"),
    }
)
LEFT_OUT = "…"
TRAIL_MAX = 12
CAUSES_MAX = 6
FRAMES_MAX = 30
VALUE_CHARACTERS_MAX = 500
VALUES_MAX = 40
DEPTH_MAX = 3

# An Iranian mobile number in any of the digits people type, and what is written like an e-mail.
_PHONE = re.compile(r"(?<!\w)(?:\+98|00\s?98|[0۰٠])[\s-]?[9۹٩](?:[\s-]?\d){9}(?!\w)")
_EMAIL = re.compile(r"[^\s@,;<>()\"']+@[^\s@,;<>()\"']+")
# Of a library's values only what names a machine or a topic is repeated.
_TECHNICAL = re.compile(
    r"[\w.-]+:\d{2,5}|(?:intake|progress|department|peygir)-[a-z0-9-]{1,200}"
    r"|case-facts|keyring|dead-letters|policies|repairs|imports|answered-calls|notices",
    re.ASCII,
)

Said = dict[str, Any]


def of_error(error: BaseException) -> Said:
    """Its type, where it was raised, and its causes' types; its words only if they are ours.

    A foreign error's words may hold what it choked on: a row, a body, a citizen's sentence.
    """
    frames = list(traceback.walk_tb(error.__traceback__))[-TRAIL_MAX:]
    said: Said = {
        "error": type(error).__name__,
        "trail": [_where(frame.f_code.co_filename, line) for frame, line in frames],
    }
    causes = [type(cause).__name__ for cause in _causes(error)]
    if causes:
        said["because"] = causes
    if is_ours(error):
        said["reason"] = str(error)
    return said


def is_ours(error: BaseException) -> bool:
    """Whether its words were written here, where they are known to repeat nothing."""
    return type(error).__module__.partition(".")[0] in OUR_PACKAGES


def of_record(record: LogRecord) -> Said:
    """What a library says: its sentence as it stands in its code, with harmless values alone.

    A sentence that was put together at run time may hold anything; then only its place is told.
    Call it where the record was made: it looks for the sentence in the code that runs.
    """
    sentence = str(record.msg)
    said: Said = {"logger": record.name, "where": _where(record.pathname, record.lineno)}
    if not _stands_in_code(sentence, inspect.currentframe()):
        return {"event": f"{LEFT_OUT} (a library's words, made at run time)", **said}
    return {"event": _filled_in(sentence, record.args), **said}


def value(given: object, depth: int = 0) -> Any:  # noqa: ANN401  # any JSON
    """A field's value as it may be written: bounded, and without what lies under personal names."""
    match given:
        case str():
            return text(given)
        case Mapping() if depth < DEPTH_MAX:
            return fields(cast("Mapping[object, object]", given), depth + 1)
        case list() | tuple() | set() | frozenset() if depth < DEPTH_MAX:
            several = list(cast("Collection[object]", given))[:VALUES_MAX]
            return [value(one, depth + 1) for one in several]
        case _:
            return _alone(given)


def fields(given: Mapping[Any, object], depth: int = 0) -> Said:
    """The fields of a line; those with a personal name are left out, and their names are told."""
    kept: Said = {}
    dropped: list[str] = []
    for key, one in list(given.items())[:VALUES_MAX]:
        if str(key).lower() in PERSONAL:
            dropped.append(str(key).lower())
        else:
            kept[text(str(key))] = value(one, depth)
    return kept | {"left_out": dropped} if dropped else kept


def text(given: str) -> str:
    """Cut to a length, and without what looks like a phone number or an e-mail address."""
    short = given if len(given) <= VALUE_CHARACTERS_MAX else given[:VALUE_CHARACTERS_MAX] + LEFT_OUT
    return _EMAIL.sub("[e-mail]", _PHONE.sub("[phone]", short))


def _alone(given: object) -> Any:  # noqa: ANN401  # any JSON
    match given:
        case None | bool() | int() | float():
            return given
        case datetime():
            return given.isoformat()
        case _:
            # Its representation could hold all that it holds.
            return f"<{type(given).__name__}>"


def _where(filename: str, line: int | None) -> str:
    return f"{'/'.join(Path(filename).parts[-2:])}:{line}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """What it was raised from, outermost first; of a group, its members."""
    waiting, seen = [error], {id(error)}
    while waiting and len(seen) <= CAUSES_MAX:
        for cause in _raised_from(waiting.pop(0)):
            if id(cause) not in seen:
                seen.add(id(cause))
                waiting.append(cause)
                yield cause


def _raised_from(error: BaseException) -> list[BaseException]:
    members: tuple[BaseException, ...] = ()
    if isinstance(error, BaseExceptionGroup):
        members = cast("BaseExceptionGroup[BaseException]", error).exceptions
    context = None if error.__suppress_context__ else error.__context__
    return [one for one in (*members, error.__cause__, context) if one is not None]


def _stands_in_code(sentence: str, frame: FrameType | None) -> bool:
    for _ in range(FRAMES_MAX):
        if frame is None:
            return False
        if sentence in frame.f_code.co_consts or _stands_in_module(sentence, frame):
            return True
        frame = frame.f_back
    return False


def _stands_in_module(sentence: str, frame: FrameType) -> bool:
    mine = list(frame.f_globals.values())
    return any(isinstance(one, str) and one == sentence for one in mine)


def _filled_in(sentence: str, given: object) -> str:
    if not given:
        return sentence
    harmless: object
    if isinstance(given, Mapping):
        named = cast("Mapping[str, object]", given)
        harmless = {name: _harmless(one) for name, one in named.items()}
    else:
        harmless = tuple(_harmless(one) for one in cast("tuple[object, ...]", given))
    try:
        return text(sentence % harmless)
    except (TypeError, ValueError, KeyError):
        return sentence


def _harmless(given: object) -> object:
    match given:
        case None | bool() | int() | float():
            return given
        case BaseException():
            return _Word(type(given).__name__)
        case str() if _TECHNICAL.fullmatch(given):
            return given
        case _:
            return _Word(LEFT_OUT)


class _Word(str):
    """Stands for a value; a sentence that asks for its representation gets it without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)
