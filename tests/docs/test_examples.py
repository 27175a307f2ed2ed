"""The pages for authors of adapters and departments: their code is run as it stands."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from kafka.structs import TopicPartition

from schemas.codec import decode, encode
from schemas.deliveries import Delivery, DeliveryKind
from schemas.facts import Progress
from schemas.messages import ProgressReport, Submission
from schemas.policy import BodyPolicy, Budget, PausePolicy
from schemas.topics import INTAKE_PARTITIONS, ProgressInbox, Topic, municipal_topics
from schemas.vocabulary import (
    Author,
    Body,
    Deed,
    Department,
    FactId,
    Municipality,
    PauseReason,
    Role,
)
from services.command.department_says import SAID as COMMANDS
from services.kafka import admin, append, producer, read_to_end, reader
from services.provision.topics import bring_about
from streams.core.in_force import Published, ready, with_version
from streams.core.permissions import MAY
from streams.core.reporting import DEPARTMENTS_DEEDS, reported
from tests.builders import CASE_ID, NOON, source
from tests.policies import policy

pytestmark = pytest.mark.integration

DOCS = Path(__file__).parents[2] / "docs"
CITY = Municipality("hashtgerd")
PARKS = Department("parks")
PAUSING = replace(
    policy(),
    bodies=(BodyPolicy(body=Body("water"), title_fa="آب", title_en="Water", contact="122"),),
    pauses=(
        PausePolicy(
            reason=PauseReason("weather"),
            title_fa="هوا",
            title_en="Weather",
            longest=Budget(seconds=3_600, working_time=False),
            clocks=("resolution",),
        ),
    ),
)
# What is said, in the last column of a table.
SAID = re.compile(r"`(\{\"did\".*?\})` \|$", re.MULTILINE)
# What is not a department's alone, with whose it is.
OTHERS = re.compile(r"^\| `([a-z-]+)` \| [^|]+ \| ([^|]+) \| `\{", re.MULTILINE)
NAMED: Mapping[Role, str] = {
    "operator": "the 137 centre",
    "member": "members",
    "head": "heads",
    "deputy": "deputies",
    "mayor": "the mayor",
    "citizen": "the citizen",
}
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


def test_every_deed_has_an_example_that_the_router_takes() -> None:
    page = (DOCS / "department.md").read_text(encoding="utf-8")
    examples = [json.loads(one) for one in SAID.findall(page)]
    published = with_version({}, ready(PAUSING))

    facts = [_fact(example, published) for example in examples]

    assert [one.type for one in facts] == [f"case.{one['did']}.v1" for one in examples]
    assert {one["did"] for one in examples} == set(get_args(Deed))


def test_every_kind_of_delivery_is_explained() -> None:
    page = (DOCS / "department.md").read_text(encoding="utf-8")
    _, _, kinds = page.partition("## What a delivery may be")

    first = "\n".join(re.findall(r"^\| ([^|]+) \|", kinds, re.MULTILINE))
    assert set(re.findall(r"`([a-z-]+)`", first)) - {"kind"} == set(get_args(DeliveryKind))


def test_each_table_of_deeds_holds_what_a_department_may_say_and_what_it_may_not() -> None:
    page = (DOCS / "department.md").read_text(encoding="utf-8")
    own, _, others = page.partition("What else can be said")
    said = [[json.loads(one)["did"] for one in SAID.findall(part)] for part in (own, others)]

    assert len(said[0] + said[1]) == len(get_args(Deed))
    assert set(said[0]) == DEPARTMENTS_DEEDS


@pytest.mark.parametrize("role", NAMED)
def test_who_may_say_what_an_inbox_may_not_is_as_the_fold_judges_it(role: Role) -> None:
    page = (DOCS / "department.md").read_text(encoding="utf-8")
    rows = OTHERS.findall(page)

    for deed, who in rows:
        assert (deed in MAY[role]) == (NAMED[role] in who), deed
    assert len(rows) == len(get_args(Deed)) - len(DEPARTMENTS_DEEDS)


def test_every_command_of_a_department_is_named() -> None:
    page = (DOCS / "department.md").read_text(encoding="utf-8")
    _, _, listed = page.partition("lists all of them: ")

    assert re.findall(r"`([a-z-]+)`", listed.partition(". ")[0]) == list(COMMANDS)


def _fact(example: dict[str, Any], published: Published) -> Progress:
    """By its own department where that may say it, else by the desk."""
    report = decode(
        json.dumps({"type": "progress.v1", "case_id": CASE_ID, **example}), ProgressReport
    )
    if report.did in DEPARTMENTS_DEEDS:
        inbox = ProgressInbox(topic="progress", municipality=CITY, department=PARKS)
        return reported(report, inbox, source(), NOON, None, published)
    desk = replace(report, municipality=CITY, author=Author("operator"))
    return reported(desk, ProgressInbox(topic="desk"), source(), NOON, None, published)


class EndOfDayError(Exception):
    """Ends the loop of the page, which has no end of its own."""


def _until_evening() -> Callable[[dict[str, Any]], Iterator[dict[str, Any]]]:
    def do(delivery: dict[str, Any]) -> Iterator[dict[str, Any]]:
        assert json.dumps(delivery)
        yield {"did": "acknowledged"}
        raise EndOfDayError

    return do
