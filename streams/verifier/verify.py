"""One snapshot of the projection held against the whole log, partition by partition."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime

from aiokafka.structs import TopicPartition

from schemas.projection import LAYOUT
from schemas.settings import Settings
from schemas.topics import ANSWERED_CALLS, CASE_FACTS, DEAD_LETTERS, KEYRING, LOG_PARTITIONS
from streams import postgres, process
from streams.kafka import Broker
from streams.policies import PolicyBook
from streams.process import HaltError, Worker
from streams.telling import tell
from streams.verifier.accounts import Accounts
from streams.verifier.partition import Partition, Sides, Stretch
from streams.verifier.reader import GoneError, Reader
from streams.verifier.report import Report
from streams.verifier.snapshot import PARTITIONED, Snapshot, Standing

EXIT_DIFFERS = 1
EXIT_LOST = 5
WAIT_SECONDS = 20.0
TRIES_MAX = 3
ROWS_AT_ONCE_MAX = 50_000  # Some 6 KB a case, far less a call: what a slice holds in memory.
SESSION = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}

Ends = Mapping[TopicPartition, int]


class LostError(Exception):
    """The log is not, or not wholly, the one that the projection was made from."""


class ReplacedError(Exception):
    """Another projection stands there by now."""


def main(arguments: list[str], settings: Settings, now: Callable[[], datetime]) -> int:
    assert not arguments, "it takes none"
    process.end_with_whoever_started_it()
    return process.once("verify", settings, verify, now)


async def verify(worker: Worker) -> int:
    """Tells every difference as it is found, and at the end what was compared."""
    broker = Broker(worker.kafka, client="verify", wait_seconds=WAIT_SECONDS)
    connection = await postgres.connect(
        worker.database_url, application="verify", idle_seconds=WAIT_SECONDS, **SESSION
    )
    try:
        await broker.start()
        for _ in range(TRIES_MAX):
            try:
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    return await _compare(worker, broker, Snapshot(connection))
            except (ReplacedError, GoneError) as error:
                tell(again=str(error))
    except LostError as error:
        tell(end=str(error), lost=True)
        return EXIT_LOST
    finally:
        await broker.stop()
        connection.terminate()
    raise HaltError("the projection or the log is changed from under us, over and over")


async def _compare(worker: Worker, broker: Broker, snapshot: Snapshot) -> int:
    began = time.monotonic()
    report, accounts = Report(lambda told: tell(difference=told)), Accounts()
    about = await snapshot.about()
    if about is None or about[1] != LAYOUT:
        raise HaltError(f"the projection is laid out otherwise, this version needs {LAYOUT}")
    standings = await snapshot.standings()
    starts, ends = await _look_at_log(broker)
    await _check_log(standings, starts, ends, await broker.cluster_id())
    book = PolicyBook(worker.kafka, client="verify")
    # After the snapshot was taken: what its facts name is published by now.
    await book.read()
    async with Reader(worker.kafka) as reader:
        sides = Sides(
            snapshot=snapshot,
            reader=reader,
            report=report,
            accounts=accounts,
            master=worker.master_key,
            terms=book.terms,
            moved=_mover(worker, sum(one.facts for one in standings.values()), began),
        )
        for stretch in await _stretches(snapshot, standings, starts, ends):
            await Partition(sides, stretch).verify()
            if await snapshot.about() != about:
                raise ReplacedError("a rebuilt projection took its place meanwhile")
    await accounts.check(snapshot, broker, report, worker.settings.inbox_generation)
    await _strays(snapshot, report)
    return _end(report, _behind(standings, ends), time.monotonic() - began)


def _mover(worker: Worker, of: int, began: float) -> Callable[[int], None]:
    """Tells how far it is; raises `HaltError` when it is asked to stop."""
    done = 0

    def moved(count: int) -> None:
        nonlocal done
        if worker.stopping.is_set():
            raise HaltError("stopped on request; nothing was found out")
        done += count
        tell(facts=done, of=of, seconds=round(time.monotonic() - began, 2))

    return moved


async def _stretches(
    snapshot: Snapshot, standings: Mapping[int, Standing], starts: Ends, ends: Ends
) -> list[Stretch]:
    counts = await snapshot.rows_of_partitions()
    return [
        Stretch(
            partition=partition,
            standing=standing,
            keys_end=ends[TopicPartition(KEYRING, partition)],
            calls_end=ends[TopicPartition(ANSWERED_CALLS, partition)],
            letters_start=starts[TopicPartition(DEAD_LETTERS, partition)],
            slices=1 + counts.get(partition, 0) // ROWS_AT_ONCE_MAX,
        )
        for partition, standing in standings.items()
    ]


def _behind(standings: Mapping[int, Standing], ends: Ends) -> int:
    """Facts that the log has and the projection has not read yet: they prove nothing."""
    there = sum(end for place, end in ends.items() if place.topic == CASE_FACTS)
    return max(0, there - sum(one.facts for one in standings.values()))


def _end(report: Report, behind: int, seconds: float) -> int:
    tell(
        end="compared",
        facts=report.facts,
        behind=behind,
        cases=report.cases,
        differences=report.differences,
        by_table=report.by_table,
        cases_named=len(report.named),
        set_aside=report.set_aside,
        seconds=round(seconds, 2),
    )
    return EXIT_DIFFERS if report.differences else 0


async def _look_at_log(broker: Broker) -> tuple[Ends, Ends]:
    places = [
        TopicPartition(topic, one)
        for topic in (CASE_FACTS, KEYRING, DEAD_LETTERS, ANSWERED_CALLS)
        for one in range(LOG_PARTITIONS)
    ]
    return await broker.starts(places), await broker.ends(places)


async def _check_log(
    standings: Mapping[int, Standing], starts: Ends, ends: Ends, cluster_id: str
) -> None:
    """The log must be whole, and reach as far as the projection."""
    if set(standings) != set(range(LOG_PARTITIONS)):
        raise LostError(f"the projection has positions of {len(standings)} partitions")
    for partition, standing in standings.items():
        if standing.cluster_id != cluster_id:
            raise LostError(
                f"the projection was made from the log of cluster {standing.cluster_id}, "
                f"this is {cluster_id}"
            )
        facts = TopicPartition(CASE_FACTS, partition)
        if starts[facts] > 0:
            raise LostError(f"the log of partition {partition} begins at {starts[facts]}, not at 0")
        for topic, position in (
            (CASE_FACTS, standing.facts),
            (KEYRING, standing.keyring),
            (DEAD_LETTERS, standing.letters),
            (ANSWERED_CALLS, standing.calls),
        ):
            end = ends[TopicPartition(topic, partition)]
            if position > end:
                raise LostError(
                    f"the log lost its tail: {topic}/{partition} ends at {end}, and the "
                    f"projection has read it up to {position}"
                )


async def _strays(snapshot: Snapshot, report: Report) -> None:
    """Rows that belong to no partition, and contents of no fact."""
    for table in PARTITIONED:
        for _ in range(await snapshot.strays(table, LOG_PARTITIONS)):
            report.too_many(table, where="of no partition")
    async for case_id, offset in snapshot.stray_contents():
        report.too_many("contents", case=case_id, where=str(offset))
