"""Topics: what is fixed for ever stays fixed, everything has a limit, and the largest fits."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from schemas import codec, deliveries, example_values, examples, messages, sealing, topics
from schemas.contents import Content
from schemas.messages import DeadLetter, Submission
from schemas.places import Place, Reporter
from schemas.vocabulary import CHANNELS, Author, CaseId, Category, Department, District

MASTER = bytes(range(32))
CITY = example_values.CITY
PARKS = example_values.PARKS
# The character that takes the most room in JSON: six bytes for one.
WIDEST = "\x01"
# What Kafka adds to a record at most: batch and record heads, our headers, the key.
ENVELOPE_BYTES = 4 * 1024

# Computed once and written down: another partitioner would split the history of every case.
KNOWN_PARTITIONS = {
    "case-0": 0,
    "case-1": 6,
    "case-2": 4,
    "case-3": 2,
    "case-4": 1,
    "case-5": 7,
    "case-6": 5,
    "case-7": 3,
    "mzxw6ytboi4dq2lomzxw6ytboi4dq2lo": 0,
    "a": 3,
    "": 0,
    "2222222222222222222222222222": 3,
    "zzzzzzzzzzzzzzzzzzzzzzzzzzzz": 4,
}


@pytest.mark.parametrize(("case_id", "partition"), KNOWN_PARTITIONS.items())
def test_a_case_stays_in_its_partition_for_ever(case_id: str, partition: int) -> None:
    assert topics.partition_of(CaseId(case_id)) == partition


def test_the_known_cases_reach_every_partition() -> None:
    assert set(KNOWN_PARTITIONS.values()) == set(range(topics.LOG_PARTITIONS))


def test_what_belongs_to_a_case_lies_in_the_same_partition_of_each_topic() -> None:
    by_name = {one.name: one for one in every_topic()}

    assert topics.LOG_PARTITIONS == 8
    for name in (topics.CASE_FACTS, topics.KEYRING, topics.DEAD_LETTERS):
        assert by_name[name].partitions == topics.LOG_PARTITIONS


def every_topic() -> tuple[topics.Topic, ...]:
    city = topics.municipal_topics(CITY, [PARKS], ["crm"], department_days=30)
    return (*topics.fixed_topics(dead_letter_days=30), *city)


@pytest.mark.parametrize("topic", every_topic(), ids=lambda topic: topic.name)
def test_every_topic_has_limits_an_owner_and_a_reader(topic: topics.Topic) -> None:
    assert 0 < topic.bytes_max <= 4 * 1024 * 1024
    assert 0 < topic.partitions <= topics.LOG_PARTITIONS
    assert topic.writers
    assert topic.readers
    assert topic.purpose
    assert topic.key
    assert topic.name == topic.name.lower()
    assert set(topic.name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not (topic.compacted and topic.retention_days)


@pytest.mark.parametrize("topic", every_topic(), ids=lambda topic: topic.name)
def test_an_inbox_takes_the_time_from_the_broker_and_is_kept(topic: topics.Topic) -> None:
    inbox = topic.name.startswith(("intake-", "progress-", "imports", "repairs"))

    assert topic.append_time == inbox
    if inbox:
        assert topic.retention_days is None
        assert not topic.compacted


def test_no_two_topics_have_the_same_name() -> None:
    names = [topic.name for topic in every_topic()]

    assert len(names) == len(set(names))


def test_every_channel_has_an_inbox_of_the_edge() -> None:
    assert [inbox.channel for inbox in topics.edge_inboxes()] == list(CHANNELS)
    assert {inbox.topic for inbox in topics.edge_inboxes()} < {one.name for one in every_topic()}


def test_the_parts_of_split_cases_have_an_inbox_that_the_dispatcher_alone_writes() -> None:
    (parts,) = [one for one in every_topic() if one.name == topics.INTAKE_PARTS]

    assert parts.writers == ("dispatcher",)
    assert parts.readers == ("router intake",)
    assert parts.append_time


def test_names_are_as_the_design_has_them() -> None:
    assert topics.intake_of("sms") == "intake-sms"
    assert topics.adapter_intake_of(CITY, "crm") == "intake-hashtgerd-crm"
    assert topics.progress_of(CITY, PARKS) == "progress-hashtgerd-parks"
    assert topics.department_of(CITY, PARKS) == "department-hashtgerd-parks"


def test_the_largest_submission_fits_its_inbox() -> None:
    assert len(codec.encode(largest_submission())) + ENVELOPE_BYTES <= topics.INBOX_BYTES_MAX


def test_the_largest_submission_sealed_fits_the_log() -> None:
    said = largest_submission()
    content = Content(text=said.text, place=said.place, reporter=said.reporter)
    kid, key = sealing.new_key()
    block = sealing.seal(codec.encode(content), key=key, kid=kid, bound_to="case/content")
    wide = WIDEST * messages.FIELD_CHARACTERS_MAX
    fact = replace(
        example_values.SUBMITTED,
        content=block,
        author=Author(wide),
        category_chosen=Category(wide),
        district=District(wide),
    )

    assert len(codec.encode(fact)) + ENVELOPE_BYTES <= topics.LOG_BYTES_MAX


def test_the_largest_inbox_record_sealed_fits_the_dead_letters() -> None:
    record = b"\xff" * topics.INBOX_BYTES_MAX
    letter = replace(
        dead_letter(),
        payload=sealing.seal_alone(record, master=MASTER, bound_to="source"),
        reason=WIDEST * 2_000,
    )

    assert len(codec.encode(letter)) + ENVELOPE_BYTES <= topics.DEAD_LETTER_BYTES_MAX


def test_the_largest_inbox_record_can_be_sent_again() -> None:
    payload = base64.b64encode(b"\xff" * topics.INBOX_BYTES_MAX).decode()
    repair = replace(example_values.REPAIR, payload=payload)

    assert len(codec.encode(repair)) + ENVELOPE_BYTES <= limit(topics.REPAIRS)


def test_a_dead_letter_of_a_repair_still_fits() -> None:
    """A repair that cannot be processed is set aside whole."""
    record = b"\xff" * limit(topics.REPAIRS)
    payload = sealing.seal_alone(record, master=MASTER, bound_to="source")

    letter = codec.encode(replace(dead_letter(), payload=payload))

    assert len(letter) + ENVELOPE_BYTES <= topics.DEAD_LETTER_BYTES_MAX


def test_the_largest_text_reaches_its_department() -> None:
    said = largest_submission()
    full = examples.EXAMPLES["delivery.v1"][1]
    assert isinstance(full, deliveries.Delivery)
    delivery = replace(full, text=said.text, place=said.place, words=WIDEST * 2_000)

    room = limit(topics.department_of(CITY, PARKS))
    assert len(codec.encode(delivery)) + ENVELOPE_BYTES <= room


def largest_submission(**changed: Any) -> Submission:  # noqa: ANN401  # a field of any type
    wide = WIDEST * messages.FIELD_CHARACTERS_MAX
    return replace(
        example_values.SUBMISSION,
        text=WIDEST * messages.TEXT_CHARACTERS_MAX,
        reference=WIDEST * messages.REFERENCE_CHARACTERS_MAX,
        author=Author(wide),
        category=Category(wide),
        place=Place(lat=-35.123456789012345, lon=50.1, address=wide, district=District(wide)),
        reporter=Reporter(name=wide, phone=wide, email=wide),
        occurred_at=example_values.AT,
        **changed,
    )


def dead_letter() -> DeadLetter:
    (letter,) = examples.EXAMPLES["dead-letter.v1"]
    assert isinstance(letter, DeadLetter)
    return letter


def limit(name: str) -> int:
    (found,) = (one.bytes_max for one in every_topic() if one.name == name)
    return found


def test_a_department_id_is_part_of_its_topics_alone() -> None:
    roads = topics.municipal_topics(CITY, [Department("roads")], [], department_days=30)

    assert [one.name for one in roads] == ["progress-hashtgerd-roads", "department-hashtgerd-roads"]
