"""The pages for authors of adapters and departments: their code is run as it stands."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka.structs import TopicPartition

from schemas.codec import decode, encode
from schemas.messages import Delivery, ProgressReport, Submission
from schemas.topics import INTAKE_PARTITIONS, Topic, municipal_topics
from schemas.vocabulary import Department, FactId, Municipality
from services.kafka import admin, append, producer, read_to_end, reader
from services.provision.topics import bring_about
from tests.builders import CASE_ID, NOON

pytestmark = pytest.mark.integration

DOCS = Path(__file__).parents[2] / "docs"
CITY = Municipality("hashtgerd")
PARKS = Department("parks")
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def code(page: str) -> dict[str, Any]:
    """What the page's code defines."""
    (block,) = BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))
    names: dict[str, Any] = {}
    exec(compile(block, page, "exec"), names)  # noqa: S102  # the page's own code is the subject
    return names


@pytest.fixture(scope="module")
def city(kafka: str) -> str:
    """A broker with the topics of a city of one department and one adapter."""
    client = admin(kafka)
    wanted: tuple[Topic, ...] = municipal_topics(CITY, [PARKS], ["sms-gateway"], department_days=1)
    bring_about(client, wanted, replication=1)
    client.close()
    return kafka


def lying(kafka: str, topic: str, count: int) -> list[Any]:
    consumer = reader(kafka, [TopicPartition(topic, number) for number in range(count)])
    try:
        return list(read_to_end(consumer))
    finally:
        consumer.close()


def test_the_adapters_page_has_no_more_than_twenty_lines_of_code() -> None:
    (block,) = BLOCK.findall((DOCS / "channel-adapter.md").read_text(encoding="utf-8"))

    assert len([line for line in block.splitlines() if line.strip()]) <= 21


def test_the_adapter_of_the_page_brings_messages_and_says_what_is_refused(
    city: str, capsys: pytest.CaptureFixture[str]
) -> None:
    messages = [
        {"id": "sms-1", "text": "سطل زباله پر است", "from": "09120000000"},
        {"id": "sms-2", "text": "   ", "from": "09120000001"},
        {"id": "sms-3", "text": "🌳" * 8_000, "from": "09120000002"},
    ]
    kept: list[str] = []

    code("channel-adapter.md")["carry"](city, lambda: messages, kept.append)

    found = lying(city, "intake-hashtgerd-sms-gateway", INTAKE_PARTITIONS)
    said = {one.reference: one for one in (decode(r.value, Submission) for r in found)}
    assert kept == ["sms-1", "sms-2", "sms-3"]
    assert set(said) == {"sms-1", "sms-3"}
    assert said["sms-1"].channel == "sms"
    assert said["sms-1"].author is None
    assert "sms-2 is not taken: text: is empty" in capsys.readouterr().out


def test_the_department_of_the_page_answers_what_it_is_given(city: str) -> None:
    delivery = Delivery(
        delivery_id="d-1",
        kind="assigned",
        case_id=CASE_ID,
        version=1,
        tracking_code="123456789012345",
        municipality=CITY,
        department=PARKS,
        recorded_at=NOON,
        fact_id=FactId("f-1"),
        words="assigned",
    )
    writer = producer(city, wait_seconds=10, bytes_max=1 << 20)
    append(writer, f"department-{CITY}-{PARKS}", key=CASE_ID, value=encode(delivery), headers=[])
    writer.close()

    with pytest.raises(EndOfDayError):
        code("department.md")["work"](city, f"{CITY}-{PARKS}", _until_evening())

    reports = [decode(r.value, ProgressReport) for r in lying(city, f"progress-{CITY}-{PARKS}", 1)]
    assert [(one.case_id, one.did) for one in reports] == [(CASE_ID, "acknowledged")]


class EndOfDayError(Exception):
    """Ends the loop of the page, which has no end of its own."""


def _until_evening() -> Callable[[dict[str, Any]], Iterator[str]]:
    def do(delivery: dict[str, Any]) -> Iterator[str]:
        assert json.dumps(delivery)
        yield "acknowledged"
        raise EndOfDayError

    return do
