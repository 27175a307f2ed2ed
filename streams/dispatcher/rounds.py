"""One round of deliveries: every topic by itself, each in the order of the log."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from schemas import metrics
from schemas.exposition import Meters
from streams.dispatcher.delivery import Outcome, Post
from streams.dispatcher.outbox import Item, Outbox

ITEMS_A_ROUND_MAX = 100  # Of each partition: what is new waits for no long round.


class Dispatcher:
    """Delivers what is owed. Nothing is forgotten before the broker has acknowledged it."""

    def __init__(
        self, outbox: Outbox, post: Post, meters: Meters, clock: Callable[[], datetime]
    ) -> None:
        self._outbox = outbox
        self._post = post
        self._meters = meters
        self._clock = clock

    async def round(self, mine: frozenset[int], *, again: bool) -> bool:
        """Delivers a batch, what failed before too if asked to; tells whether more may wait."""
        found = await self._outbox.owed(mine, each_max=ITEMS_A_ROUND_MAX, again=again)
        items = list(_whole(found))
        if not items:
            return False
        by_topic = groupby(sorted(items, key=attrgetter("topic")), key=attrgetter("topic"))
        outcomes = await asyncio.gather(
            *(self._post.deliver(topic, list(each)) for topic, each in by_topic)
        )
        brought = [one.item for outcome in outcomes for one in outcome.brought]
        parked = [one for outcome in outcomes for one in outcome.parked]
        untold = [one for outcome in outcomes for one in outcome.untold]
        await self._outbox.settle(brought, parked, untold, _passed(items))
        self._count(outcomes)
        # Behind a late one that is done with now, the next of its case may go.
        done = (*brought, *(one.item for one in untold))
        return len(items) < len(found) or any(item.attempts is not None for item in done)

    def _count(self, outcomes: Sequence[Outcome]) -> None:
        now = self._clock()
        for outcome in outcomes:
            for one in outcome.brought:
                self._meters.count(metrics.DISPATCHER_DELIVERIES, one.item.owed.kind)
                delay = (now - one.recorded_at).total_seconds()
                self._meters.observe(metrics.DELIVERY_SECONDS, delay, trace=one.span.trace_id)
            failures = sum(one.tried for one in outcome.parked)
            self._meters.count(metrics.DISPATCHER_FAILURES, by=failures)
            self._meters.count(metrics.DISPATCHER_UNKNOWN, by=len(outcome.untold))


def _whole(found: Sequence[Item]) -> Iterator[Item]:
    """Without the last position of a partition's full batch: there may be more of it."""
    new = [item for item in found if item.attempts is None]
    counts = Counter(item.owed.log_partition for item in new)
    last = {item.owed.log_partition: item.owed.log_offset for item in new}
    for item in found:
        partition, offset = item.owed.log_partition, item.owed.log_offset
        full = counts[partition] >= ITEMS_A_ROUND_MAX
        if item.attempts is None and full and offset == last[partition]:
            continue
        yield item


def _passed(items: Sequence[Item]) -> Mapping[int, int]:
    """The next position of each partition whose new items were seen to."""
    return {
        item.owed.log_partition: item.owed.log_offset + 1 for item in items if item.attempts is None
    }
