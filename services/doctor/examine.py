"""Everything that was seen, judged: pure, so that each finding can be tried."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from schemas.settings import Settings
from schemas.topics import Topic, fixed_topics, municipal_topics
from services.doctor import (
    judge_database,
    judge_kafka,
    judge_machine,
    judge_policies,
    judge_work,
)
from services.doctor.check import Check, ok, unless, warning
from services.doctor.seen import Broker, Database, Findings, Work


def examine(seen: Findings, settings: Settings, now: datetime) -> Iterator[Check]:
    """Every check, in the order in which one thing rests on another."""
    yield from judge_machine.judge(seen.machine, own_kafka=settings.kafka is None)
    if seen.broker is None or seen.database is None:
        says = "those of this folder do not run, so they were not looked at"
        do = "`peygir up`, or set PEYGIR_KAFKA and PEYGIR_DATABASE_URL"
        yield warning("servers", says, do)
    yield from _kafka(seen, settings, now)
    if seen.database is not None:
        yield from judge_database.judge(seen.database, seen.broker, seen.master_key)
    if seen.processes:
        fine = ok("processes", f"all {len(seen.processes)} are well")
        yield from unless(judge_work.judge_processes(seen.processes), fine)
    work = _work(seen)
    if work is not None:
        yield from judge_work.judge_work(work, _answered(seen))
    yield judge_work.judge_erasures(seen.erasures, work)


def _kafka(seen: Findings, settings: Settings, now: datetime) -> Iterator[Check]:
    if seen.broker is not None:
        topics = wanted(seen, settings)
        copies = settings.replication
        yield from judge_kafka.judge(seen.broker, topics, replication=copies, now=now)
    yield from judge_policies.judge_files(seen.policies)
    broker = _answered(seen)
    if broker is not None:
        yield from judge_policies.judge_published(seen.policies, broker.policies, now)


def wanted(seen: Findings, settings: Settings) -> Mapping[str, Topic]:
    """Every topic that this installation has, by the table and its published policies."""
    broker = _answered(seen)
    fixed = fixed_topics(
        dead_letter_days=settings.dead_letter_days, keyring_days=settings.keyring_days
    )
    municipal = (
        topic
        for policy in (broker.policies if broker else ())
        for topic in municipal_topics(
            policy.municipality,
            [one.department for one in policy.departments],
            [one.adapter for one in policy.adapters],
            department_days=settings.department_days,
        )
    )
    return {topic.name: topic for topic in (*fixed, *municipal)}


def _answered(seen: Findings) -> Broker | None:
    return seen.broker if isinstance(seen.broker, Broker) else None


def _work(seen: Findings) -> Work | None:
    return seen.database.work if isinstance(seen.database, Database) else None
