"""What a log line may say, tried on the errors and messages that hold a citizen's words."""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass

import asyncpg
import pytest
from kafka.errors import KafkaError
from pydantic import BaseModel, ValidationError

from schemas import scrubbing
from schemas.codec import UndecodableError, decode
from schemas.messages import Submission
from schemas.places import Reporter

NAME = "Shirin Plantedname"
PHONE = "0912 345 6789"
MAIL = "shirin@planted.example"
WORDS = "my neighbour's dog barks all night"
SECRETS = (NAME, PHONE, MAIL, WORDS)


class _Body(BaseModel):
    count: int


def _validation() -> None:
    _Body.model_validate({"count": WORDS})


def _row() -> None:
    raise asyncpg.NotNullViolationError(f"Failing row contains ({NAME}, {WORDS})")


def _bytes() -> None:
    f"{WORDS}\udcff".encode()


def _kafka() -> None:
    raise KafkaError(WORDS)


def _local() -> None:
    text = WORDS
    raise KeyError(text)


def _lookup() -> None:
    {}[NAME]


def _chained() -> None:
    try:
        _validation()
    except ValidationError as error:
        raise RuntimeError(WORDS) from error


async def _in_group() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.to_thread(_row))


FOREIGN: dict[str, tuple[Callable[[], object], str]] = {
    "a validation's input": (_validation, "ValidationError"),
    "a failing row": (_row, "NotNullViolationError"),
    "bytes that are no text": (_bytes, "UnicodeEncodeError"),
    "a broker's words": (_kafka, "KafkaError"),
    "a local variable": (_local, "KeyError"),
    "a key": (_lookup, "KeyError"),
    "a chain of them": (_chained, "RuntimeError"),
    "a group of them": (lambda: asyncio.run(_in_group()), "ExceptionGroup"),
}


def caught(action: Callable[[], object]) -> BaseException:
    try:
        action()
    except Exception as error:  # noqa: BLE001
        return error
    raise AssertionError("it raised nothing")


def record(message: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord("library", logging.ERROR, __file__, 7, message, values, None)


@pytest.mark.parametrize(("action", "name"), FOREIGN.values(), ids=list(FOREIGN))
def test_of_a_foreign_error_only_its_type_and_its_place_are_told(
    action: Callable[[], object], name: str
) -> None:
    said = scrubbing.of_error(caught(action))

    assert said["error"] == name
    assert any(one.startswith("logs/test_scrubbing.py:") for one in said["trail"])
    assert "reason" not in said
    assert not any(secret in str(said) for secret in SECRETS)


def test_of_our_own_error_the_words_are_told_and_they_repeat_nothing() -> None:
    body = json.dumps({"type": "submission.v1", "text": WORDS, "channel": NAME, "x": [PHONE]})

    said = scrubbing.of_error(caught(lambda: decode(body, Submission)))

    assert said["error"] == UndecodableError.__name__
    assert "channel: Input should be" in said["reason"]
    assert not any(secret in str(said) for secret in SECRETS)


def test_causes_are_told_by_their_types() -> None:
    assert scrubbing.of_error(caught(_chained))["because"] == ["ValidationError"]
    assert scrubbing.of_error(caught(FOREIGN["a group of them"][0]))["because"][0] == (
        "NotNullViolationError"
    )


def test_a_librarys_sentence_is_told_as_it_stands_in_its_code() -> None:
    said = scrubbing.of_record(record("cannot reach %s after %d tries: %r", "kafka-1:9092", 3, 0.5))

    assert said["event"] == "cannot reach kafka-1:9092 after 3 tries: 0.5"
    assert said["where"] == "logs/test_scrubbing.py:7"


@pytest.mark.parametrize("secret", SECRETS)
def test_a_librarys_values_are_not_told(secret: str) -> None:
    for given in (secret, ValueError(secret), [secret], {"a": secret}, Reporter(name=secret)):
        said = scrubbing.of_record(record("it choked on %s", given))

        assert said["event"].startswith("it choked on ")
        assert secret not in str(said)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_sentence_made_at_run_time_is_not_told(secret: str) -> None:
    said = scrubbing.of_record(record(f"it choked on {secret}"))

    assert secret not in str(said)
    assert "made at run time" in said["event"]


def test_a_sentence_whose_values_do_not_fit_is_told_without_them() -> None:
    assert scrubbing.of_record(record("%d tries", WORDS))["event"] == "%d tries"


@pytest.mark.parametrize("name", sorted(scrubbing.PERSONAL))
def test_what_lies_under_a_personal_name_is_left_out(name: str) -> None:
    told = scrubbing.fields({"event": "said", name: WORDS, "more": {name.upper(): WORDS}})

    assert told == {"event": "said", "more": {"left_out": [name]}, "left_out": [name]}


@dataclass(frozen=True)
class _Thing:
    said: str


@pytest.mark.parametrize(
    "written",
    [PHONE, "09123456789", "+989123456789", "0098 912 345 6789", "۰۹۱۲۳۴۵۶۷۸۹", MAIL],
)
def test_what_looks_like_a_phone_or_an_e_mail_is_left_out_wherever_it_stands(written: str) -> None:
    told = scrubbing.fields({"event": f"said {written}.", "also": [{"more": written}]})

    assert written not in str(told)


@pytest.mark.parametrize("technical", ["14021234567890", "a9120000000f", "2026-11-24T10:00:00"])
def test_what_only_resembles_one_is_told(technical: str) -> None:
    assert scrubbing.text(technical) == technical


def test_a_value_is_bounded_and_an_object_is_told_by_its_type() -> None:
    told = scrubbing.fields(
        {"long": "x" * 10_000, "many": list(range(10_000)), "thing": _Thing(WORDS), "raw": b"abc"}
    )

    assert len(told["long"]) == scrubbing.VALUE_CHARACTERS_MAX + 1
    assert len(told["many"]) == scrubbing.VALUES_MAX
    assert (told["thing"], told["raw"]) == ("<_Thing>", "<bytes>")


def test_what_is_nested_without_an_end_is_cut() -> None:
    nested: dict[str, object] = {}
    nested["more"] = nested

    assert len(str(scrubbing.fields(nested))) < 200
