"""What a department has open now, read from the API page by page."""

import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from schemas.codec import UndecodableError, decode
from schemas.vocabulary import Moment

OPEN_STATES = ("submitted", "routed", "acknowledged", "started", "handed-over")
PAGE_CASES = 200
CASES_MAX = 100_000
ANSWER_BYTES_MAX = 8 * 1024 * 1024
ANSWER_SECONDS_MAX = 30.0
TRIES_MAX = 5
PAUSE_SECONDS_MAX = 30.0
# Nothing follows a redirection: the key is for the address that was given, and for no other.
_ERRORS = (HTTPErrorProcessor(), HTTPDefaultErrorHandler())
_BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """A case as the API lists it; the text is its beginning, and gone after an erasure."""

    case_id: str
    state: str
    version: int
    tracking_code: str
    submitted_at: Moment
    category: str | None = None
    priority: str | None = None
    problem_report: bool | None = None
    due_at: Moment | None = None
    due_clock: str | None = None
    waiting_for: str | None = None
    text: str | None = None


class SnapshotError(RuntimeError):
    """The open cases cannot be had; the text says why."""


class OpenCases(Protocol):
    """Whatever knows the open cases of a department. Raises `SnapshotError`."""

    def open_cases(self, municipality: str, department: str) -> Sequence[OpenCase]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    cases: tuple[OpenCase, ...]
    next_cursor: str | None = None


class Api:
    """Peygir's API at an address (`https://137.example.ir`), with a key for this department.

    Its scope is `department:<municipality>/<department>`. `ca` holds the authority that signed the
    address's certificate, where the system does not know it.
    """

    def __init__(
        self,
        address: str,
        key: str,
        *,
        ca: Path | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        if not address.startswith(("https://", "http://")):
            raise SnapshotError(f"{address} is no address of the API: https://… is one")
        self._address = address.rstrip("/")
        self._key = key
        self._ca = ca
        self._pause = pause

    def open_cases(self, municipality: str, department: str) -> Sequence[OpenCase]:
        """All of them, the oldest first. Raises `SnapshotError`."""
        found: dict[str, OpenCase] = {}
        for page in self._pages(municipality, department):
            found |= {one.case_id: one for one in page}
            if len(found) > CASES_MAX:
                raise SnapshotError(f"{department} has more than {CASES_MAX:,} cases open")
        return tuple(found.values())

    def _pages(self, municipality: str, department: str) -> Iterator[tuple[OpenCase, ...]]:
        asked: dict[str, Any] = {
            "municipality": municipality,
            "department": department,
            "state": OPEN_STATES,
            "sort": "submitted",
            "limit": PAGE_CASES,
        }
        opener = self._opener()
        # Cases that are opened meanwhile come last, so that there might always be one more page.
        for _ in range(CASES_MAX // PAGE_CASES + 1):
            page = self._page(
                opener, f"{self._address}/api/v1/cases?{urlencode(asked, doseq=True)}"
            )
            yield page.cases
            if page.next_cursor is None:
                return
            asked["cursor"] = page.next_cursor
        raise SnapshotError(f"{department} has more than {CASES_MAX:,} cases open")

    def _opener(self) -> OpenerDirector:
        try:
            trust = ssl.create_default_context(cafile=self._ca)
        except OSError as error:
            raise SnapshotError(f"the authorities in {self._ca} cannot be read: {error}") from error
        opener = OpenerDirector()
        for one in (ProxyHandler(), HTTPHandler(), HTTPSHandler(context=trust), *_ERRORS):
            opener.add_handler(one)
        return opener

    def _page(self, opener: OpenerDirector, url: str) -> _Page:
        raw = self._answer(opener, url)
        try:
            return decode(raw, _Page)
        except UndecodableError as error:
            raise SnapshotError(f"{self._address} answers no list of cases: {error}") from error

    def _answer(self, opener: OpenerDirector, url: str) -> bytes:
        """Tries again what may go better the next time, so often."""
        words = ""
        for attempt in range(TRIES_MAX):
            if attempt:
                self._pause(min(2.0**attempt, PAUSE_SECONDS_MAX))
            try:
                return _read(opener, Request(url, headers=self._headers()))  # noqa: S310
            except HTTPError as error:
                with error:
                    if error.code not in _BUSY:
                        raise SnapshotError(self._refusal(error.code)) from error
                    words = f"status {error.code}"
            except (URLError, HTTPException, OSError) as error:
                words = str(error)
        raise SnapshotError(f"{self._address} does not answer ({words})")

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}

    def _refusal(self, status: int) -> str:
        match status:
            case HTTPStatus.UNAUTHORIZED:
                return f"{self._address} does not know the API key, or it is not in force"
            case HTTPStatus.FORBIDDEN:
                return f"the API key may not see this department's cases at {self._address}"
            case _:
                return f"{self._address} answers with status {status} where its cases should be"


def _read(opener: OpenerDirector, request: Request) -> bytes:
    answer: HTTPResponse
    with opener.open(request, timeout=ANSWER_SECONDS_MAX) as answer:
        raw = answer.read(ANSWER_BYTES_MAX + 1)
    if len(raw) > ANSWER_BYTES_MAX:
        raise SnapshotError(f"an answer has more than {ANSWER_BYTES_MAX} bytes")
    return raw
