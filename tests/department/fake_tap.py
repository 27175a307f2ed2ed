"""A topic in memory. As the real one it begins anew at its start where a position is gone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.department.position import Held, Position
from services.kafka import KafkaAwayError

RECORDS_POLLED_MAX = 3


@dataclass(frozen=True, slots=True)
class Record:
    offset: int
    value: bytes | None
    at: datetime | None = None


@dataclass(slots=True)
class FakeTap:
    records: list[Record] = field(default_factory=list[Record])
    made: str = "t-1"
    first: int = 0
    position: Position | None = None
    given: Sequence[bool] = (True,)
    """Whether the topic has become ours, each time this is asked."""
    stands: int = 0
    away: int = 0
    """So many questions more find nobody there."""
    silent: str = ""
    idle: Callable[[], None] = lambda: None
    """What happens where there is nothing to read."""
    keeps: Callable[[], Position | None] | None = None
    """Where the position is kept, if not here."""
    polled: Callable[[], None] = lambda: None
    """What happens when something was read, and is not handled yet."""
    asked: list[str] = field(default_factory=list[str])

    def held(self) -> Held:
        return Held(topic_id=self.topic_id(), first=self.first, end=self.end())

    def topic_id(self) -> str:
        return self.made

    def end(self) -> int:
        self._asked("end")
        return self._end()

    def offset_at(self, moment: datetime) -> int | None:
        self._asked("offset_at")
        found = (one.offset for one in self.records if one.at is not None and one.at >= moment)
        return next(found, None)

    def kept(self) -> Position | None:
        self._asked("kept")
        return self.keeps() if self.keeps else self.position

    def seek(self, offset: int) -> None:
        self.stands = offset

    def poll(self) -> list[Record]:
        if not self.first <= self.stands <= self._end():
            self.stands = self.first
        found = [one for one in self.records if one.offset >= self.stands][:RECORDS_POLLED_MAX]
        if found:
            self.stands = found[-1].offset + 1
            self.polled()
        else:
            self.idle()
        return found

    def given_anew(self) -> bool:
        given, self.given = self.given[:1], self.given[1:]
        return bool(given and given[0])

    def why_silent(self) -> str:
        return self.silent

    def _end(self) -> int:
        return max((one.offset + 1 for one in self.records), default=self.first)

    def _asked(self, what: str) -> None:
        self.asked.append(what)
        if self.away:
            self.away -= 1
            raise KafkaAwayError("nobody answers")
