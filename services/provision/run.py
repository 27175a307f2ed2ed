"""Provisioning from beginning to end: quick, and without effect, where nothing is to be done."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from pathlib import Path

import asyncpg
from kafka import KafkaAdminClient

from schemas.kafka import KafkaAccess
from schemas.policy import Policy
from schemas.settings import Settings
from schemas.topics import Topic, fixed_topics, municipal_topics
from services.kafka import admin
from services.policy.draft import Draft
from services.policy.load import load
from services.policy.problems import PolicyError
from services.policy.publish import PublishError, publish, versions
from services.provision.tables import OtherClusterError, OtherLayoutError, lay_out
from services.provision.topics import bring_about

CONNECT_SECONDS_MAX = 30

Say = Callable[[str], None]
MakeDemo = Callable[[asyncpg.Connection, Path, datetime], Awaitable[bool]]


class ProvisionError(RuntimeError):
    """The installation cannot be brought to what its tables ask for; the text says why."""


def provision(settings: Settings, *, now: datetime, make_demo: MakeDemo | None, say: Say) -> None:
    """Topics, tables, policies, their topics, and what `make_demo` makes, where it is given.

    Raises `ProvisionError`, `KafkaAwayError` or `TopicError`.
    """
    kafka = _kafka(settings)
    client = admin(kafka)
    try:
        cluster_id = client.describe_cluster()["cluster_id"]
        asyncio.run(_database(settings, cluster_id, now, make_demo, say))
        _topics(client, settings, say)
        drafts = [_loaded(folder) for folder in _policy_folders(settings.policies)]
        # Topics first: a router that reads of a new inbox starts again with it.
        _municipal_topics(client, settings, (*versions(kafka), *drafts), say)
        for draft in drafts:
            _publish(settings, draft, now, say)
    finally:
        client.close()


def make_room(settings: Settings, draft: Draft, say: Say) -> None:
    """The topics that a policy needs, before it is published.

    Raises `ProvisionError`, `KafkaAwayError` or `TopicError`.
    """
    client = admin(_kafka(settings))
    try:
        _municipal_topics(client, settings, (draft,), say)
    finally:
        client.close()


async def _database(
    settings: Settings, cluster_id: str, now: datetime, make_demo: MakeDemo | None, say: Say
) -> None:
    if settings.database_url is None:
        raise ProvisionError("PEYGIR_DATABASE_URL is not set")
    url = settings.database_url.get_secret_value()
    try:
        connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS_MAX)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise ProvisionError(f"Postgres cannot be reached ({type(error).__name__})") from error
    try:
        if await lay_out(connection, cluster_id):
            say("made an empty projection")
        if make_demo is not None and await make_demo(connection, settings.data, now):
            say(f"made the demo's keys and accounts: {settings.data / 'demo.json'}")
    except (OtherClusterError, OtherLayoutError) as error:
        raise ProvisionError(str(error)) from error
    except asyncpg.PostgresError as error:
        words = f"the tables cannot be laid out ({type(error).__name__})"
        raise ProvisionError(words) from error
    finally:
        await connection.close()


def _topics(client: KafkaAdminClient, settings: Settings, say: Say) -> None:
    wanted = fixed_topics(
        dead_letter_days=settings.dead_letter_days, keyring_days=settings.keyring_days
    )
    _bring_about(client, wanted, settings, say)


def _municipal_topics(
    client: KafkaAdminClient, settings: Settings, policies: Iterable[Policy | Draft], say: Say
) -> None:
    """The topics of every version: what an older one named may still be written and read."""
    wanted = {
        topic.name: topic
        for policy in policies
        for topic in municipal_topics(
            policy.municipality,
            [one.department for one in policy.departments],
            [one.adapter for one in policy.adapters],
            department_days=settings.department_days,
        )
    }
    _bring_about(client, tuple(wanted.values()), settings, say)


def _bring_about(
    client: KafkaAdminClient, wanted: tuple[Topic, ...], settings: Settings, say: Say
) -> None:
    changes = bring_about(client, wanted, replication=settings.replication)
    if changes.made:
        say(f"made {len(changes.made)} topics")
    for name in changes.altered:
        say(f"altered the settings of {name}")


def _policy_folders(root: Path) -> list[Path]:
    """Each folder with a municipality's file in it."""
    if not root.is_dir():
        raise ProvisionError(f"there is no folder of policies at {root}: set PEYGIR_POLICIES")
    return sorted(path.parent for path in root.glob("*/municipality.yaml"))


def _loaded(folder: Path) -> Draft:
    try:
        return load(folder)
    except PolicyError as error:
        raise ProvisionError(f"the policy in {folder} is not valid: {error}") from error


def _publish(settings: Settings, draft: Draft, now: datetime, say: Say) -> None:
    wait_seconds = settings.broker_wait_seconds
    try:
        outcome = publish(_kafka(settings), draft, now=now, since=None, wait_seconds=wait_seconds)
    except PublishError as error:
        raise ProvisionError(f"{draft.municipality} is not published: {error}") from error
    if outcome.published:
        say(f"published {outcome.policy.version}")


def _kafka(settings: Settings) -> KafkaAccess:
    access = settings.kafka_access
    if access is None:
        raise ProvisionError("PEYGIR_KAFKA is not set")
    return access
