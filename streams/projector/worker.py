"""The projector's loop: claim, poll, fold, write; positions and rows in one transaction."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord, TopicPartition

from schemas import logs, metrics
from schemas.topics import CASE_FACTS, KEYRING, partition_of
from streams import kafka
from streams.fetches import Fetches, pace
from streams.kafka import Broker
from streams.process import HaltError, Worker
from streams.projector.batch import Batch, read
from streams.projector.positions import LostError, Positions
from streams.projector.projection import Prepared, Projection, UnfitError

ROLE = "projector"
# What comes for another partition waits with it: to fetch all the partitions for every single fact
# would cost more than to fold them.
BUSY = Fetches(max_wait_ms=20, min_bytes=64 * 1024)
# The first fact is answered with at once. Asked fifty times a second for nothing, a broker needs an
# eighth of a processor with the one who asks.
IDLE = Fetches(max_wait_ms=250, min_bytes=1)
POLL_SECONDS = 0.2
RECORDS_MAX = 2_000
RENEWALS_A_LEASE = 3
TAKEOVER_SECONDS = 0.5  # How often partitions of others are looked at.

_log = logs.logger()
Polled = Mapping[TopicPartition, Sequence[ConsumerRecord]]


class Projector:
    def __init__(
        self, worker: Worker, broker: Broker, consumer: AIOKafkaConsumer, projection: Projection
    ) -> None:
        self._worker = worker
        self._broker = broker
        self._consumer = consumer
        self._projection = projection
        self._claim_at = 0.0
        # While the keys lie behind, they alone are read: a fact then finds its key in the table.
        self._keys_until: dict[TopicPartition, int] = {}
        self._written: tuple[Prepared, asyncio.Task[None]] | None = None

    async def work(self) -> None:
        try:
            while not self._worker.stopping.is_set():
                await self._or_start_over(self._turn)
                self._worker.heartbeat.beat()
            await self._or_start_over(self._settle)
        finally:
            self._show_leases(0)
            if self._written is not None:
                self._written[1].cancel()

    async def _or_start_over(self, step: Callable[[], Awaitable[object]]) -> None:
        try:
            await step()
        except LostError as error:
            _log.warning("lease lost", reason=str(error))
            self._written = None
            self._projection.start_at({})
            self._show_leases(0)
            self._claim_at = 0.0
            await self._worker.rest(POLL_SECONDS)

    async def _turn(self) -> None:
        if time.monotonic() >= self._claim_at:
            await self._settle()
            await self._claim()
            self._claim_at = time.monotonic() + self._claim_seconds()
        if not self._projection.positions:
            await self._worker.rest(POLL_SECONDS)
            return
        polled = await self._poll(*await self._unread_keys())
        pace(self._consumer, BUSY if polled else IDLE)
        if polled:
            await self._project(polled)
        else:
            await self._settle()

    def _claim_seconds(self) -> float:
        renewal = self._worker.settings.lease_seconds / RENEWALS_A_LEASE
        all_ours = len(self._projection.positions) == len(self._projection.lease.partitions)
        return renewal if all_ours else min(renewal, TAKEOVER_SECONDS)

    async def _claim(self) -> None:
        lease = self._projection.lease
        positions, clusters = await self._projection.claim()
        if clusters - {lease.cluster_id}:
            raise HaltError(
                f"the projection was made from the log of cluster {', '.join(sorted(clusters))}, "
                f"this is {lease.cluster_id}: run `peygir rebuild`"
            )
        if positions != self._projection.positions:
            await self._assign(positions)
        await self._look_at_ends()
        self._show_leases(len(positions))

    def _show_leases(self, partitions: int) -> None:
        self._worker.meters.show(metrics.LEASES, partitions, ROLE)
        self._worker.meters.show(metrics.PROJECTION_LEASES, partitions)

    async def _assign(self, positions: Positions) -> None:
        """Starts to read what is ours from where the table says; nothing else is remembered."""
        self._worker.heartbeat.forget_all()
        places = _places(positions)
        starts, ends = await self._broker.starts(places), await self._broker.ends(places)
        _check_log(places, starts, ends)
        self._consumer.assign(list(places))
        for place, offset in places.items():
            self._consumer.seek(place, max(offset, starts[place]))
        self._keys_until = {place: ends[place] for place in places if place.topic == KEYRING}
        self._projection.start_at(positions)
        # What has gone with its retention is passed over; old letters are the case of it.
        gone = {place: starts[place] for place in places if places[place] < starts[place]}
        if gone:
            await self._write(Batch(next_offsets={**gone}))
        _log.info("partitions leased", partitions=sorted(positions))

    async def _look_at_ends(self) -> None:
        """Asked of the broker by another client: one that stands still would not notice itself."""
        for place, end in (await self._broker.ends(_places(self._projection.positions))).items():
            position = await self._consumer.position(place)
            self._worker.heartbeat.at(f"{place.topic}/{place.partition}", position, end)

    async def _unread_keys(self) -> list[TopicPartition]:
        self._keys_until = {
            place: end
            for place, end in self._keys_until.items()
            if await self._consumer.position(place) < end
        }
        return list(self._keys_until)

    async def _poll(self, *places: TopicPartition) -> Polled:
        try:
            with kafka.away():
                return await self._consumer.getmany(
                    *places, timeout_ms=int(POLL_SECONDS * 1000), max_records=RECORDS_MAX
                )
        except OffsetOutOfRangeError as error:
            # The next claim finds the place, and says what is to be done.
            raise LostError(str(error)) from error

    async def _project(self, polled: Polled) -> None:
        """Folds while the batch before is being written, and begins to write when that is done."""
        batch = read(polled.values())
        await self._fetch_keys(batch)
        prepared = await self._projection.prepare(batch)
        if not await self._settle():
            await self._projection.keys_missing(batch)
            prepared = await self._projection.prepare(batch)
        writing = asyncio.create_task(self._projection.write(prepared))
        self._written = (prepared, writing)

    async def _settle(self) -> bool:
        """Waits for what is being written. False if it had to be folded once more."""
        if self._written is None:
            return True
        (prepared, writing), self._written = self._written, None
        try:
            await writing
        except UnfitError:
            self._projection.start_at(self._projection.positions)
            await self._write_one_by_one(prepared.batch)
            return False
        return True

    async def _write_one_by_one(self, batch: Batch) -> None:
        """One record that the tables do not take is set aside, and its neighbours go on."""
        for record in sorted(batch.records, key=lambda one: one.topic != KEYRING):
            try:
                await self._write(read([[record]]))
            except UnfitError as error:
                self._projection.start_at(self._projection.positions)
                unfit = Batch()
                unfit.set_aside(record, str(error))
                await self._write(unfit)

    async def _write(self, batch: Batch) -> None:
        await self._projection.keys_missing(batch)
        await self._projection.write(await self._projection.prepare(batch))

    async def _fetch_keys(self, batch: Batch) -> None:
        """Reads the ring to its end for the keys that are not here yet; then they are erased."""
        if not await self._projection.keys_missing(batch):
            return
        await self._settle()
        missing = await self._projection.keys_missing(batch)
        partitions = {partition_of(case_id) for case_id, _ in missing}
        wanted = await self._broker.ends([TopicPartition(KEYRING, one) for one in partitions])
        while unread := [
            place for place, end in wanted.items() if await self._consumer.position(place) < end
        ]:
            for records in (await self._poll(*unread)).values():
                batch.add(records)
            self._worker.heartbeat.beat()


Offsets = Mapping[TopicPartition, int]


def _places(positions: Positions) -> Offsets:
    return {
        TopicPartition(topic, partition): offset
        for partition, position in positions.items()
        for (topic, _), offset in position.stretches(partition).items()
    }


def _check_log(places: Offsets, starts: Offsets, ends: Offsets) -> None:
    """The log keeps every fact for ever: one that lost some is not the log we have read."""
    for place, offset in places.items():
        if offset > ends[place] or (offset < starts[place] and place.topic == CASE_FACTS):
            raise HaltError(
                f"the log went back: {place.topic}/{place.partition} has the offsets "
                f"{starts[place]} to {ends[place]}, the projection stands at {offset}: "
                "run `peygir rebuild`"
            )
