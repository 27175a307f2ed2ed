"""The AsyncAPI 3 document: every topic as a channel, made from the topic table."""

from collections.abc import Iterable
from typing import Any

from schemas import inventory
from schemas.topics import ROUTER_GROUPS, Topic
from services.contract.picture import every_topic
from services.contract.topic_settings import configuration

Document = dict[str, Any]

ASYNCAPI = "3.0.0"
BINDING = "0.5.0"
VERSION = "0.1.0"
# A municipality's topics stand in the table under these words.
PLACEHOLDERS = {
    "MUNICIPALITY": "an id of a published policy, such as `hashtgerd`",
    "DEPARTMENT": "an id of a department of that policy, such as `parks`",
    "ADAPTER": "an id of an adapter of that policy, such as `sms-gateway`",
}
HEADERS: Document = {
    "type": "object",
    "description": "CloudEvents 1.0 attributes, in Kafka's binary content mode. Peygir writes them"
    " on what it sends; it rests on none of them in what it reads.",
    "properties": {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {"type": "string", "description": "the fact's or the delivery's id"},
        "ce_type": {"type": "string", "description": "the type, as in the payload"},
        "ce_source": {
            "type": "string",
            "description": "the process, such as `peygir/router-intake`",
        },
        "ce_subject": {"type": "string", "description": "the case id"},
        "ce_time": {"type": "string", "format": "date-time"},
        "content-type": {"type": "string", "const": "application/json"},
        "traceparent": {
            "type": "string",
            "description": "the trace that it is part of, by W3C Trace Context, where tracing is"
            " on; what is read may have it too, and then goes on in that trace",
        },
    },
}


def document() -> Document:
    """As a value that JSON can hold; payloads refer to the generated JSON Schemas beside it."""
    topics = every_topic()
    return {
        "asyncapi": ASYNCAPI,
        "info": {
            "title": "Peygir's topics",
            "version": VERSION,
            "description": "Each topic, who writes and reads it, and what lies in it. A message is"
            " a claim by its author; a fact is what Peygir recorded of it. Readers ignore unknown"
            " fields, and refuse unknown types and versions.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {_channel_id(topic): _channel(topic) for topic in topics},
        "operations": {name: one for topic in topics for name, one in _operations(topic)},
        "components": {
            "messages": {name: _message(name) for name in _types(topics)},
            "schemas": {"cloud-events": HEADERS},
        },
    }


def _types(topics: Iterable[Topic]) -> list[str]:
    """What lies in the topics, in the order of the inventory."""
    lying = {name for topic in topics for name in topic.messages}
    return [name for name in inventory.types() if name in lying]


def _channel(topic: Topic) -> Document:
    parameters = {
        word.lower(): {"description": meaning}
        for word, meaning in PLACEHOLDERS.items()
        if word in topic.name
    }
    return {
        "address": _address(topic),
        "title": _address(topic),
        "description": f"{topic.purpose[0].upper()}{topic.purpose[1:]}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in topic.messages},
        **({"parameters": parameters} if parameters else {}),
        "bindings": {"kafka": _binding(topic)},
        "x-key": topic.key,
    }


def _binding(topic: Topic) -> Document:
    kept = configuration(topic)
    return {
        "topic": _address(topic),
        "partitions": topic.partitions,
        "topicConfiguration": {
            **{name: _typed(value) for name, value in kept.items()},
            "cleanup.policy": [kept["cleanup.policy"]],
        },
        "bindingVersion": BINDING,
    }


def _operations(topic: Topic) -> Iterable[tuple[str, Document]]:
    for writer in topic.writers:
        yield _operation("send", writer, topic)
    for reader in topic.readers:
        yield _operation("receive", reader, topic)


def _operation(action: str, who: str, topic: Topic) -> tuple[str, Document]:
    channel = _channel_id(topic)
    name = f"{who.replace(' ', '-')}.{action}.{channel}"
    kind = who.removeprefix("router ")
    group = next((one for known, one in ROUTER_GROUPS.items() if known == kind), None)
    bound = {"groupId": {"type": "string", "const": group}, "bindingVersion": BINDING}
    return name, {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": f"{who} {'writes' if action == 'send' else 'reads'} {_address(topic)}",
        "messages": [{"$ref": f"#/channels/{channel}/messages/{one}"} for one in topic.messages],
        **({"bindings": {"kafka": bound}} if group else {}),
    }


def _message(name: str) -> Document:
    kind = inventory.types()[name]
    return {
        "name": name,
        "title": kind.__name__,
        "summary": (kind.__doc__ or kind.__name__).splitlines()[0],
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/cloud-events"},
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"json/{name}.json"},
        },
        "bindings": {"kafka": {"key": {"type": "string"}, "bindingVersion": BINDING}},
    }


def _channel_id(topic: Topic) -> str:
    """A name that a reference can hold: without braces."""
    return topic.name.lower()


def _address(topic: Topic) -> str:
    address = topic.name
    for word in PLACEHOLDERS:
        address = address.replace(word, f"{{{word.lower()}}}")
    return address


def _typed(value: str) -> int | str:
    return int(value) if value.lstrip("-").isdigit() else value
