"""Boston's past brought in by the command, on a real log and a real projection."""

import asyncio
import base64
import csv
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.topics import CASE_FACTS, IMPORTS, KEYRING
from schemas.vocabulary import Author, Municipality
from services.policy.load import load
from services.policy.publish import publish
from streams.core import ids
from tests.integration.lab import Lab, lab, process

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "data" / "boston_311_sample.csv"
BOSTON = ROOT / "deploy" / "policies" / "boston"
HMAC = b"h" * 32
SECONDS_MAX = 150
UNJUDGED = {
    *("101001240876", "101001318380", "101001371985", "101001410028"),
    *("101001426647", "101001500117", "101001530409", "101001657787"),
}
CASES = """
select c.*, k.state as verdict, k.next_due_at
from cases c left join clocks k on k.case_id = c.case_id and k.kind = 'resolution'
where c.municipality = 'boston'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A log with Boston's policy, its workers at work, and the command to import into it."""

    runner: asyncio.Runner
    lab: Lab
    data: Path
    restart_router: Callable[[], None]

    def start(self, file: Path, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            (
                *(sys.executable, "-m", "services.command", "import", str(file)),
                *("--mapping", str(BOSTON / "import.yaml")),
                *("--errors", str(self.data / "errors.csv"), *options),
            ),
            env={
                "PATH": os.defpath,
                "PEYGIR_DATA": str(self.data),
                "PEYGIR_KAFKA": self.lab.kafka,
                "PEYGIR_DATABASE_URL": self.lab.database,
                "PEYGIR_HMAC_KEY": in_base64(HMAC),
            },
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ask(self, query: str) -> list[Any]:
        return self.runner.run(self.lab.tables.fetch(query))

    def ends(self) -> dict[str, dict[int, int]]:
        topics = (IMPORTS, CASE_FACTS, KEYRING)
        return {topic: self.runner.run(self.lab.ends(topic)) for topic in topics}

    def lying(self) -> int:
        """How many messages were ever put into the inbox of imports."""
        return sum(self.runner.run(self.lab.ends(IMPORTS)).values())


@pytest.fixture(scope="module")
def city(city_log: str, postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    data = tmp_path_factory.mktemp("import")
    publish(city_log, load(BOSTON), now=datetime.now(UTC), since=None, wait_seconds=20)
    with asyncio.Runner() as runner, ExitStack() as workers:
        around = AsyncExitStack()
        one = runner.run(around.enter_async_context(lab(city_log, postgres, "test_import")))
        workers.callback(lambda: runner.run(around.aclose()))

        def work(role: str) -> subprocess.Popen[bytes]:
            name = role.replace(" ", "-")
            settings = {"data": data / name, "hmac_key": in_base64(HMAC)}
            return workers.enter_context(process(one, role, name, **settings))

        router = work("router imports")
        for role in ("projector", "accountant"):
            work(role)

        def restart_router() -> None:
            router.kill()
            router.wait()
            work("router imports")

        yield City(runner=runner, lab=one, data=data, restart_router=restart_router)


@pytest.fixture(scope="module")
def brought_in(city: City) -> dict[str, Any]:
    """The cases of the sample by their reference, imported in two goes: the first is killed.

    So is the router, while it has rows in its hands.
    """
    before = city.lying()
    first = city.start(SAMPLE)
    until(lambda: city.lying() > before)
    first.kill()
    first.communicate()
    until(lambda: len(city.ask("select 1 from cases where municipality = 'boston' limit 1")) > 0)
    city.restart_router()
    assert ended(city.start(SAMPLE)).startswith("6653 rows: ")
    # Nothing was appended twice, though the first go did not live to say what it had done.
    assert city.lying() - before == 6_653
    found = {row["case_id"]: row for row in city.ask(CASES)}
    return {row["CASE_ENQUIRY_ID"]: found[case_id(row["CASE_ENQUIRY_ID"])] for row in sample()}


def test_every_row_is_a_case_of_the_department_that_its_queue_names(
    brought_in: dict[str, Any],
) -> None:
    owners = {ref: row["department"] for ref, row in brought_in.items()}

    assert len(owners) == 6_653
    assert owners == {
        row["CASE_ENQUIRY_ID"]: row["Department"].lower().rstrip("_").replace("_", "-")
        for row in sample()
    }


def test_our_clocks_judge_as_the_city_did(brought_in: dict[str, Any]) -> None:
    """Without a status there is nothing to compare; those are the eight that are named above."""
    closed = [row for row in sample() if row["CLOSED_DT"] and row["TARGET_DT"]]
    theirs = {"ONTIME": "met", "OVERDUE": "missed"}
    judged = {
        row["CASE_ENQUIRY_ID"]: theirs[row["OnTime_Status"]]
        for row in closed
        if row["OnTime_Status"]
    }

    ours = {ref: brought_in[ref]["verdict"] for ref in judged}

    assert len(judged) == 4_372
    assert ours == judged
    assert {row["CASE_ENQUIRY_ID"] for row in closed} - judged.keys() == UNJUDGED


def test_rows_with_impossible_times_are_kept_and_marked(brought_in: dict[str, Any]) -> None:
    marked = {ref for ref, row in brought_in.items() if row["times_reversed"]}

    assert marked == {
        row["CASE_ENQUIRY_ID"]
        for row in sample()
        if row["CLOSED_DT"] and local(row["CLOSED_DT"]) < local(row["OPEN_DT"])
    }
    assert len(marked) == 8


def test_history_keeps_its_times_and_nobody_is_told_of_it(
    city: City, brought_in: dict[str, Any]
) -> None:
    years = Counter(row["submitted_at"].year for row in brought_in.values())
    waiting = city.ask("select count(*) from outbox where municipality = 'boston'")

    assert years.keys() <= {2015, 2016}
    assert all(row["historical"] for row in brought_in.values())
    assert all(row["next_due_at"] is None for row in brought_in.values())
    assert waiting[0]["count"] == 0
    assert Counter(row["state"] for row in brought_in.values()) == {
        "resolved": 5_556,
        "routed": 1_097,
    }


def test_what_was_said_is_sealed_in_the_log_and_can_be_read_in_the_projection(
    city: City, brought_in: dict[str, Any]
) -> None:
    case = brought_in["101001240740"]["case_id"]
    (content,) = city.ask(f"select content from contents where case_id = '{case}'")  # noqa: S608
    facts = city.ask(f"select fact::text from facts where case_id = '{case}'")  # noqa: S608

    assert "Animal Found" in content["content"]
    assert "Animal Found" not in "".join(row["fact"] for row in facts)


@pytest.mark.usefixtures("brought_in")
def test_the_second_import_changes_nothing(city: City) -> None:
    before = city.ends()

    said = ended(city.start(SAMPLE))

    assert said.startswith("6653 rows: 0 imported, 0 changed, 6653 unchanged, 0 refused\n")
    assert "in 4372 of 4372 closed rows with a deadline; it says nothing in 8 more" in said
    assert city.ends() == before


@pytest.mark.usefixtures("brought_in")
def test_the_same_file_twice_at_once_is_the_same_as_once(city: City) -> None:
    file = numbered_anew(city.data / "twice.csv", count=200, since=900_000_000_000)
    both = [city.start(file), city.start(file)]

    said = [ended(one) for one in both]

    assert all(one.startswith("200 rows: ") for one in said)
    assert len(city.ask(CASES)) == 6_653 + 200
    judged = city.ask("select distinct judgement from facts")
    assert {row["judgement"] for row in judged} <= {"effective", "duplicate"}


@pytest.mark.usefixtures("brought_in")
def test_a_file_in_another_encoding_changes_nothing(city: City) -> None:
    file = city.data / "latin.csv"
    file.write_bytes(SAMPLE.read_bytes()[:20_000] + "Café\n".encode("cp1252"))
    before = city.lying()

    started = city.start(file)
    _, complaint = started.communicate(timeout=SECONDS_MAX)

    assert started.returncode == 2
    assert "(0xe9) is not utf-8" in complaint
    assert city.lying() == before


def ended(started: subprocess.Popen[str]) -> str:
    """What the command says, once it has ended well."""
    said, complaint = started.communicate(timeout=SECONDS_MAX)
    assert started.returncode == 0, said + complaint
    return said


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS_MAX
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def in_base64(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).decode()


def case_id(reference: str) -> str:
    author = Author("import/boston-311")
    return ids.case_id(HMAC, Municipality("boston"), author, reference)


def sample() -> list[dict[str, str]]:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def local(text: str) -> datetime:
    return datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=UTC)


def numbered_anew(path: Path, *, count: int, since: int) -> Path:
    """The first rows of the sample as other cases."""
    first = sample()[:count]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(first[0]))
        writer.writeheader()
        for number, row in enumerate(first):
            writer.writerow({**row, "CASE_ENQUIRY_ID": str(since + number)})
    return path
