"""For all histories: nothing is announced that an unread record could prevent, all in the end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.firing import SETTLING, Reach, reach
from streams.core.horizons import Horizons
from tests.builders import NOON

SOURCES = ("log", "inbox", "desk")
HOLD = timedelta(seconds=2)
STEP = timedelta(milliseconds=30)
SHOWN_AFTER = 3  # Steps from a record's time to its being seen in its source's end.


@dataclass
class Model:
    """Sources that grow and are read, and a timer that looks: time goes in steps."""

    now: datetime = NOON
    times: dict[str, list[datetime]] = field(
        default_factory=lambda: {source: [] for source in SOURCES}
    )
    read: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SOURCES, 0))
    horizons: Horizons[str] = field(default_factory=lambda: Horizons({}))

    def append(self, source: str) -> None:
        self.times[source].append(self.now)

    def end(self, source: str) -> int:
        shown = self.now - SHOWN_AFTER * STEP
        return sum(at <= shown for at in self.times[source])

    def read_on(self, source: str) -> None:
        self.read[source] = min(self.read[source] + 2, self.end(source))

    def look(self) -> None:
        ends = {source: self.end(source) for source in SOURCES}
        self.horizons = self.horizons.seen(ends, self.now - SETTLING).without_passed(self.read)

    def reach(self, hold_max: timedelta = HOLD) -> Reach:
        read_until = self.horizons.read_until(SOURCES, self.read)
        return reach(read_until, now=self.now, watched_since=NOON, hold_max=hold_max)

    def unread(self) -> list[datetime]:
        """The times of all that has happened and is not read, seen or not."""
        return [at for source in SOURCES for at in self.times[source][self.read[source] :]]

    def do(self, action: tuple[str, str]) -> None:
        match action:
            case "append", source:
                self.append(source)
            case "read", source:
                self.read_on(source)
            case "look", _:
                self.look()
            case _:
                self.now += STEP


actions = st.lists(
    st.tuples(
        st.sampled_from(["append", "read", "look", "look", "wait", "wait"]),
        st.sampled_from(SOURCES),
    ),
    max_size=120,
)
dues = st.integers(min_value=-5, max_value=120).map(lambda steps: NOON + steps * STEP)


@settings(max_examples=300)
@given(actions=actions)
def test_what_is_confirmed_no_unread_record_could_have_prevented(
    actions: Sequence[tuple[str, str]],
) -> None:
    model = Model()
    for action in actions:
        model.do(action)
        confirmed_to = model.reach().confirmed_to
        assert all(at >= confirmed_to for at in model.unread())


@given(actions=actions, due_at=dues)
def test_nothing_is_announced_before_it_is_due(
    actions: Sequence[tuple[str, str]], due_at: datetime
) -> None:
    model = Model()
    for action in actions:
        model.do(action)
        if model.reach().reaches(due_at):
            assert due_at < model.now


@given(actions=actions, due_at=dues)
def test_what_is_not_confirmed_is_announced_only_after_the_longest_hold(
    actions: Sequence[tuple[str, str]], due_at: datetime
) -> None:
    model = Model()
    for action in actions:
        model.do(action)
        far = model.reach()
        if far.reaches(due_at) and due_at >= far.confirmed_to:
            assert model.now - max(due_at, NOON) > HOLD


@given(actions=actions, due_at=dues)
def test_what_is_due_is_announced_as_soon_as_all_is_read(
    actions: Sequence[tuple[str, str]], due_at: datetime
) -> None:
    model = Model()
    for action in actions:
        model.do(action)

    model.now = max(model.now, due_at) + SETTLING + SHOWN_AFTER * STEP
    model.look()
    for source in SOURCES:
        model.read[source] = model.end(source)

    assert model.reach(hold_max=timedelta(days=365)).reaches(due_at)


@given(actions=actions, due_at=dues)
def test_what_is_held_is_announced_in_the_end_whatever_stands_still(
    actions: Sequence[tuple[str, str]], due_at: datetime
) -> None:
    model = Model()
    for action in actions:
        model.do(action)

    model.now = max(model.now, due_at) + HOLD + STEP

    assert model.reach().reaches(due_at)
