"""The answer that does not end: sends a stream's bytes for as long as they are taken."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from http import HTTPStatus
from typing import Any

from fastapi import Response
from starlette.types import Receive, Scope, Send

from services.api.changes.hub import Hub
from services.api.changes.ring import Ring
from services.api.changes.stream import Asked, Stream
from services.http.asgi import ANSWERED_AT

SEND_SECONDS_MAX = 20.0
"""A client that takes nothing for so long is dropped; it comes again where it stood."""
FAREWELL_SECONDS_MAX = 20.0
STOPPING_SECONDS_MAX = 1.0
HEADERS = {
    "Cache-Control": "no-store",
    # Else nginx would gather the events before it hands them on.
    "X-Accel-Buffering": "no",
}


class EventStream(Response):
    """Whatever is wrong is said before the first byte; `begin` raises it as a problem."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, begin: Callable[[Ring], Asked]) -> None:
        super().__init__(None, HTTPStatus.OK, HEADERS)
        del self.headers["content-length"]
        self._hub = hub
        self._begin = begin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        now = asyncio.get_running_loop().time()
        with self._hub.place():
            ring = await self._hub.look()
            stream = Stream(self._hub, ring, self._begin(ring), now=now)
            start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(start)
            # A stream is answered when it begins: how long it was watched is no delay of ours.
            scope[ANSWERED_AT] = time.perf_counter()
            await self._send_all(stream, receive, send)

    async def _send_all(self, stream: Stream, receive: Receive, send: Send) -> None:
        gone = asyncio.create_task(_until_gone(receive, stream))
        try:
            with self._hub.watching(stream):
                await _send(stream, send)
            await _say_farewell(stream, send)
        finally:
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone
            self._hub.note_end(stream.why or "left")


async def _send(stream: Stream, send: Send) -> None:
    async with aclosing(stream.chunks()) as chunks:
        async for chunk in chunks:
            if not await _taken(send(_body(chunk)), SEND_SECONDS_MAX):
                stream.end("slow")
            if stream.why is not None:
                return


async def _say_farewell(stream: Stream, send: Send) -> None:
    """Ends the answer as it is to be ended, if the client takes as much as that."""
    stopping = stream.why == "stopping"
    seconds = STOPPING_SECONDS_MAX if stopping else FAREWELL_SECONDS_MAX
    await _taken(send(_body(b"", more=False)), seconds)


async def _taken(sending: Awaitable[None], seconds_max: float) -> bool:
    try:
        async with asyncio.timeout(seconds_max):
            await sending
    except TimeoutError:
        return False
    return True


async def _until_gone(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end("left")


def _body(chunk: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.response.body", "body": chunk, "more_body": more}
