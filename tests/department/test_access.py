"""Whatever stands between a department and its topics is said in words that name the remedy."""

import asyncio
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.kafka import KafkaAccess
from schemas.topics import department_of, progress_of
from schemas.vocabulary import Department as DepartmentId
from services.contract.rights import Right, of_department
from services.department import AccessError, Department, KafkaAwayError, access
from tests.conftest import reachable
from tests.department.laid import CITY, delivery, lay, lying
from tests.guarded import Guarded, guarded_kafka
from tests.topics import make_topic

pytestmark = [
    pytest.mark.integration,
    # kafka-python leaves a socket to the collector where it could not connect.
    pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning"),
]

PARKS, ROADS = DepartmentId("parks"), DepartmentId("roads")
OUTBOX = department_of(CITY, PARKS)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = reachable(tmp_path_factory.mktemp("guarded"))
    with guarded_kafka(folder, datetime.now(UTC)) as broker:
        for one in (PARKS, ROADS):
            asyncio.run(make_topic(broker.open_door, department_of(CITY, one)))
            asyncio.run(make_topic(broker.open_door, progress_of(CITY, one)))
        rights = of_department(CITY, PARKS)
        broker.let_in("parks", rights)
        broker.let_in("no-group", [one for one in rights if one.resource == "topic"])
        broker.let_in("no-reader", [Right(resource="topic", name=OUTBOX, operations=("Describe",))])
        broker.let_in("reader", [one for one in rights if not one.name.startswith("progress")])
        yield broker


def opened(kafka: str | KafkaAccess, department: str = PARKS, patience_seconds: float = 0) -> None:
    with Department(
        kafka=kafka,
        municipality=CITY,
        department=department,
        patience_seconds=patience_seconds,
        say=print,
    ):
        """Nothing more is asked for."""


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library tries for so long whatever is in the way."""
    monkeypatch.setattr(access, "ATTEMPT_SECONDS", 0.7)


def test_a_department_with_its_rights_reads_and_reports(guarded: Guarded) -> None:
    lay(guarded.open_door, OUTBOX, [delivery(1)])
    who = Department(kafka=guarded.access("parks"), municipality=CITY, department=PARKS)

    with who as parks:
        first = next(iter(parks.deliveries()))
        receipt = parks.report("c-0", "acknowledged", reference="r-1")
        assert parks.refusal(receipt, wait_seconds=1) is None
        assert list(parks.replay()) == [first] == [delivery(1)]

    assert receipt.fact_id == "progress-hashtgerd-parks/r-1/acknowledged"
    assert len(lying(guarded.open_door, progress_of(CITY, PARKS))) == 1


@pytest.mark.parametrize(
    "wrong", [{"password": "guess"}, {"user": "nobody"}, {"mechanism": "PLAIN"}]
)
@pytest.mark.usefixtures("impatient")
def test_who_is_not_known_is_told_so(guarded: Guarded, wrong: dict[str, str]) -> None:
    with pytest.raises(AccessError, match=r"does not let .* in: the user, the password or the"):
        opened(replace(guarded.access("parks"), **wrong))


@pytest.mark.usefixtures("impatient")
def test_whose_certificate_is_not_believed_is_told_so(guarded: Guarded) -> None:
    with pytest.raises(AccessError, match=r"certificate .* is not believed.*`ca`"):
        opened(replace(guarded.access("parks"), ca=None))


def test_a_file_of_authorities_that_is_not_there_is_named(guarded: Guarded, tmp_path: Path) -> None:
    with pytest.raises(AccessError, match=r"authorities in .*none\.pem cannot be read"):
        opened(replace(guarded.access("parks"), ca=tmp_path / "none.pem"))


@pytest.mark.usefixtures("impatient")
def test_the_wrong_wire_is_told_so(guarded: Guarded) -> None:
    known = guarded.access("parks")

    with pytest.raises(AccessError, match="does not speak TLS"):
        opened(replace(known, servers=guarded.open_door, security="SSL"))
    with pytest.raises(AccessError, match="does not speak Kafka over PLAINTEXT"):
        opened(known.servers)
    with pytest.raises(AccessError, match="wants a user and a password"):
        opened(replace(known, security="SSL"))


def test_a_topic_of_others_is_not_to_be_seen(guarded: Guarded) -> None:
    with pytest.raises(AccessError, match=r"parks has no right to see the topic .*-roads"):
        opened(guarded.access("parks"), ROADS)


def test_a_topic_that_may_be_seen_and_not_read_is_told_so(guarded: Guarded) -> None:
    with pytest.raises(AccessError, match="no-reader has no right to READ the topic"):
        opened(guarded.access("no-reader"))


def test_a_topic_that_is_not_there_is_told_so(guarded: Guarded) -> None:
    with pytest.raises(AccessError, match=r"no topic department-hashtgerd-water: .* policy"):
        opened(guarded.open_door, "water")


def test_a_group_that_may_not_be_used_is_told_so(guarded: Guarded) -> None:
    who = Department(kafka=guarded.access("no-group"), municipality=CITY, department=PARKS)

    with who as parks, pytest.raises(AccessError, match=r"the group .*-parks may not be used"):
        next(iter(parks.deliveries()))


def test_an_inbox_that_may_not_be_written_is_told_so(guarded: Guarded) -> None:
    who = Department(kafka=guarded.access("reader"), municipality=CITY, department=PARKS)

    with who as parks, pytest.raises(AccessError, match="progress-hashtgerd-parks may not be used"):
        parks.report("c-0", "acknowledged", reference="r-1")


@pytest.mark.usefixtures("impatient")
def test_nobody_there_is_said_once_tried_for_so_long_and_given_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    began = time.monotonic()

    with pytest.raises(KafkaAwayError, match=r"nobody answers at 127\.0\.0\.1:9 \(Connection"):
        opened("127.0.0.1:9", patience_seconds=3)

    assert 2 < time.monotonic() - began < 20
    assert capsys.readouterr().out.count("trying again for 3 seconds") == 1


@pytest.mark.usefixtures("impatient")
def test_a_name_that_nobody_has_is_said() -> None:
    with pytest.raises(KafkaAwayError, match=r"the name no-such-host\.invalid is not known"):
        opened("no-such-host.invalid:9092")


@pytest.mark.usefixtures("impatient")
def test_who_takes_connections_and_says_nothing_is_not_taken_for_a_wrong_password() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        known = KafkaAccess(servers=address, security="SASL_PLAINTEXT", user="a", password="b")  # noqa: S106

        with pytest.raises(KafkaAwayError, match="takes connections and answers nothing"):
            opened(known)
