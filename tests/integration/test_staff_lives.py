"""Whatever staff do in whatever order, at either of two edges: what has ended stays ended."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.staffing import ADMINISTRATORS_KEY, IDLE, LASTS, StaffEdge, Town, staff_edge, town

pytestmark = pytest.mark.integration

ACCOUNTS = "/staff/v1/accounts"
PEOPLE = 2
LIVES = 40
STEPS_MAX = 25
MINUTE = 60.0
IDLE_SECONDS, LASTS_SECONDS = IDLE.total_seconds(), LASTS.total_seconds()

Step = tuple[str, int, int]
"""What is done, by or to whom, at which edge."""


@dataclass(slots=True)
class Person:
    """What a person of staff knows, and what there is of it."""

    name: str
    password: str
    first: bool = False
    forgotten: list[str] = field(default_factory=list[str])
    disabled: bool = False


@dataclass(slots=True)
class Session:
    """A session as it should be."""

    token: str
    person: Person
    began_at: float
    seen_at: float
    ended: bool = False

    def is_open(self, now: float) -> bool:
        return not (
            self.ended
            or self.person.disabled
            or now >= self.began_at + LASTS_SECONDS
            or now >= self.seen_at + IDLE_SECONDS
        )


class Model:
    """What ought to be, told beside what is done."""

    def __init__(self, there: Town, number: int) -> None:
        self.town = there
        self.people = [
            Person(name=f"person-{number}-{one}", password=f"the first word of {one}")
            for one in range(PEOPLE)
        ]
        self.sessions: list[Session] = []
        self._words = itertools.count()
        self._addresses = itertools.count()
        self.edges = [there.one, there.other]

    @property
    def now(self) -> float:
        return self.town.clock().timestamp()

    async def step(self, what: str, who: int, where: int) -> None:
        self.town.clock.pass_by(seconds=1)
        person, edge = self.people[who % PEOPLE], self.edges[where]
        deeds: dict[str, Callable[[], Awaitable[None]]] = {
            "sign in": lambda: self._sign_in(edge, person, person.password),
            "sign in wrongly": lambda: self._sign_in(edge, person, "no word of mine"),
            "sign in as before": lambda: self._sign_in(edge, person, _last(person)),
            "sign out": lambda: self._sign_out(edge, who),
            "change": lambda: self._change(edge, who),
            "renew": lambda: self._renew(edge, person),
            "disable": lambda: self._disable(edge, person),
            "wait a while": lambda: self._wait(IDLE_SECONDS / 3),
            "wait long": lambda: self._wait(LASTS_SECONDS / 4),
            "restart": lambda: self._restart(where),
            "look": edge.desk.known.refresh,
        }
        await deeds[what]()

    async def hold(self) -> None:
        """After a look, no edge lets anybody in who has ended, and lets in all others."""
        for edge in self.edges:
            await edge.desk.known.refresh()
        for edge in self.edges:
            for one in self.sessions:
                expected = one.is_open(self.now)
                known = edge.desk.known.known(one.token)
                assert known is None or expected, "looked on after its end"
                found = await edge.desk.callers.find(one.token)
                assert (found is not None) == expected
                if found is not None:
                    one.seen_at = self.now
                    assert found.must_change == one.person.first

    async def _sign_in(self, edge: StaffEdge, person: Person, password: str) -> None:
        address = f"192.0.2.{next(self._addresses) % 250}"
        answer = await edge.sign_in(person.name, password, address=address)
        right = password == person.password and not person.disabled
        assert answer.status_code in ({201, 429} if right else {401, 429})
        if answer.status_code == 201:
            self._began(answer.json()["token"], person)

    async def _sign_out(self, edge: StaffEdge, who: int) -> None:
        one = self._chosen(who)
        if one is None:
            return
        was_open = one.is_open(self.now)
        status = (await edge.ask("DELETE", "/staff/v1/sessions/current", one.token)).status_code
        # An edge may not have looked yet; what it then ends had ended.
        assert status == 204 if was_open else status in {204, 401}
        one.ended = True

    async def _change(self, edge: StaffEdge, who: int) -> None:
        one = self._chosen(who)
        if one is None:
            return
        was_open, person = one.is_open(self.now), one.person
        new = f"the next word is {next(self._words)}"
        answer = await edge.ask(
            "PUT",
            "/staff/v1/me/password",
            one.token,
            json={"current": person.password, "new": new},
            address=f"198.51.100.{next(self._addresses) % 250}",
        )
        if answer.status_code != 200:
            assert answer.status_code in ({429} if was_open else {401, 403, 429})
            return
        assert not person.disabled
        self._ended(person)
        person.forgotten.append(person.password)
        person.password, person.first = new, False
        self._began(answer.json()["token"], person)

    async def _renew(self, edge: StaffEdge, person: Person) -> None:
        path = f"{ACCOUNTS}/{person.name}/password"
        answer = await edge.ask("POST", path, ADMINISTRATORS_KEY)
        assert answer.status_code == (409 if person.disabled else 200)
        if answer.status_code == 200:
            self._ended(person)
            person.forgotten.append(person.password)
            person.password, person.first = answer.json()["first_password"], True

    async def _disable(self, edge: StaffEdge, person: Person) -> None:
        path = f"{ACCOUNTS}/{person.name}"
        assert (await edge.ask("DELETE", path, ADMINISTRATORS_KEY)).status_code == 204
        person.disabled = True
        self._ended(person)

    async def _wait(self, seconds: float) -> None:
        self.town.clock.pass_by(seconds=seconds)

    async def _restart(self, where: int) -> None:
        """It has told the table what was used, as it does every few seconds."""
        await self.edges[where].desk.known.refresh()
        self.edges[where] = staff_edge(self.town.database, self.town.clock)

    def _began(self, token: str, person: Person) -> None:
        self.sessions.append(
            Session(token=token, person=person, began_at=self.now, seen_at=self.now)
        )

    def _ended(self, person: Person) -> None:
        for one in self.sessions:
            if one.person is person:
                one.ended = True

    def _chosen(self, which: int) -> Session | None:
        return self.sessions[which % len(self.sessions)] if self.sessions else None


def _last(person: Person) -> str:
    return person.forgotten[-1] if person.forgotten else "never a word of mine"


WEIGHED = (
    *("sign in",) * 4,
    "sign in wrongly",
    *("sign in as before", "sign out", "change", "renew") * 2,
    "disable",
    "wait a while",
    "wait long",
    "restart",
    "look",
)
steps = st.lists(
    st.tuples(
        st.sampled_from(WEIGHED),
        st.integers(min_value=0, max_value=9),
        st.integers(min_value=0, max_value=1),
    ),
    max_size=STEPS_MAX,
)


def test_no_order_of_deeds_leaves_open_what_has_ended(database: str) -> None:
    numbers = itertools.count()

    async def live(there: Town, lived: list[Step]) -> None:
        model = Model(there, next(numbers))
        await there.database.pool.execute("truncate desk.sign_ins")
        for person in model.people:
            await there.employ(person.name, password=person.password)
        for what, who, where in lived:
            await model.step(what, who, where)
            await model.hold()

    with asyncio.Runner() as runner:
        opened = town(database)
        there = runner.run(opened.__aenter__())

        @settings(max_examples=LIVES, deadline=None)
        @given(lived=steps)
        def holds(lived: list[Step]) -> None:
            runner.run(live(there, lived))

        try:
            holds()
        finally:
            runner.run(opened.__aexit__(None, None, None))
