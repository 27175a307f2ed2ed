"""What breaks a released type, shown by changes of real ones; jsonsubschema has its say too."""

import copy
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import inventory
from schemas.compatibility import Schema, breaks, inlined
from tests.schemas.subschema import objects, still_valid

Change = Callable[[Schema], object]


def properties(schema: Schema, definition: str | None = None) -> Schema:
    return (schema["$defs"][definition] if definition else schema)["properties"]


def require(schema: Schema, name: str) -> None:
    schema["required"] = [*schema["required"], name]


def rename(fields: Schema, name: str, new_name: str) -> None:
    fields[new_name] = fields.pop(name)


BAD: list[tuple[str, str, Change, str]] = [
    ("a field is removed", "case.routed.v1", lambda s: properties(s).pop("reason"), "$.reason"),
    (
        "an optional field is removed",
        "case.submitted.v1",
        lambda s: properties(s).pop("area"),
        "$.area",
    ),
    (
        "a field is renamed",
        "case.routed.v1",
        lambda s: rename(properties(s), "cause", "caused_by"),
        "$.cause",
    ),
    (
        "a field below is removed",
        "case.routed.v1",
        lambda s: properties(s, "WarningPoint").pop("at"),
        "$.promises[].warnings[].at",
    ),
    (
        "text becomes a number",
        "case.routed.v1",
        lambda s: properties(s)["reason"].update(type="integer"),
        "$.reason",
    ),
    (
        "a whole number becomes a fraction",
        "case.routed.v1",
        lambda s: properties(s, "Promise")["budget_seconds"].update(type="number"),
        "$.promises[].budget_seconds",
    ),
    (
        "one becomes many",
        "case.routed.v1",
        lambda s: properties(s).update(department={"type": "array", "items": {"type": "string"}}),
        "$.department",
    ),
    (
        "the items become something else",
        "delivery.v1",
        lambda s: properties(s)["promises"].update(items={"type": "string"}),
        "$.promises[]",
    ),
    (
        "optional becomes required",
        "case.acknowledged.v1",
        lambda s: require(s, "if_version"),
        "$.if_version",
    ),
    (
        "required becomes optional",
        "case.routed.v1",
        lambda s: s["required"].remove("reason"),
        "$.reason",
    ),
    (
        "a new field is required",
        "case.routed.v1",
        lambda s: (properties(s).update(queue={"type": "string"}), require(s, "queue")),
        "$.queue",
    ),
    (
        "null is no longer allowed",
        "case.acknowledged.v1",
        lambda s: properties(s).update(if_version={"type": "integer", "default": None}),
        "$.if_version",
    ),
    (
        "null is allowed now",
        "case.routed.v1",
        lambda s: properties(s).update(reason={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        "$.reason",
    ),
    (
        "a value is removed",
        "case.submitted.v1",
        lambda s: properties(s)["channel"]["enum"].remove("sms"),
        "$.channel",
    ),
    (
        "a value is added to a fact",
        "case.submitted.v1",
        lambda s: properties(s)["channel"]["enum"].append("fax"),
        "$.channel",
    ),
    (
        "listed values become any",
        "case.routed.v1",
        lambda s: properties(s)["priority"].pop("enum"),
        "$.priority",
    ),
    (
        "any value becomes listed ones",
        "case.routed.v1",
        lambda s: properties(s)["department"].update(enum=["parks"]),
        "$.department",
    ),
    (
        "the type's own name changes",
        "case.routed.v1",
        lambda s: properties(s)["type"].update(const="case.routed.v2"),
        "$.type",
    ),
    (
        "a default changes",
        "case.warned.v1",
        lambda s: properties(s)["unconfirmed"].update(default=True),
        "$.unconfirmed",
    ),
    (
        "a format appears",
        "case.routed.v1",
        lambda s: properties(s)["cause"].update(format="uri"),
        "$.cause",
    ),
    (
        "a format goes",
        "case.routed.v1",
        lambda s: properties(s)["recorded_at"].pop("format"),
        "$.recorded_at",
    ),
    (
        "a bound appears",
        "case.routed.v1",
        lambda s: properties(s)["reason"].update(maxLength=10),
        "$.reason",
    ),
    (
        "a pattern appears",
        "submission.v1",
        lambda s: properties(s)["reference"].update(pattern="^[a-z]+$"),
        "$.reference",
    ),
    (
        "a lower bound appears where others write",
        "submission.v1",
        lambda s: properties(s)["text"].update(minLength=1),
        "$.text",
    ),
    (
        "a value is removed where others write",
        "progress.v1",
        lambda s: properties(s)["did"]["enum"].remove("resolved"),
        "$.did",
    ),
    (
        "unknown fields are refused",
        "delivery.v1",
        lambda s: s.update(additionalProperties=False),
        "$",
    ),
    (
        "a keyword that no rule knows",
        "delivery.v1",
        lambda s: s.update(dependentRequired={"lat": ["lon"]}),
        "$",
    ),
]

GOOD: list[tuple[str, str, Change]] = [
    (
        "an optional field is added",
        "case.routed.v1",
        lambda s: properties(s).update(
            queue={"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
        ),
    ),
    (
        "an optional field is added below",
        "case.routed.v1",
        lambda s: properties(s, "Promise").update(note={"type": "string", "default": ""}),
    ),
    ("a docstring is rewritten", "case.routed.v1", lambda s: s.update(description="Other words.")),
    (
        "a field is described",
        "case.routed.v1",
        lambda s: properties(s)["reason"].update(description="why", title="Why"),
    ),
    (
        "a class is renamed",
        "case.routed.v1",
        lambda s: (
            s["$defs"].update(Pledge=s["$defs"].pop("Promise")),
            properties(s)["promises"]["items"].update({"$ref": "#/$defs/Pledge"}),
        ),
    ),
    ("the fields are reordered", "case.routed.v1", lambda s: s["required"].reverse()),
    (
        "a value is added where only others write",
        "submission.v1",
        lambda s: properties(s)["channel"]["enum"].append("fax"),
    ),
    (
        "required becomes optional where only others write",
        "submission.v1",
        lambda s: s["required"].remove("reference"),
    ),
]


@pytest.mark.parametrize(("name", "change", "place"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_a_bad_change_is_named_with_its_place(name: str, change: Change, place: str) -> None:
    old, new = _changed(name, change)

    found = _breaks(name, old, new)

    assert [words for words in found if words.startswith(f"{place}: ")], found
    assert all(words.startswith((f"{place}: ", f"{place}.", f"{place}[")) for words in found)


@pytest.mark.parametrize(("name", "change"), [g[1:] for g in GOOD], ids=[g[0] for g in GOOD])
def test_a_good_change_passes(name: str, change: Change) -> None:
    old, new = _changed(name, change)

    assert _breaks(name, old, new) == []


@pytest.mark.parametrize(("name", "change"), [g[1:] for g in GOOD], ids=[g[0] for g in GOOD])
def test_jsonsubschema_agrees_that_every_old_record_is_still_valid(
    name: str, change: Change
) -> None:
    old, new = _changed(name, change)

    assert still_valid(old, new)


@pytest.mark.parametrize(("name", "change"), [b[1:3] for b in BAD], ids=[b[0] for b in BAD])
def test_what_jsonsubschema_calls_incompatible_is_never_let_through(
    name: str, change: Change
) -> None:
    old, new = _changed(name, change)

    if not still_valid(old, new):
        assert _breaks(name, old, new)


@pytest.mark.parametrize("name", inventory.types())
def test_a_type_does_not_break_itself(name: str) -> None:
    schema = inventory.schema_of(name)

    assert breaks(schema, schema) == []


@given(data=st.data(), name=st.sampled_from(sorted(inventory.types())))
def test_any_field_that_goes_anywhere_is_missed(data: st.DataObject, name: str) -> None:
    old = inlined(inventory.schema_of(name))
    new = copy.deepcopy(old)
    holder = data.draw(st.sampled_from(objects(new)))
    holder["properties"].pop(data.draw(st.sampled_from(sorted(holder["properties"]))))

    assert any("removed or renamed" in words for words in breaks(old, new))


def test_a_type_that_contains_itself_is_refused_in_words() -> None:
    endless = {
        "$defs": {"Case": {"type": "object", "properties": {"of": {"$ref": "#/$defs/Case"}}}},
        "$ref": "#/$defs/Case",
    }

    with pytest.raises(ValueError, match="Case contains itself"):
        breaks(endless, endless)


def _changed(name: str, change: Change) -> tuple[Schema, Schema]:
    old = inventory.schema_of(name)
    new = copy.deepcopy(old)
    change(new)
    assert old != new, "the change must change something"
    return old, new


def _breaks(name: str, old: Schema, new: Schema) -> list[str]:
    return breaks(old, new, read_only_by_us=name in inventory.READ_ONLY_BY_US)
