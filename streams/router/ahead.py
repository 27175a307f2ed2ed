"""Records handled together with some that follow, though Faust delivers them one by one.

A record waits for the broker twice: for its key, then for its facts. Some that wait at the same
time cost one wait and one request between them. Faust is told of none before its facts are
acknowledged. Who is stopped in between does them again: the same facts, by the same ids.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from itertools import islice

from streams.router.outlet import Incoming

RECORDS_AHEAD_MAX = 64

Handle = Callable[[Incoming], Awaitable[None]]


class Ahead:
    """Handles a record and some that follow it at once; those are passed over when they come.

    Only in the `keyed` inboxes, where a record's key names its case: the facts of one case are
    appended one message at a time.
    """

    def __init__(self, handle: Handle, *, keyed: Collection[str]) -> None:
        self._handle = handle
        self._keyed = keyed
        self._done: dict[tuple[str, int], set[int]] = {}

    async def handle(self, incoming: Incoming, following: Iterable[Incoming]) -> None:
        """When it returns, all that comes of the record is acknowledged.

        `following` are records behind it in its partition, in order.
        """
        source = incoming.source
        if source.inbox not in self._keyed:
            await self._handle(incoming)
            return
        place = source.inbox, source.partition
        done = self._done.get(place, set[int]())
        if source.offset in done:
            done.discard(source.offset)
            return
        batch = _of_different_cases([incoming, *islice(following, RECORDS_AHEAD_MAX)])
        await asyncio.gather(*(self._handle(one) for one in batch))
        self._done[place] = {one.source.offset for one in batch[1:]}


def _of_different_cases(batch: Sequence[Incoming]) -> Sequence[Incoming]:
    """As far as no case comes twice."""
    seen: set[bytes | None] = set()
    for number, one in enumerate(batch):
        if one.key in seen:
            return batch[:number]
        seen.add(one.key)
    return batch
