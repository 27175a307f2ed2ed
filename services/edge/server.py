"""uvicorn's server, which says that it begins to stop before it waits for what is still sent."""

import socket
import sys
from collections.abc import Callable
from contextlib import suppress

import uvicorn

STARTUP_FAILURE = 3
UNANSWERED_MS_MAX = 60_000
"""A peer that is gone, or takes nothing of what is sent, is given up by the kernel after this."""


class Server(uvicorn.Server):
    """An answer without an end ends when `stopping` is called, and others are finished."""

    def __init__(self, config: uvicorn.Config, stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux alone has it.
            for listening in (one for server in self.servers for one in server.sockets):
                # Every connection has from birth what its listener has.
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNANSWERED_MS_MAX)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping()
        await super().shutdown(sockets)


def run(config: uvicorn.Config, stopping: Callable[[], None]) -> None:
    """Serves until a signal ends the process."""
    server = Server(config, stopping)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)
