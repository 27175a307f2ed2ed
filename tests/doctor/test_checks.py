"""Each thing that can be wrong, wrong once: the doctor names it, and says what to do."""

import base64
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import typer.main

from schemas.topics import CASE_FACTS
from services.command.composed import composed
from services.doctor.check import Check, State
from services.doctor.examine import examine
from services.doctor.seen import Away, Findings, OnDisk, Process
from tests.docs.test_pages import ROOT
from tests.doctor.healthy import (
    BROKER,
    DATABASE,
    DRAFT,
    FINDINGS,
    MACHINE,
    NOW,
    SETTINGS,
    WORK,
)

TWO = {"brokers": 2}


def examined(seen: Findings) -> list[Check]:
    return list(examine(seen, SETTINGS, NOW))


def machine(**other: Any) -> Findings:  # noqa: ANN401
    return replace(FINDINGS, machine=replace(MACHINE, **other))


def broker(**other: Any) -> Findings:  # noqa: ANN401
    return replace(FINDINGS, broker=replace(BROKER, **other))


def topic(name: str, **other: Any) -> Findings:  # noqa: ANN401
    return broker(topics={**BROKER.topics, name: replace(BROKER.topics[name], **other)})


def without(name: str) -> Mapping[str, Any]:
    return {one: seen for one, seen in BROKER.topics.items() if one != name}


def database(**other: Any) -> Findings:  # noqa: ANN401
    return replace(FINDINGS, database=replace(DATABASE, **other))


def work(**other: Any) -> Findings:  # noqa: ANN401
    return database(work=replace(WORK, **other))


def erasures(**other: Any) -> Findings:  # noqa: ANN401
    return replace(FINDINGS, erasures=replace(FINDINGS.erasures, **other))


def other_key() -> Findings:
    return replace(FINDINGS, master_key=base64.urlsafe_b64encode(b"o" * 32).decode())


WRONG: dict[str, tuple[Findings, str, State, str]] = {
    "an old Python": (machine(python=(3, 10)), "python", "wrong", "3.10"),
    "a machine nobody tried": (machine(architecture="s390x"), "machine", "warning", "s390x"),
    "a folder with a comma": (machine(unusable="has a comma"), "data folder", "wrong", "comma"),
    "no folder yet": (machine(exists=False), "data folder", "warning", "not there"),
    "a folder of another's": (machine(writable=False), "data folder", "wrong", "written"),
    "a full disk": (machine(free_bytes=10), "disk", "wrong", "0.0 GiB"),
    "a disk that fills": (machine(free_bytes=3 * 1024**3), "disk", "warning", "3.0 GiB"),
    "open secrets": (machine(loose=("secrets.json",)), "secrets", "wrong", "secrets.json"),
    "damaged secrets": (machine(damaged=("x is damaged",)), "secrets", "wrong", "x is damaged"),
    "lost secrets": (machine(secrets=False), "secrets", "wrong", "no secrets.json"),
    "no Java": (machine(java=False), "java", "wrong", "not there"),
    "a jar too few": (machine(jars="kafka.jar is missing"), "kafka's jars", "wrong", "kafka.jar"),
    "a killed run": (machine(running=None, stale_run=True), "instance", "warning", "killed"),
    "a taken port": (machine(running=None, port_taken=True), "instance", "wrong", "8137"),
    "no Kafka": (replace(FINDINGS, broker=Away(why="gone")), "kafka", "wrong", "gone"),
    "an old Kafka": (broker(metadata_version=7), "kafka", "warning", "older than 4.0"),
    "a missing topic": (broker(topics=without("keyring")), "topics", "wrong", "keyring"),
    "partitions too many": (topic(CASE_FACTS, partitions=9), "topics", "wrong", "9 partitions"),
    "other settings": (topic("keyring", settings={}), "topics", "warning", "keyring"),
    "a topic nobody may see": (topic("repairs", refused=True), "rights", "wrong", "repairs"),
    "a topic not to be written": (
        topic("repairs", may=frozenset({"READ"})),
        "rights",
        "warning",
        "repairs",
    ),
    "copies out of step": (topic("repairs", short_of_copies=1), "copies", "wrong", "repairs"),
    "too few copies": (topic("repairs", copies=0), "copies", "warning", "repairs"),
    "one copy on two brokers": (broker(**TWO), "copies", "warning", "several brokers"),
    "a broker in the future": (
        broker(newest=NOW + timedelta(seconds=9)),
        "broker's clock",
        "wrong",
        "9 s ahead",
    ),
    "no policy": (broker(policies=()), "policies", "wrong", "no policy"),
    "a policy that was changed": (
        replace(FINDINGS, policies=(OnDisk(folder="h", draft=replace(DRAFT, title_en="Other")),)),
        "policies",
        "warning",
        "differs",
    ),
    "a broken policy": (
        replace(FINDINGS, policies=(OnDisk(folder="h", wrong="words.yaml:3: bad"),)),
        "policy files",
        "wrong",
        "words.yaml:3",
    ),
    "no policy files": (replace(FINDINGS, policies=()), "policy files", "warning", "none"),
    "no Postgres": (replace(FINDINGS, database=Away(why="gone")), "postgres", "wrong", "gone"),
    "an old Postgres": (database(version=14), "postgres", "wrong", "too old"),
    "an untried Postgres": (database(version=16), "postgres", "warning", "tried with 18"),
    "another encoding": (database(encoding="SQL_ASCII"), "encoding", "wrong", "SQL_ASCII"),
    "no trigrams": (database(trigrams=None), "pg_trgm", "wrong", "not there"),
    "trigrams elsewhere": (database(trigrams="desk"), "pg_trgm", "wrong", "desk"),
    "a database in the past": (
        database(ahead_seconds=-60.0),
        "postgres's clock",
        "wrong",
        "60 s behind",
    ),
    "a database that tells": (
        database(logging={"log_statement": "all"}),
        "postgres's log",
        "warning",
        "citizens' words",
    ),
    "no tables": (database(layout=None, work=None), "tables", "wrong", "not laid out"),
    "tables of another version": (database(layout="old"), "tables", "wrong", "laid out as old"),
    "another log's tables": (work(clusters=frozenset({"PbB"})), "cluster", "wrong", "PbB"),
    "no master key": (replace(FINDINGS, master_key=None), "master key", "wrong", "none"),
    "half a master key": (replace(FINDINGS, master_key="abc"), "master key", "wrong", "32 bytes"),
    "another's master key": (other_key(), "master key", "wrong", "does not open"),
    "a sick process": (
        replace(FINDINGS, processes=(Process(name="edge", restarts=0, wrong="503: not ready"),)),
        "processes",
        "wrong",
        "edge: 503",
    ),
    "a process that dies again and again": (
        replace(FINDINGS, processes=(Process(name="edge", restarts=9, wrong=None),)),
        "processes",
        "warning",
        "9 times",
    ),
    "no projector": (work(leased=dict(WORK.leased) | {"projector": 0}), "workers", "wrong", "0 of"),
    "a projector behind": (work(facts_offsets={}), "projection", "ok", "800 facts"),
    "a projector far behind": (
        broker(ends={(CASE_FACTS, 0): 9_000}),
        "projection",
        "warning",
        "8900 facts",
    ),
    "routers behind": (
        broker(ends={("intake-web", 0): 9_000}),
        "routers",
        "warning",
        "8950 messages",
    ),
    "an accountant behind": (
        broker(ends={("intake-web", 0): 9_000}),
        "accounting",
        "warning",
        "8950 inbox positions",
    ),
    "late notices": (work(late_notices=7), "notices", "warning", "7 notices"),
    "dead letters": (work(letters=7), "dead letters", "warning", "7 messages"),
    "undecided messages": (work(incidents=7), "incidents", "warning", "7 messages"),
    "unreadable records": (work(unreadable=7), "incidents", "warning", "7 records"),
    "unfoldable cases": (work(unfoldable=7), "incidents", "warning", "7 cases"),
    "deliveries that wait": (work(undelivered=7), "deliveries", "warning", "7 deliveries"),
    "no API key": (work(api_keys=0), "API keys", "warning", "none"),
    "a list of erasures in the folder": (
        erasures(apart=False),
        "erasures",
        "warning",
        "in the data folder",
    ),
    "a lost list of erasures": (erasures(exists=False, cases=0), "erasures", "wrong", "names 0"),
    "a broken list of erasures": (erasures(wrong="line 3 is no order"), "erasures", "wrong", "3"),
    "an instance that does not run": (
        replace(FINDINGS, broker=None, database=None),
        "servers",
        "warning",
        "do not run",
    ),
}


def test_where_all_is_well_nothing_else_is_said() -> None:
    checks = examined(FINDINGS)

    assert [one for one in checks if one.state != "ok"] == []
    assert len({one.name for one in checks}) == len(checks) > 20


@pytest.mark.parametrize(("seen", "name", "state", "words"), WRONG.values(), ids=list(WRONG))
def test_what_is_wrong_is_named_and_only_that(
    seen: Findings, name: str, state: State, words: str
) -> None:
    found = [one for one in examined(seen) if one.name == name and words in one.says]

    assert [one.state for one in found] == [state]
    assert bool(found[0].do) == (state != "ok")
    assert "\n" not in found[0].says


@pytest.mark.parametrize("seen", [one[0] for one in WRONG.values()], ids=list(WRONG))
def test_one_fault_does_not_hide_behind_many(seen: Findings) -> None:
    bad = {one.name for one in examined(seen) if one.state != "ok"}

    assert len(bad) <= 2


def test_no_secret_is_ever_said() -> None:
    for seen in (FINDINGS, other_key(), replace(FINDINGS, master_key="a-secret-of-the-city")):
        said = "".join(str(one) for one in examined(seen))

        assert str(seen.master_key) not in said
        assert str(WORK.wrapped) not in said
        assert "master_key" not in repr(seen)


def test_every_command_and_page_that_is_named_is_there() -> None:
    advice = " ".join(one.do for seen, *_ in WRONG.values() for one in examined(seen))
    commands = set(re.findall(r"`peygir ([a-z-]+(?: [a-z]+)?)", advice))
    pages = set(re.findall(r"docs/[a-z-]+\.md", advice))

    assert len(commands) > 5
    assert [one for one in sorted(commands) if not _exists(one.split())] == []
    assert [one for one in sorted(pages) if not (ROOT / one).exists()] == []


def _exists(words: list[str]) -> bool:
    below: Any = typer.main.get_command(composed())
    for word in words:
        below = getattr(below, "commands", {}).get(word)
    return below is not None
