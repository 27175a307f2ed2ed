"""A small server that lists cases as the API does, and may be told to answer otherwise."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.builders import NOON

KEY = "pgr_key"


def case(number: int) -> dict[str, Any]:
    """As the API shows it in a list; more than is looked at, and null where there is nothing."""
    return {
        "case_id": f"c-{number}",
        "municipality": "hashtgerd",
        "state": "routed",
        "department": "parks",
        "category": "GRN-02",
        "priority": None,
        "submitted_at": NOON.isoformat(),
        "due_at": NOON.isoformat(),
        "version": number,
        "tracking_code": "123456789012345",
        "text": None,
    }


class Listing:
    """What it lists, a page of `page_cases` at a time; `answers` come first, one a request."""

    def __init__(self, cases: Sequence[dict[str, Any]], page_cases: int) -> None:
        self.cases = list(cases)
        self.page_cases = page_cases
        self.answers: list[tuple[int, bytes]] = []
        self.asked: list[dict[str, list[str]]] = []
        self.keys: list[str | None] = []
        self.address = ""

    def answer(self, path: str, key: str | None) -> tuple[int, bytes]:
        query = parse_qs(urlsplit(path).query)
        self.asked.append(query)
        self.keys.append(key)
        if self.answers:
            return self.answers.pop(0)
        start = int(query.get("cursor", ["0"])[0])
        end = start + self.page_cases
        following = str(end) if end < len(self.cases) else None
        body = {"cases": self.cases[start:end], "next_cursor": following}
        return 200, json.dumps(body).encode()


@contextmanager
def listing(cases: Sequence[dict[str, Any]], *, page_cases: int = 2) -> Iterator[Listing]:
    found = Listing(cases, page_cases)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = found.answer(self.path, self.headers.get("authorization"))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"{found.address}/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
