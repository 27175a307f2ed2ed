"""A second opinion on two schemas, by jsonsubschema."""

import warnings
from typing import Any, TypeGuard

from schemas.compatibility import Schema, inlined

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # an escape in its docstring, when it is compiled first
    import jsonsubschema  # pyright: ignore[reportMissingTypeStubs]  # it has none

NOTES = ("default", "description", "title", "$schema")


def still_valid(old: Schema, new: Schema) -> bool:
    """Whether every record of `old` is one of `new`, with closed objects on both sides."""
    judge: Any = jsonsubschema
    return bool(judge.isSubschema(closed(old), closed(new)))


def objects(node: object) -> list[Schema]:
    """Every schema of an object in an inlined schema, the outermost first."""
    below = node.values() if is_object(node) else node if is_list(node) else ()
    found = [one for child in below for one in objects(child)]
    return [node, *found] if is_object(node) and "properties" in node else found


def closed(schema: Schema) -> Schema:
    """As jsonsubschema needs it: references inlined, notes left out, known objects closed."""
    bare = _bare(inlined(schema))
    for one in objects(bare):
        one.setdefault("additionalProperties", False)
    return bare


def is_object(node: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(node, dict)


def is_list(node: object) -> TypeGuard[list[Any]]:
    return isinstance(node, list)


def _bare(node: Any) -> Any:  # noqa: ANN401  # any JSON
    if is_list(node):
        return [_bare(one) for one in node]
    if not is_object(node):
        return node
    fields = {key: _bare_field(key, value) for key, value in node.items() if key not in NOTES}
    if "const" in fields:
        fields["enum"] = [fields.pop("const")]
    return fields


def _bare_field(key: str, value: Any) -> Any:  # noqa: ANN401  # any JSON
    # A field may be called `title`; only the keyword is a note.
    return (
        {name: _bare(one) for name, one in value.items()} if key == "properties" else _bare(value)
    )
