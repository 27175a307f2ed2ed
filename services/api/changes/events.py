"""How an event is written on the wire: lines of `text/event-stream`."""

from typing import Any

import orjson

from services.api.changes.cursor import Cursor, write

RETRY_MS = 2_000
"""How long a client waits before it comes again."""


def opening() -> bytes:
    """Sent at once, so that the client knows that it is heard."""
    return b"retry: %d\n: the changes of cases follow\n\n" % RETRY_MS


def change(after: Cursor, data: dict[str, Any]) -> bytes:
    return _event("change", after, data)


def hello(cursor: Cursor) -> bytes:
    """Where a stream begins that began now, for a client that sees nothing before it is cut off."""
    return _event("hello", cursor, {"cursor": write(cursor)})


def restart(cursor: Cursor) -> bytes:
    words = "the projection was made anew: what was read before may differ; read it again"
    return _event("restart", cursor, {"cursor": write(cursor), "why": words})


def still_here(cursor: Cursor) -> bytes:
    """A comment for proxies. The id without data is no event: it moves the client's cursor on."""
    return b": still here\nid: %s\n\n" % write(cursor).encode()


def _event(name: str, cursor: Cursor, data: dict[str, Any]) -> bytes:
    words = (name.encode(), write(cursor).encode(), orjson.dumps(data))
    return b"event: %s\nid: %s\ndata: %s\n\n" % words
