"""A client of server-sent events, as little of one as can be, so that two hundred fit."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson

LINE_BYTES_MAX = 1 << 22


@dataclass(frozen=True, slots=True)
class Event:
    """One event, or an id alone, where `name` is empty."""

    name: str
    id: str
    data: bytes

    def json(self) -> dict[str, Any]:
        return orjson.loads(self.data)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body` is the whole of it where it is no stream; `events` is the stream."""

    status: int
    headers: dict[str, str]
    body: bytes
    events: AsyncGenerator[Event, None]
    writer: asyncio.StreamWriter


class CutError(ConnectionError):
    """The stream was cut off without its end."""


@asynccontextmanager
async def watch(
    url: str, query: str = "", *, key: str, after: str | None = None
) -> AsyncIterator[Answer]:
    """The answer to `GET /api/v1/changes`. Reading it raises `OSError` where it is cut off."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=LINE_BYTES_MAX)
    resumed = f"Last-Event-ID: {after}\r\n" if after else ""
    head = (
        f"GET /api/v1/changes{query} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {key}\r\n"
        f"Accept: text/event-stream\r\n{resumed}\r\n"
    )
    try:
        writer.write(head.encode())
        answer = await _answer(reader, writer)
        async with aclosing(answer.events):
            yield answer
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Answer:
    lines = (await _whole(reader.readuntil(b"\r\n\r\n"))).decode().split("\r\n")
    headers = {
        name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:-2])
    }
    length = int(headers.get("content-length", "0"))
    return Answer(
        status=int(lines[0].split()[1]),
        headers=headers,
        body=await _whole(reader.readexactly(length)),
        events=_events(reader),
        writer=writer,
    )


async def _events(reader: asyncio.StreamReader) -> AsyncGenerator[Event, None]:
    rest = b""
    async with aclosing(_chunks(reader)) as chunks:
        async for chunk in chunks:
            *blocks, rest = (rest + chunk).split(b"\n\n")
            for block in blocks:
                event = _event(block)
                if event.name or event.id:
                    yield event


async def _chunks(reader: asyncio.StreamReader) -> AsyncGenerator[bytes, None]:
    """The body, whose end is said."""
    while True:
        size = int(await _whole(reader.readuntil(b"\r\n")), 16)
        chunk = await _whole(reader.readexactly(size + 2))
        if not size:
            return
        yield chunk[:-2]


def _event(block: bytes) -> Event:
    fields = dict(line.split(b": ", 1) for line in block.split(b"\n"))
    return Event(
        name=fields.get(b"event", b"").decode(),
        id=fields.get(b"id", b"").decode(),
        data=fields.get(b"data", b""),
    )


async def _whole(reading: Any) -> bytes:  # noqa: ANN401
    try:
        return await reading
    except asyncio.IncompleteReadError as error:
        raise CutError(str(error)) from error
