"""A page of a case's facts, with sealed blocks named and never shown."""

from typing import Any

import orjson

from services.api.reads import ReadFact

FACTS_MAX = 500
SEALED_FIELDS = {"kid", "nonce", "data"}


def page(path: str, found: list[ReadFact], limit: int) -> dict[str, Any]:
    """One page; `found` holds one more than `limit` where another page follows."""
    shown = found[:limit]
    more = len(found) > limit
    after = shown[-1].log_offset if more else None
    return {
        "facts": [_shown(one) for one in shown],
        "next": after,
        "next_href": f"{path}?limit={limit}&after={after}" if more else None,
    }


def _shown(one: ReadFact) -> dict[str, Any]:
    return {
        "position": {"partition": one.log_partition, "offset": one.log_offset},
        "judgement": one.judgement,
        "refusal": one.refusal,
        "fact": _without_sealed(orjson.loads(one.fact)),
    }


def _without_sealed(node: Any) -> Any:  # noqa: ANN401  # any JSON
    match node:
        case dict() if node.keys() >= SEALED_FIELDS:
            return {"sealed": node["kid"]}
        case dict():
            return {name: _without_sealed(value) for name, value in node.items()}
        case list():
            return [_without_sealed(value) for value in node]
        case _:
            return node
