"""A page of a case's facts, with sealed blocks named and never shown."""

from collections.abc import Mapping
from typing import Any

import orjson

from schemas.vocabulary import DEEDS
from services.api.reads import ReadFact
from streams.core.permissions import role_without
from streams.core.refusal import read

FACTS_MAX = 500
# How an author is named tells what it is; any other is the client of an API key.
_KINDS: Mapping[str, str] = {
    "staff": "staff/",
    "citizen": "citizen",
    "linker": "linker",
    "split": "split/",
    "department": "progress-",
    "adapter": "intake-",
}
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
    fact = orjson.loads(one.fact)
    return {
        "position": {"partition": one.log_partition, "offset": one.log_offset},
        "judgement": one.judgement,
        "refusal": one.refusal,
        "refused_for": None if one.refused_for is None else _reason(one.refused_for),
        "role": _role(fact),
        "author_kind": _kind(fact.get("author")),
        "said": None if one.said is None else orjson.loads(one.said),
        "fact": _without_sealed(fact),
    }


def _reason(written: str) -> dict[str, str] | None:
    """None for a code that this version does not know; its English is there all the same."""
    refusal = read(written)
    if refusal is None:
        return None
    return {"code": refusal.code, "words_en": refusal.english, "words_fa": refusal.persian}


def _role(fact: dict[str, Any]) -> str | None:
    """As what it was said; of what nobody says of a case as one of the roles, none."""
    if fact["type"].split(".")[1] not in DEEDS:
        return None
    return fact.get("role") or role_without(fact.get("department"))


def _kind(author: str | None) -> str | None:
    """What kind of author it is; none where it is Peygir itself, by a rule or a clock."""
    if author is None:
        return None
    for kind, begins in _KINDS.items():
        if author == begins or (begins.endswith(("/", "-")) and author.startswith(begins)):
            return kind
    return "client"


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
