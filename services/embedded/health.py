"""What a process says of itself when it is asked over HTTP."""

import http.client
from dataclasses import dataclass

from services.embedded import ports

ASK_SECONDS = 3.0
WORDS_MAX = 300


def ask(port: int, path: str) -> str | None:
    """What is wrong, in words; None if it answers 200."""
    connection = http.client.HTTPConnection(ports.HOST, port, timeout=ASK_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        words = answer.read(WORDS_MAX).decode(errors="replace").strip()
    except ConnectionRefusedError:
        return "nobody listens yet"
    except (OSError, http.client.HTTPException) as error:
        return f"does not answer ({type(error).__name__})"
    finally:
        connection.close()
    return None if answer.status == http.client.OK else f"{answer.status}: {words}"


@dataclass(slots=True)
class Alive:
    """Whether a process is, asked on its port: a stranger's answer there is not taken for its own.

    That it is the one that listens is looked up until it is so, and not again.
    """

    port: int
    known: int | None = None
    """The pid that was seen to listen."""

    def __call__(self, pid: int) -> str | None:
        wrong = ask(self.port, "/healthz")
        if wrong is None and pid != self.known:
            if not ports.listens(pid, self.port):
                return f"another process answers on port {self.port}"
            self.known = pid
        return wrong
