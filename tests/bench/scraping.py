"""Processes asked for their metrics every five seconds while they are measured, as one watches."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from services.embedded.ports import HOST
from tests.crash.storm import NO_CERTIFICATES

EVERY_SECONDS = 5.0
ASK_SECONDS_MAX = 5.0
# As Prometheus asks: the form with exemplars, and packed, which is the process's work.
AS_PROMETHEUS = {
    "Accept": "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5",
    "Accept-Encoding": "gzip",
}


@contextmanager
def scraped(*ports: int) -> Iterator[None]:
    """For as long as the block lasts. A process that never answered was not watched at all.

    With `BENCH_UNWATCHED=1` nobody asks, to see what that costs.
    """
    if os.environ.get("BENCH_UNWATCHED") == "1":
        yield
        return
    over = threading.Event()
    answered = dict.fromkeys(ports, 0)
    asking = threading.Thread(target=_ask, args=(answered, over), name="scraping", daemon=True)
    asking.start()
    try:
        yield
        assert all(answered.values()), answered
    finally:
        over.set()
        asking.join(ASK_SECONDS_MAX * len(ports))


def _ask(answered: dict[int, int], over: threading.Event) -> None:
    with httpx.Client(
        headers=AS_PROMETHEUS, timeout=ASK_SECONDS_MAX, verify=NO_CERTIFICATES
    ) as client:
        while not over.wait(EVERY_SECONDS):
            for port in answered:
                try:
                    page = client.get(f"http://{HOST}:{port}/metrics")
                except httpx.TransportError:
                    continue  # It is being started, or was killed on purpose.
                answered[port] += page.is_success
