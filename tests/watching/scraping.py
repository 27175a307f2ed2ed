"""A process that is asked for its metrics at every moment of its start."""

import time
from dataclasses import dataclass

import httpx

from services.embedded.ports import HOST
from tests.crash.city import City, kill_process
from tests.embedded.running import wait_for

ASKED_EVERY_SECONDS = 0.02
ASK_SECONDS_MAX = 2.0
WELL_SECONDS_MAX = 30.0
STILL_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class Scraped:
    """The pages that it gave, from the first on, and between which moments all of it was."""

    pages: tuple[str, ...]
    began: float
    ended: float


def killed(city: City, worker: str) -> Scraped:
    """Kills it between two scrapes, and asks it until it is well again."""
    began, pages = time.time(), list[str]()
    pid, port = city.pid(worker), city.run()["processes"][worker]["metrics_port"]
    assert pid is not None
    kill_process(pid)
    wait_for(lambda: city.pid(worker) not in {pid, None}, WELL_SECONDS_MAX)
    well_at = 0.0
    while not well_at or time.time() < well_at + STILL_SECONDS:
        pages += _page(port)
        if not well_at and city.run()["processes"][worker]["state"] == "healthy":
            well_at = time.time()
        assert time.time() < began + WELL_SECONDS_MAX, city.said()
        time.sleep(ASKED_EVERY_SECONDS)
    return Scraped(pages=tuple(pages), began=began, ended=time.time())


def _page(port: int) -> list[str]:
    """One page whole, or none: half of one would be an error of its own."""
    try:
        answer = httpx.get(f"http://{HOST}:{port}/metrics", timeout=ASK_SECONDS_MAX)
    except httpx.TransportError:
        return []
    assert answer.is_success, answer.text
    return [answer.text]
