"""What the stream of changes is measured against: Starlette, and events made before."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

EVENT = b"event: change\nid: %s\ndata: %s\n\n" % (b"i" * 48, b"d" * 340)

pushed: list[bytes] = []
watchers: set[asyncio.Event] = set()


async def events(_request: Request) -> Response:
    return StreamingResponse(_events(), media_type="text/event-stream")


async def _events() -> AsyncIterator[bytes]:
    woken, seen = asyncio.Event(), len(pushed)
    watchers.add(woken)
    try:
        yield b": the events follow\n\n"
        while True:
            while seen < len(pushed):
                seen += 1
                yield pushed[seen - 1]
            await woken.wait()
            woken.clear()
    finally:
        watchers.discard(woken)


async def push(request: Request) -> Response:
    """Pushes so many portions of so many events, and tells when each was."""
    asked = request.query_params
    portion, pushed_at = EVENT * int(asked["each"]), []
    for _ in range(int(asked["portions"])):
        pushed_at.append(time.monotonic())
        pushed.append(portion)
        for woken in watchers:
            woken.set()
        await asyncio.sleep(float(asked["pause"]))
    return JSONResponse(pushed_at)


app = Starlette(routes=[Route("/events", events), Route("/push", push)])

if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
