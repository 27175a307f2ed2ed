"""The calls of a slice as their records leave them, held against the projection's rows."""

from collections.abc import Callable, Iterable
from typing import Any

from schemas import codec, records
from schemas.messages import CallAnswered
from schemas.vocabulary import CallDigest, Municipality
from streams.core.tables import CALL_COLUMNS, call_row
from streams.verifier.report import Report
from streams.verifier.snapshot import Snapshot

CallName = tuple[Municipality, CallDigest]


class Calls:
    """Calls of one partition by their names.

    Of those that have records behind the snapshot, what is before may be compacted away by now,
    so nothing is said of them.
    """

    def __init__(self, partition: int) -> None:
        self._partition = partition
        self._last: dict[CallName, CallAnswered] = {}
        self._moved: set[CallName] = set()

    def learn(self, call: CallAnswered) -> None:
        self._last[call.municipality, call.call] = call

    def move(self, behind: Iterable[Any]) -> None:
        """Records behind the snapshot; one that cannot be read moves nothing."""
        for record in behind:
            try:
                call = records.read_call(record.key, record.value, self._partition)
            except codec.UndecodableError:
                continue
            self._moved.add((call.municipality, call.call))

    async def check(self, snapshot: Snapshot, report: Report, ours: Callable[[str], bool]) -> None:
        expected = dict(self._last)
        async for row in snapshot.calls(self._partition):
            name = (row[0], row[1])
            if not ours(name[1]):
                continue
            call = expected.pop(name, None)
            if name in self._moved:
                continue
            if call is None:
                report.too_many("answered_calls", where=_where(name))
            else:
                wanted = call_row(self._partition, call)
                report.compare(
                    "answered_calls", CALL_COLUMNS, list(row), wanted, where=_where(name)
                )
        for name in expected.keys() - self._moved:
            report.missing("answered_calls", where=_where(name))


def _where(name: CallName) -> str:
    return "/".join(name)
