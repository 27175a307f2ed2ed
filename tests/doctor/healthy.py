"""An installation in which all is well, as a doctor would see it."""

import base64
from datetime import UTC, datetime
from pathlib import Path

from schemas.projection import LAYOUT
from schemas.sealing import new_key, wrap
from schemas.settings import Settings
from schemas.topics import CASE_FACTS, LOG_PARTITIONS, Topic, fixed_topics, municipal_topics
from services.contract.topic_settings import configuration
from services.doctor.judge_database import QUIET
from services.doctor.seen import (
    Broker,
    Database,
    Erasures,
    Findings,
    Machine,
    OnDisk,
    Process,
    SeenTopic,
    Work,
)
from services.policy.close import close
from services.policy.load import load

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SETTINGS = Settings(data=Path("/peygir"), kafka=None, database_url=None)
MASTER = b"m" * 32
DRAFT = load(Path(__file__).parents[2] / "deploy" / "policies" / "hashtgerd")
POLICY = close(DRAFT, datetime(2026, 1, 1, tzinfo=UTC))
TOPICS = (
    *fixed_topics(dead_letter_days=SETTINGS.dead_letter_days, keyring_days=SETTINGS.keyring_days),
    *municipal_topics(
        POLICY.municipality,
        [one.department for one in POLICY.departments],
        [one.adapter for one in POLICY.adapters],
        department_days=SETTINGS.department_days,
    ),
)


def topic(one: Topic) -> SeenTopic:
    return SeenTopic(
        partitions=one.partitions,
        may=frozenset({"READ", "WRITE", "DESCRIBE"}),
        settings={**configuration(one), "compression.type": "producer"},
    )


MACHINE = Machine(
    python=(3, 11),
    system="Linux",
    architecture="x86_64",
    folder="/peygir",
    free_bytes=100 * 1024**3,
    keeps_a_log=True,
    running=42,
    port=8137,
)
BROKER = Broker(
    cluster_id="PaA",
    brokers=1,
    metadata_version=30,
    topics={one.name: topic(one) for one in TOPICS},
    ends={**{(CASE_FACTS, one): 100 for one in range(LOG_PARTITIONS)}, ("intake-web", 0): 50},
    committed={("intake-web", 0): 50},
    newest=NOW,
    policies=(POLICY,),
)
WORK = Work(
    clusters=frozenset({"PaA"}),
    facts_offsets=dict.fromkeys(range(LOG_PARTITIONS), 100),
    leased={"projector": 8, "sla-timer": 8, "dispatcher": 8, "accountant": 1, "linker": 1},
    wrapped=wrap(new_key()[1], MASTER),
    marks={("intake-web", 0): 50},
    late_notices=0,
    letters=0,
    incidents=0,
    unreadable=0,
    unfoldable=0,
    undelivered=0,
    api_keys=1,
    erased=1,
)
DATABASE = Database(
    version=18,
    encoding="UTF8",
    ahead_seconds=0.01,
    trigrams="public",
    logging=QUIET,
    layout=LAYOUT,
    work=WORK,
)
FINDINGS = Findings(
    machine=MACHINE,
    policies=(OnDisk(folder="hashtgerd", draft=DRAFT),),
    processes=(Process(name="projector", restarts=1, wrong=None),),
    broker=BROKER,
    database=DATABASE,
    erasures=Erasures(path="/kept/erasures.jsonl", apart=True, exists=True, cases=1),
    master_key=base64.urlsafe_b64encode(MASTER).decode(),
)
