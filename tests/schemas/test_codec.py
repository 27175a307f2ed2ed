"""The codec: what is written is read again, and an error never repeats what the bytes said."""

import contextlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import codec, example_values, examples, inventory
from schemas.facts import Fact, Routed
from schemas.messages import Submission

SAID = "09123456789"
FACTS: tuple[type[object], ...] = get_args(Fact)

moments = st.datetimes(
    min_value=datetime(1900, 1, 1),
    max_value=datetime(2200, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=3, minutes=30))]),
)
st.register_type_strategy(datetime, moments)
# JSON has no infinity, and no reader of ours needs more than 64 bits.
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(int, st.integers(min_value=-(2**63), max_value=2**63 - 1))


@settings(deadline=None)  # the first value of a type builds its strategy
@given(data=st.data(), kind=st.sampled_from(sorted(inventory.types().items())))
def test_every_type_is_read_as_it_was_written(
    data: st.DataObject, kind: tuple[str, type[object]]
) -> None:
    value = _any(data, kind[1])

    assert codec.decode(codec.encode(value), kind[1]) == value


@settings(deadline=None)  # the first value of a type builds its strategy
@given(data=st.data(), kind=st.sampled_from(FACTS))
def test_a_fact_is_known_by_its_type_field(data: st.DataObject, kind: type[object]) -> None:
    fact = _any(data, kind)

    assert codec.decode_fact(codec.encode(fact)) == fact


@settings(deadline=None)  # the first value of a type builds its strategy
@given(data=st.data(), kind=st.sampled_from(sorted(inventory.types().items())))
def test_the_same_value_is_always_the_same_bytes(
    data: st.DataObject, kind: tuple[str, type[object]]
) -> None:
    raw = codec.encode(_any(data, kind[1]))

    assert codec.encode(codec.decode(raw, kind[1])) == raw


@given(raw=st.binary())
def test_any_bytes_are_a_fact_or_an_undecodable_error(raw: bytes) -> None:
    with contextlib.suppress(codec.UndecodableError):  # anything else would stop a reader
        codec.decode_fact(raw)


@pytest.mark.parametrize("name", sorted(inventory.types()))
def test_every_type_has_examples_that_are_read_again(name: str) -> None:
    for value in examples.EXAMPLES[name]:
        assert codec.decode(codec.encode(value), inventory.types()[name]) == value


@pytest.mark.parametrize("name", sorted(inventory.types()))
def test_unknown_fields_are_ignored_so_that_older_readers_survive(name: str) -> None:
    value = examples.EXAMPLES[name][0]
    record = json.loads(codec.encode(value)) | {"from_the_future": {"deep": [1]}}

    assert codec.decode(json.dumps(record), inventory.types()[name]) == value


@pytest.mark.parametrize(
    "type_name",
    ["case.reopened.v1", "case.routed.v2", "", None, 7],
    ids=["unknown", "next version", "empty", "none", "number"],
)
def test_a_fact_of_an_unknown_type_or_version_is_an_error(type_name: object) -> None:
    record = _record(example_values.ROUTED) | {"type": type_name}

    with pytest.raises(codec.UndecodableError):
        codec.decode_fact(json.dumps(record))


def test_a_fact_without_a_type_is_an_error() -> None:
    record = _record(example_values.ROUTED)
    del record["type"]

    with pytest.raises(codec.UndecodableError):
        codec.decode_fact(json.dumps(record))


@pytest.mark.parametrize(
    "moment",
    ["2026-11-24T08:30:00", "yesterday", "2026-13-01T00:00:00Z", "", None, []],
    ids=["no zone", "no time", "no such month", "empty", "none", "list"],
)
def test_a_time_without_a_zone_or_sense_is_an_error(moment: object) -> None:
    record = _record(example_values.ROUTED) | {"recorded_at": moment}

    with pytest.raises(codec.UndecodableError, match="recorded_at: "):
        codec.decode(json.dumps(record), Routed)


@pytest.mark.parametrize(
    "moment",
    [
        "2026",
        "1700000000",
        "-5",
        "1.5",
        2026,
        "2026-11-24",
        "2026-11-24T08:30:00",
        "20261124T083000Z",
    ],
)
def test_a_number_that_others_write_is_no_time(moment: object) -> None:
    record = _record(example_values.SUBMISSION) | {"occurred_at": moment}

    with pytest.raises(codec.UndecodableError, match=r"^occurred_at: is not a moment in ISO"):
        codec.decode(json.dumps(record), Submission)


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-24T08:30:00Z",
        "2026-11-24t08:30:00z",
        "2026-11-24 08:30Z",
        "2026-11-24T12:00:00+03:30",
        "2026-11-24T08:30:00.000000000+00:00",
    ],
)
def test_every_way_to_write_a_moment_with_its_zone_is_read(moment: str) -> None:
    record = _record(example_values.SUBMISSION) | {"occurred_at": moment}

    read = codec.decode(json.dumps(record), Submission)

    assert read.occurred_at == datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    assert codec.decode(codec.encode(read), Submission) == read


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"null", b"[]", b"7", b"\xff\xfe{}", b'{"text": "\xc3"}', b"{}", b"[" * 10_000],
    ids=["nothing", "open", "null", "list", "number", "no UTF-8", "half a letter", "empty", "deep"],
)
def test_undecodable_bytes_are_an_error(raw: bytes) -> None:
    with pytest.raises(codec.UndecodableError):
        codec.decode(raw, Submission)


@pytest.mark.parametrize(
    "change",
    [
        {"channel": SAID},
        {"text": [SAID]},
        {"place": {"lat": SAID}},
        {"occurred_at": f"{SAID}T"},
        {"reporter": SAID},
        {"type": SAID},
    ],
    ids=lambda change: next(iter(cast("dict[str, Any]", change))),
)
def test_an_error_never_repeats_what_was_said(change: dict[str, Any]) -> None:
    record = _record(example_values.SUBMISSION) | change

    with pytest.raises(codec.UndecodableError) as caught:
        codec.decode(json.dumps(record), Submission)

    assert SAID not in str(caught.value)
    assert next(iter(change)) in str(caught.value)
    assert caught.value.__cause__ is None, "a chained cause would show the input in a traceback"
    assert caught.value.__suppress_context__


def test_the_type_of_a_fact_is_not_repeated_either() -> None:
    record = _record(example_values.ROUTED) | {"type": SAID}

    with pytest.raises(codec.UndecodableError) as caught:
        codec.decode_fact(json.dumps(record))

    assert SAID not in str(caught.value)


def test_half_of_a_letter_cannot_be_written_and_is_not_repeated() -> None:
    with pytest.raises(codec.UndecodableError) as caught:
        codec.encode(Submission(**_fields(text=f"{SAID}\ud800")))

    assert SAID not in str(caught.value)


def test_absent_fields_are_not_written() -> None:
    assert b"null" not in codec.encode(example_values.SUBMITTED)


def test_persian_is_written_as_it_is() -> None:
    assert "چراغ".encode() in codec.encode(example_values.SUBMISSION)


def test_the_headers_are_cloudevents_attributes_in_binary_mode() -> None:
    fact = example_values.SUBMITTED

    found = codec.headers(
        fact.type,
        event_id=fact.fact_id,
        subject=fact.case_id,
        source="peygir/router",
        at=fact.recorded_at,
    )

    assert dict(found) == {
        "ce_specversion": b"1.0",
        "ce_id": fact.fact_id.encode(),
        "ce_type": b"case.submitted.v1",
        "ce_source": b"peygir/router",
        "ce_subject": fact.case_id.encode(),
        "ce_time": b"2026-11-24T08:30:00+00:00",
        "content-type": b"application/json",
    }
    assert len(found) == len(dict(found))


def test_a_fact_names_its_own_type() -> None:
    assert codec.decode_fact(codec.encode(example_values.SUBMITTED)).type == "case.submitted.v1"


def _any(data: st.DataObject, kind: type[object]) -> object:
    return data.draw(st.from_type(kind))


def _record(value: object) -> dict[str, Any]:
    return json.loads(codec.encode(value))


def _fields(**changed: Any) -> dict[str, Any]:  # noqa: ANN401  # a field of any type
    names = ("municipality", "channel", "text", "reference")
    return {name: getattr(example_values.SUBMISSION, name) for name in names} | changed
