"""Ports nobody listens on, and who has one that is taken."""

import contextlib
import hashlib
import socket
from collections.abc import Collection

import psutil

from services.embedded.errors import TakenError

HOST = "127.0.0.1"
# Below the range from which Linux gives ports to outgoing connections: a client that tries to
# reach a server that is down could otherwise be given the server's own port, and keep it.
LOWEST, HIGHEST = 20_000, 31_999


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def free_port(purpose: str, taken: Collection[int] = ()) -> int:
    """The same purpose is given the same port as long as that is free."""
    digest = hashlib.sha256(purpose.encode()).digest()
    count = HIGHEST - LOWEST + 1
    first = int.from_bytes(digest[:8]) % count
    for step in range(count):
        port = LOWEST + (first + step) % count
        if port not in taken and is_free(port):
            return port
    raise TakenError(f"every port from {LOWEST} to {HIGHEST} is taken")


def claim(port: int) -> None:
    """Nothing if this port is free, and else words about who has it."""
    if not is_free(port):
        raise TakenError(
            f"port {port} is taken by {_holder(port)}. "
            "Stop that, or choose another port: PEYGIR_PORT=8138"
        )


class Kept:
    """Ports that nobody else is given until the process that they are for is started."""

    def __init__(self) -> None:
        self._sockets: dict[int, socket.socket] = {}

    def keep(self, port: int) -> None:
        """As well as can be: connections that have just ended may keep it from us, too."""
        keeper = socket.socket()
        with contextlib.suppress(OSError):
            keeper.bind((HOST, port))
        self._sockets[port] = keeper

    def let_go(self, *ports: int) -> None:
        for port in ports:
            if port in self._sockets:
                self._sockets.pop(port).close()

    def let_all_go(self) -> None:
        self.let_go(*self._sockets)


def listens(pid: int, port: int) -> bool:
    """Whether it is this process to which connections to the port come."""
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return False
    return any(
        one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port
        for one in connections
    )


def _holder(port: int) -> str:
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return "another process"
    for connection in connections:
        listens = connection.status == psutil.CONN_LISTEN
        if listens and connection.laddr and connection.laddr.port == port and connection.pid:
            return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return "another process"
