"""A worker that only says how it is: as long as a file named after it says otherwise, that."""

import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

NAME = sys.argv[1]
SICK = Path(os.environ["PEYGIR_DATA"]) / f"{NAME}.sick"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        sick = SICK.exists()
        self.send_response(503 if sick else 200)
        self.end_headers()
        self.wfile.write(b"its source stands still" if sick else b"ok")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing to tell."""


def serve(port: str) -> None:
    HTTPServer(("127.0.0.1", int(os.environ[port])), Handler).serve_forever()


if __name__ == "__main__":
    if NAME == "edge":
        Thread(target=serve, args=("PEYGIR_PORT",), daemon=True).start()
    serve("PEYGIR_METRICS_PORT")
