"""Every process asked for its metrics at once; whoever does not answer keeps nobody waiting."""

import http.client
import math
import socket
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from prometheus_client.parser import text_string_to_metric_families

from services.watching.seen import Process, Sample
from services.watching.targets import Target

ANSWER_SECONDS_MAX = 2.0
LOOK_SECONDS_MAX = 6.0
BYTES_MAX = 16 << 20
CHUNK = 1 << 16
WORDS_MAX = 300
ASKERS = 32

REFUSED = "nobody listens"
SILENT = "does not answer"
UNREADABLE = "answers, but not with metrics"


class Asker:
    """Asks at once; one that is still busy with the last question is not asked again."""

    def __init__(self, seconds_max: float = LOOK_SECONDS_MAX) -> None:
        self._seconds_max = seconds_max
        self._threads = ThreadPoolExecutor(ASKERS, thread_name_prefix="watch")
        self._asked: dict[Target, Future[list[Process]]] = {}

    def look(self, targets: Sequence[Target]) -> tuple[Process, ...]:
        """How each of them is, in their order."""
        for target in targets:
            if target not in self._asked:
                self._asked[target] = self._threads.submit(_ask, target)
        futures = [self._asked[target] for target in targets]
        wait(futures, timeout=self._seconds_max)
        seen: list[Process] = []
        for target, future in zip(targets, futures, strict=True):
            seen.extend(future.result() if future.done() else [_down(target, SILENT)])
        self._asked = {target: one for target, one in self._asked.items() if not one.done()}
        return tuple(seen)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _ask(target: Target) -> list[Process]:
    if target.port is None:
        condition = "down" if target.wrong else "well"
        return [
            Process(
                name=target.name, address=target.address, condition=condition, wrong=target.wrong
            )
        ]
    try:
        hosts = _hosts(target.host, target.port)
    except OSError:
        return [_down(target, "has no address")]
    if len(hosts) == 1:
        return [_process(target, hosts[0])]
    return [
        _process(Target(name=f"{target.name} {host}", host=host, port=target.port), host)
        for host in hosts
    ]


def _hosts(name: str, port: int) -> list[str]:
    """A name may stand for many processes; one process may have an address of either kind."""
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    kind = min(family for family, *_ in found)
    return sorted({str(address[0]) for family, *_, address in found if family == kind})


def _process(target: Target, host: str) -> Process:
    try:
        _, text = _get(host, target.port, "/metrics")
        series = _series(text)
        status, words = _get(host, target.port, "/healthz")
    except ConnectionRefusedError:
        return _down(target, REFUSED)
    except (OSError, http.client.HTTPException):
        return _down(target, SILENT)
    # The library's parser has both of what it cannot read.
    except (ValueError, IndexError):
        return _down(target, UNREADABLE)
    well = status == http.client.OK
    return Process(
        name=target.name,
        address=target.address,
        condition="well" if well else "ill",
        wrong="" if well else words[:WORDS_MAX].strip(),
        series=series,
    )


def _get(host: str, port: int | None, path: str) -> tuple[int, str]:
    until = time.monotonic() + ANSWER_SECONDS_MAX
    connection = http.client.HTTPConnection(host, port, timeout=ANSWER_SECONDS_MAX)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        read = bytearray()
        while chunk := answer.read1(CHUNK):
            read += chunk
            if len(read) > BYTES_MAX or time.monotonic() > until:
                raise TimeoutError("more than it may say at once")
        return answer.status, read.decode()
    finally:
        connection.close()


def _series(text: str) -> dict[str, list[Sample]]:
    found: dict[str, list[Sample]] = {}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            if not math.isnan(one.value):
                found.setdefault(one.name, []).append(Sample(labels=one.labels, value=one.value))
    return found


def _down(target: Target, wrong: str) -> Process:
    return Process(name=target.name, address=target.address, condition="down", wrong=wrong)
