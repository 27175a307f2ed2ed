"""A record of a department's topic as the delivery that it holds."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from schemas.codec import UndecodableError, decode
from schemas.deliveries import Delivery

# The words of closed lists, each with one that is known for as long as the rest is read.
_LISTED: Mapping[str, str] = {
    "kind": "conflict",
    "channel": "phone",
    "priority": "normal",
    "clock": "resolution",
    "role": "head",
}


def delivered(raw: bytes | None) -> Delivery:
    """The delivery. Raises `UndecodableError`.

    A word that a newer Peygir has and this kit does not, such as another `kind`, stands in it as
    it is.
    """
    if raw is None:
        raise UndecodableError("it holds nothing")
    try:
        return decode(raw, Delivery)
    except UndecodableError as error:
        return _of_a_newer(raw, error)


def _of_a_newer(raw: bytes, error: UndecodableError) -> Delivery:
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        raise error from None
    if not isinstance(content, dict):
        raise error
    content = cast("dict[str, Any]", content)
    words = {name: content[name] for name in _LISTED if isinstance(content.get(name), str)}
    promises = _objects(content.get("promises"))
    known = content | {name: _LISTED[name] for name in words}
    if promises is not None:
        known["promises"] = [one | {"kind": _LISTED["clock"]} for one in promises]
    read = decode(json.dumps(known), Delivery)
    kinds = [str(one.get("kind")) for one in promises or ()]
    restored = tuple(
        replace(promise, kind=cast("Any", kind))
        for promise, kind in zip(read.promises, kinds, strict=True)
    )
    return replace(read, promises=restored, **cast("dict[str, Any]", words))


def _objects(value: object) -> list[dict[str, Any]] | None:
    """The value as a list of objects, if it is one."""
    if not isinstance(value, list):
        return None
    items = cast("list[object]", value)
    if not all(isinstance(one, dict) for one in items):
        return None
    return cast("list[dict[str, Any]]", items)
