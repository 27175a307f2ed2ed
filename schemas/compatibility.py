"""What a change of a JSON Schema breaks, in words.

Facts stay for ever, and readers are brought up to date before writers. So a released type is held
in both directions: new code reads every old record, and an old reader survives every new record.
From this follow the rules for a type that Peygir writes:

- a field may be added if it is optional; it is never removed, renamed or given another type;
- optional stays optional and required stays required; what an absent field means stays;
- the allowed values and bounds stay as they are: readers match them exhaustively, so that a new
  value is a new version of the type.

A type that only others write and only Peygir reads (`read_only_by_us`) may become more lenient:
new values, wider bounds, a required field made optional.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeGuard

Schema = dict[str, Any]
_Effect = Literal["stricter", "more lenient", "other meaning"]

_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_EXACT = ("pattern", "format", "multipleOf", "uniqueItems", "contentEncoding")
_STRUCTURE = (
    *("type", "const", "enum", "anyOf", "oneOf", "default", "discriminator", "$defs"),
    *("properties", "required", "additionalProperties", "items", "prefixItems"),
)
_NOTES = ("title", "description", "examples", "deprecated", "writeOnly", "readOnly", "$schema")
_KNOWN = frozenset((*_LOWER, *_UPPER, *_EXACT, *_STRUCTURE, *_NOTES))


@dataclass(frozen=True, slots=True)
class _Change:
    path: str
    words: str
    effect: _Effect


def breaks(old: Schema, new: Schema, *, read_only_by_us: bool = False) -> list[str]:
    """Each change from `old` to `new` that breaks a reader or a stored record."""
    changes = _compare(inlined(old), inlined(new), "$")
    return [
        f"{change.path}: {change.words}"
        for change in changes
        if not (read_only_by_us and change.effect == "more lenient")
    ]


def inlined(schema: Schema) -> Schema:
    """The schema with its references replaced. Raises `ValueError` for one that never ends."""
    return _inlined(schema, schema.get("$defs", {}), ())


def _inlined(node: Any, definitions: Schema, above: tuple[str, ...]) -> Any:  # noqa: ANN401
    if _is_list(node):
        return [_inlined(one, definitions, above) for one in node]
    if not _is_schema(node):
        return node
    fields = dict(node)
    reference = fields.pop("$ref", None)
    if reference is not None:
        name = str(reference).rsplit("/", maxsplit=1)[-1]
        if name in above:
            raise ValueError(f"the type {name} contains itself; such types are not compared")
        return _inlined({**definitions[name], **fields}, definitions, (*above, name))
    return {key: _inlined(one, definitions, above) for key, one in fields.items() if key != "$defs"}


def _is_schema(node: object) -> TypeGuard[Schema]:
    return isinstance(node, dict)


def _is_list(node: object) -> TypeGuard[list[Any]]:
    return isinstance(node, list)


def _compare(old: Schema, new: Schema, path: str) -> Iterator[_Change]:
    if old.get("default") != new.get("default"):
        words = f"the default changed from {old.get('default')!r} to {new.get('default')!r}"
        yield _Change(path, f"{words}: a record without it would mean something else", _OTHER)
    before, after = _alternatives(old), _alternatives(new)
    if len(before) == len(after) == 1 and before.keys() != after.keys():
        yield _type_changed(path, next(iter(before)), next(iter(after)))
        return
    for kind in before.keys() - after.keys():
        yield _Change(path, f"{kind} is no longer allowed", "stricter")
    for kind in after.keys() - before.keys():
        yield _Change(path, f"{kind} is allowed now: an older reader refuses it", "more lenient")
    for kind in sorted(before.keys() & after.keys()):
        yield from _same_kind(before[kind], after[kind], path)


_OTHER: _Effect = "other meaning"


def _type_changed(path: str, before: str, after: str) -> _Change:
    lenient = (before, after) == ("integer", "number")
    words = f"the type changed from {before} to {after}"
    return _Change(path, words, "more lenient" if lenient else _OTHER)


def _alternatives(node: Schema) -> dict[str, Schema]:
    """The schemas of which one must hold, by what tells them apart."""
    among: list[Schema] = node.get("anyOf") or node.get("oneOf") or [node]
    told_apart: dict[str, Schema] = {}
    for one in among:
        discriminator = one.get("properties", {}).get("type", {}).get("const")
        kind = str(one.get("type", "anything"))
        name = f"{kind} {discriminator}" if discriminator and len(among) > 1 else kind
        while name in told_apart:
            name += " again"
        told_apart[name] = one
    return told_apart


def _same_kind(old: Schema, new: Schema, path: str) -> Iterator[_Change]:
    yield from _fields(old, new, path)
    yield from _further_fields(old, new, path)
    yield from _items(old, new, path)
    yield from _values(old, new, path)
    yield from _bounds(old, new, path)
    for keyword in sorted((old.keys() | new.keys()) - _KNOWN):
        if old.get(keyword) != new.get(keyword):
            words = f"the keyword {keyword} changed, and no rule here knows what it means"
            yield _Change(path, words, _OTHER)


def _fields(old: Schema, new: Schema, path: str) -> Iterator[_Change]:
    before: Schema = old.get("properties", {})
    after: Schema = new.get("properties", {})
    needed_before, needed_after = old.get("required", ()), new.get("required", ())
    for name, field in before.items():
        place = f"{path}.{name}"
        if name not in after:
            yield _Change(place, "the field was removed or renamed", _OTHER)
            continue
        if name in needed_after and name not in needed_before:
            yield _Change(place, "the field was optional and is required now", "stricter")
        if name in needed_before and name not in needed_after:
            words = "the field was required and is optional now: an older reader needs it"
            yield _Change(place, words, "more lenient")
        yield from _compare(field, after[name], place)
    for name in after.keys() - before.keys():
        if name in needed_after:
            words = "the field is new and required: stored records do not have it"
            yield _Change(f"{path}.{name}", words, "stricter")


def _further_fields(old: Schema, new: Schema, path: str) -> Iterator[_Change]:
    before, after = (one.get("additionalProperties", True) for one in (old, new))
    if before == after:
        return
    if _is_schema(before) and _is_schema(after):
        yield from _compare(before, after, f"{path}.*")
    elif after is True:
        yield _Change(path, "unknown fields are allowed now", "more lenient")
    else:
        yield _Change(path, "unknown fields are no longer ignored", "stricter")


def _items(old: Schema, new: Schema, path: str) -> Iterator[_Change]:
    if old.get("prefixItems") != new.get("prefixItems"):
        yield _Change(f"{path}[]", "the items with a fixed place changed", _OTHER)
    before, after = old.get("items"), new.get("items")
    if _is_schema(before) and _is_schema(after):
        yield from _compare(before, after, f"{path}[]")
    elif before != after:
        yield _Change(f"{path}[]", "the rule for the items appeared or went", _OTHER)


def _values(old: Schema, new: Schema, path: str) -> Iterator[_Change]:
    before, after = _allowed(old), _allowed(new)
    if "const" in old and "const" in new and before != after:
        words = f"the fixed value changed from {old['const']!r} to {new['const']!r}"
        yield _Change(path, words, _OTHER)
    elif before is None and after is not None:
        yield _Change(path, "only listed values are allowed now", "stricter")
    elif before is not None and after is None:
        yield _Change(path, "any value is allowed now, no longer a listed one", "more lenient")
    else:
        yield from _listed(before or [], after or [], path)


def _listed(before: list[Any], after: list[Any], path: str) -> Iterator[_Change]:
    for value in (one for one in before if one not in after):
        yield _Change(path, f"the value {value!r} was removed", "stricter")
    for value in (one for one in after if one not in before):
        words = f"the value {value!r} is new: older readers match exhaustively"
        yield _Change(path, words, "more lenient")


def _allowed(node: Schema) -> list[Any] | None:
    return [node["const"]] if "const" in node else node.get("enum")


def _bounds(old: Schema, new: Schema, path: str) -> Iterator[_Change]:
    for keyword in (*_LOWER, *_UPPER, *_EXACT):
        before, after = old.get(keyword), new.get(keyword)
        if before == after:
            continue
        stricter = before is None or (after is not None and _narrows(keyword, before, after))
        words = f"{keyword} changed from {before!r} to {after!r}"
        yield _Change(path, words, "stricter" if stricter else "more lenient")


def _narrows(keyword: str, before: Any, after: Any) -> bool:  # noqa: ANN401  # a bound of JSON
    if keyword in _LOWER:
        return after > before
    if keyword in _UPPER:
        return after < before
    return True  # Two patterns or formats are not compared: another one is a break.
