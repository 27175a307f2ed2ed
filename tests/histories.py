"""Histories of one case in which everything may happen that steers its clocks, at any time."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from hypothesis import strategies as st

from schemas.facts import Fact
from schemas.vocabulary import ClockKind, FactId, PolicyVersion
from streams.core.case import Case, Positioned
from streams.core.fold import History, step
from streams.core.notices import notices_due
from tests.builders import (
    CASE_ID,
    CENTRE,
    NOON,
    PARKS,
    acknowledged,
    after,
    closed_without_action,
    erased,
    promise,
    resolved,
)
from tests.calendars import every_day
from tests.steering import (
    HOUR,
    ROADS,
    answered,
    asked,
    city,
    known,
    linked,
    opened,
    ordered,
    passed_on,
    paused,
    real,
    reclassified,
    reopened,
    resumed,
    started,
    unlinked,
    voided,
    working,
)

HOURS = every_day("UTC", ("12:05", "12:20"), ("12:30", "12:50"), ("13:00", "24:00"))
CITY = city(HOURS, answer=real(300), done=working(900), held=working(600))
OTHER = city(
    every_day("UTC", ("12:00", "12:40")),
    answer=real(200),
    done=real(1_200),
    version=PolicyVersion("hashtgerd/2026-06-01T00:00:00Z"),
)
TERMS = known(CITY, OTHER)
FAR = after(1_000 * HOUR)
VERSIONS = st.sampled_from((CITY.version, OTHER.version))
CLOCKS: st.SearchStrategy[ClockKind] = st.sampled_from(("first-response", "resolution", "holding"))
STEPS = st.sampled_from((0, 1, 60, 150, 300, 600))
# Most is read at once; some was said a while ago, and waited in its inbox.
LAGS = st.sampled_from((0, 0, 0, 0, 0, 40, 200, 700))
SPEAKERS = st.sampled_from((None, PARKS, ROADS))


def said(draw: st.DrawFn, at: datetime) -> Fact:
    """Anything that somebody may say at that moment, sensible or not."""
    until = at + (after(draw(st.sampled_from((0, 90, 400, 2_000)))) - after(0))
    speaker = draw(SPEAKERS)
    number = int((at - after(0)).total_seconds())
    department = speaker or PARKS
    return draw(
        st.sampled_from(
            (
                acknowledged(at=at, offset=number, department=department),
                resolved(at=at, offset=number, department=department),
                closed_without_action(at=at, offset=number),
                started(at, department=speaker),
                paused(at, until, department=speaker),
                paused(at, until, department=speaker, clocks=("first-response", "resolution")),
                resumed(at, department=speaker),
                asked(at, until, department=speaker),
                asked(at, department=speaker),
                answered(at),
                passed_on(at, draw(st.sampled_from((ROADS, PARKS, CENTRE, None)))),
                passed_on(at, PARKS, department=None),
                reopened(at, version=draw(VERSIONS)),
                linked(at),
                unlinked(at),
                reclassified(at, new_promises=draw(st.booleans()), version=draw(VERSIONS)),
                erased(at=at, reference=str(number)),
            )
        )
    )


@dataclass
class Life:
    """A case that goes on: whoever steers it knows what it is like, or what it was like."""

    now: datetime = NOON
    case: Case = field(default_factory=lambda: Case(case_id=CASE_ID))
    history: list[Positioned] = field(default_factory=list[Positioned])

    def append(self, fact: Fact) -> None:
        one = Positioned(offset=2 * len(self.history) + 1, fact=fact)
        self.history.append(one)
        self.case, _ = step(self.case, one, TERMS)

    def announce(self, count: int) -> None:
        """The timer, which may have held its fire too short for what is still unread."""
        for notice in notices_due(self.case, up_to=self.now, now=self.now)[:count]:
            self.append(notice)

    def order(self, draw: st.DrawFn, at: datetime) -> None:
        clock = self.case.clock(draw(CLOCKS))
        if clock is None:
            return
        if clock.breach is not None and draw(st.booleans()):
            self.append(voided(at, clock.breach, clock.kind))
        seconds = draw(st.sampled_from((30, 400, 1_500)))
        stated = promise(clock.kind, seconds=seconds)
        odd = replace(stated, budget_seconds=stated.budget_seconds // 2)
        replaces = draw(st.sampled_from((clock.set_by, FactId("another"))))
        version = draw(st.none() | VERSIONS)
        self.append(ordered(at, draw(st.sampled_from((stated, odd))), replaces, version=version))


@st.composite
def lives(draw: st.DrawFn, *, steps_max: int = 16) -> History:
    """A case from its first message, with all that its people and its timer say of it."""
    life = Life()
    for fact in opened(CITY, life.now):
        life.append(fact)
    for _ in range(draw(st.integers(0, steps_max))):
        life.now += after(draw(STEPS)) - after(0)
        at = max(after(0), life.now - (after(draw(LAGS)) - after(0)))
        match draw(st.sampled_from(("said", "said", "said", "timer", "timer", "order"))):
            case "said":
                life.append(said(draw, at))
            case "timer":
                life.announce(draw(st.sampled_from((1, 100))))
            case _:
                life.order(draw, at)
    return tuple(life.history)
