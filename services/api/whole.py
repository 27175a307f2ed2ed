"""A case with what it has to do with: its parts, what follows it, what it follows, and whom."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson

from schemas.policy import Policy
from services.api.reads import ReadCase, Reads, Relative, Relatives
from services.http.client import Client
from streams.core.ids import spoken

EVER = datetime(9999, 12, 31, tzinfo=UTC)

FindRoot = Callable[[str], Awaitable[Relative | None]]
"""The case whose clocks that one goes by, as it is or as it was; none where it goes by its own."""


async def whole(
    reads: Reads,
    client: Client,
    case: ReadCase,
    policy: Policy | None,
    find_root: FindRoot,
    by: datetime = EVER,
) -> ReadCase:
    """The case as that caller may see it, with its relatives as they were recorded by then.

    A relative that the caller may not see is counted, and nothing more is said of it.
    """
    if case.body is None and not case.related:
        return case
    document = orjson.loads(case.document)
    if case.body is not None:
        document["body"] |= _titles(case.body, policy)
    if case.related:
        case_id = document["case_id"]
        parts, followers = await reads.parts(case_id, by), await reads.followers(case_id, by)
        document["parts"]["case_ids"] = _ids(client, parts)
        document["followers"] = {
            "count": followers.count,
            "case_ids": _ids(client, followers),
        }
        root = await find_root(case_id) if document["parent"] else None
        document["follows"] = None if root is None else _followed(client, root)
    return replace(case, document=orjson.dumps(document).decode())


def _titles(body: str, policy: Policy | None) -> dict[str, str | None]:
    known = (one for one in (policy.bodies if policy else ()) if one.body == body)
    titled = next(known, None)
    return {
        "title_fa": titled and titled.title_fa,
        "title_en": titled and titled.title_en,
    }


def _ids(client: Client, relatives: Relatives) -> list[str]:
    return [one.case_id for one in relatives.cases if _sees(client, one)]


def _followed(client: Client, root: Relative) -> dict[str, Any]:
    seen = _sees(client, root)
    return {
        "case_id": root.case_id,
        "tracking_code": spoken(root.tracking_code) if seen else None,
        "state": root.state if seen else None,
    }


def _sees(client: Client, relative: Relative) -> bool:
    return client.sees(relative.municipality, relative.department)
