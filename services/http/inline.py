"""A model's JSON Schema in one piece, so that it can stand anywhere in a document."""

from typing import Any

from pydantic import BaseModel


def in_one_piece(model: type[BaseModel]) -> dict[str, Any]:
    """The schema with each definition written where it is referred to."""
    schema = model.model_json_schema()
    return _inlined(schema, schema.pop("$defs", {}))


def _inlined(node: Any, definitions: dict[str, Any]) -> Any:  # noqa: ANN401  # any JSON
    match node:
        case {"$ref": str(reference)}:
            return _inlined(definitions[reference.rsplit("/", 1)[1]], definitions)
        case dict():
            return {name: _inlined(value, definitions) for name, value in node.items()}
        case list():
            return [_inlined(value, definitions) for value in node]
        case _:
            return node
