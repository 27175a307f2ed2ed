"""The AsyncAPI document: valid by the official schema, and whole by the topic table."""

import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from schemas import inventory
from schemas.codec import encode
from schemas.examples import EXAMPLES
from services.contract import asyncapi
from services.contract.picture import every_topic

ROOT = Path(__file__).parents[2]
OFFICIAL = json.loads((ROOT / "tests" / "data" / "schemas" / "asyncapi-3.0.0.json").read_text())
# What is sealed in a fact lies in no topic by itself.
SEALED = {"content", "evidence"}
Document = dict[str, Any]


@pytest.fixture
def document() -> Document:
    """As a reader of the file gets it."""
    return json.loads(json.dumps(asyncapi.document()))


def wrong(document: Document) -> list[str]:
    validator = jsonschema.Draft7Validator(OFFICIAL)
    return [one.json_path for one in validator.iter_errors(document)]


def test_the_document_is_valid_by_the_official_schema(document: Document) -> None:
    assert wrong(document) == []


@pytest.mark.parametrize(
    "break_it",
    [
        lambda one: one.pop("asyncapi"),
        lambda one: one["channels"]["case-facts"].update(adress="x"),
        lambda one: one["operations"]["edge.send.intake-web"].update(action="publish"),
        lambda one: one["channels"]["case-facts"]["bindings"]["kafka"].update(partitions=0),
        lambda one: one["components"]["messages"]["key.v1"].update(payload=7),
    ],
)
def test_the_official_schema_finds_a_mistake(
    break_it: Callable[[Document], object], document: Document
) -> None:
    break_it(document)

    assert wrong(document) != []


def test_every_topic_is_a_channel_with_its_writers_and_readers(document: Document) -> None:
    assert len(document["channels"]) == len(every_topic())
    for topic in every_topic():
        channel = document["channels"][topic.name.lower()]
        ends = [name.split(".") for name in document["operations"] if _ends(name, topic.name)]
        assert channel["bindings"]["kafka"]["partitions"] == topic.partitions
        assert sorted(channel["messages"]) == sorted(topic.messages)
        assert len(ends) == len(topic.writers) + len(topic.readers)


def test_every_type_lies_in_a_topic(document: Document) -> None:
    assert set(document["components"]["messages"]) == set(inventory.types()) - SEALED


def test_every_reference_leads_somewhere(document: Document) -> None:
    for reference in _references(document):
        place, _, inside = reference.partition("#")
        if place:
            assert (ROOT / "schemas" / place).exists(), reference
        node = document
        for step in inside.strip("/").split("/") if inside else ():
            node = node[step]


@pytest.mark.parametrize("name", sorted(set(inventory.types()) & set(EXAMPLES)))
def test_an_example_fits_the_schema_that_its_message_refers_to(name: str) -> None:
    message = asyncapi.document()["components"]["messages"].get(name)
    reference = message["payload"]["schema"]["$ref"] if message else f"json/{name}.json"
    schema = json.loads((ROOT / "schemas" / reference).read_text())

    for example in EXAMPLES[name]:
        jsonschema.validate(json.loads(encode(example)), schema)


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["version"] == asyncapi.VERSION


def _ends(operation: str, topic: str) -> bool:
    return operation.split(".", 2)[2] == topic.lower()


def _references(node: object) -> Iterator[str]:
    match node:
        case {"$ref": str(reference)}:
            yield reference
        case dict():
            for one in node.values():
                yield from _references(one)
        case list():
            for one in node:
                yield from _references(one)
        case _:
            return
