"""A list of cases from the API, read page by page."""

from collections.abc import Iterator
from typing import Any

from services.command import reach

OK = 200
PAGE = 200
CASES_MAX = 10_000  # What nobody reads to its end; a list by department is shorter.


def cases(
    address: str, key: str, asked: dict[str, Any], limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """As many cases as are wanted, and whether there are more."""
    found: list[dict[str, Any]] = []
    for page, more in _pages(address, key, asked):
        found.extend(page)
        if len(found) >= limit:
            return found[:limit], more or len(found) > limit
    return found, False


def _pages(
    address: str, key: str, asked: dict[str, Any]
) -> Iterator[tuple[list[dict[str, Any]], bool]]:
    cursor: str | None = None
    for _ in range(CASES_MAX // asked["limit"] + 1):
        where = asked if cursor is None else {**asked, "cursor": cursor}
        answer = reach.ask("GET", address, key, params=where)
        if answer.status_code != OK:
            reach.refuse(answer)
        page = answer.json()
        cursor = page["next_cursor"]
        yield page["cases"], cursor is not None
        if cursor is None:
            return
