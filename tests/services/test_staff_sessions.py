"""When a session has ended, and how soon each edge knows it."""

import asyncio
from datetime import timedelta

import pytest

from services.staff import sessions
from services.staff.known import TRUSTED, KnownSessions
from services.staff.sessions import OF_ONE_MAX
from services.staff.token import digest
from tests.staffing import (
    ADMINISTRATORS_KEY,
    IDLE,
    LASTS,
    PASSWORD,
    StaffEdge,
    Town,
    lived,
)

pytestmark = pytest.mark.integration

CURRENT, ME, ACCOUNTS = "/staff/v1/sessions/current", "/staff/v1/me", "/staff/v1/accounts"
A_SECOND = timedelta(seconds=1)


async def known_at_both(town: Town, name: str = "gardener") -> str:
    """The token of a session that both edges have seen."""
    await town.employ(name)
    token = await town.one.signed_in(name)
    assert await town.one.opens(token)
    assert await town.other.opens(token)
    return token


@pytest.mark.parametrize("refreshed", [True, False])
def test_unused_for_so_long_it_has_ended(database: str, refreshed: bool) -> None:  # noqa: FBT001
    async def life(town: Town) -> None:
        token = await known_at_both(town)
        town.clock.at += IDLE - A_SECOND
        assert await town.one.opens(token)
        if refreshed:
            await town.one.desk.known.refresh()
        town.clock.at += IDLE - A_SECOND
        assert await town.one.opens(token)
        town.clock.at += IDLE
        if refreshed:
            await town.one.desk.known.refresh()
        assert not await town.one.opens(token)
        assert not await town.other.opens(token)

    lived(database, life)


def test_it_ends_between_two_looks_too(database: str) -> None:
    async def life(town: Town) -> None:
        token = await known_at_both(town)
        town.clock.at += IDLE - A_SECOND
        await town.one.desk.known.refresh()
        assert town.one.desk.known.known(token) is not None
        town.clock.at += A_SECOND
        assert town.one.desk.known.known(token) is None
        assert not await town.one.opens(token)

    lived(database, life)


def test_used_all_the_time_it_ends_at_the_latest(database: str) -> None:
    async def life(town: Town) -> None:
        token = await known_at_both(town)
        ends_at = town.clock() + LASTS
        while town.clock() + IDLE / 2 < ends_at:
            town.clock.at += IDLE / 2
            assert await town.one.opens(token)
            await town.one.desk.known.refresh()
        town.clock.at = ends_at - A_SECOND
        assert await town.one.opens(token)
        town.clock.at = ends_at
        assert not await town.one.opens(token)
        assert not await town.other.opens(token)

    lived(database, life)


def test_use_at_one_edge_keeps_it_open_at_the_other(database: str) -> None:
    async def life(town: Town) -> None:
        token = await known_at_both(town)
        for _ in range(3):
            town.clock.at += IDLE - A_SECOND
            assert await town.one.opens(token)
            await town.one.desk.known.refresh()
            await town.other.desk.known.refresh()
        town.clock.at += IDLE - A_SECOND
        assert await town.other.opens(token)

    lived(database, life)


@pytest.mark.parametrize("how", ["sign-out", "new password", "first password", "disabled"])
def test_however_it_ends_it_has_ended_here_at_once_and_elsewhere_with_the_next_look(
    database: str, how: str
) -> None:
    async def life(town: Town) -> None:
        token = await known_at_both(town)

        await end(town.one, token, how)

        assert not await town.one.opens(token)
        assert town.one.desk.known.known(token) is None
        await town.other.desk.known.refresh()
        assert not await town.other.opens(token)
        assert town.other.desk.known.known(token) is None

    lived(database, life)


@pytest.mark.parametrize("how", ["sign-out", "new password", "first password", "disabled"])
def test_an_edge_that_cannot_look_trusts_what_it_knows_for_a_few_seconds(
    database: str, how: str
) -> None:
    async def life(town: Town) -> None:
        token = await known_at_both(town)

        await end(town.one, token, how)

        assert await town.other.opens(token)
        town.clock.at += TRUSTED + A_SECOND
        assert not await town.other.opens(token)

    lived(database, life)


async def end(edge: StaffEdge, token: str, how: str) -> None:
    new = {"current": PASSWORD, "new": "another horse battery"}
    answer = await {
        "sign-out": lambda: edge.ask("DELETE", CURRENT, token),
        "new password": lambda: edge.ask("PUT", f"{ME}/password", token, json=new),
        "first password": lambda: edge.ask(
            "POST", f"{ACCOUNTS}/gardener/password", ADMINISTRATORS_KEY
        ),
        "disabled": lambda: edge.ask("DELETE", f"{ACCOUNTS}/gardener", ADMINISTRATORS_KEY),
    }[how]()
    assert answer.is_success, answer.text


def test_looking_on_keeps_nothing_open_and_asks_nobody(database: str) -> None:
    async def life(town: Town) -> None:
        token = await known_at_both(town)
        known = town.one.desk.known
        for _ in range(3):
            town.clock.at += IDLE / 2 - A_SECOND
            await known.refresh()
            shown = known.known(token)
            if shown is None:
                break
        assert known.known(token) is None
        assert not await town.one.opens(token)
        assert known.known("pgs_" + "a" * 43) is None
        assert known.known("no token") is None

    lived(database, life)


def test_what_is_known_outlives_an_outage_for_who_looks_on(database: str) -> None:
    async def life(town: Town) -> None:
        token = await known_at_both(town)
        known = town.one.desk.known
        town.database.close()
        fresh = asyncio.create_task(known.keep_fresh(every_seconds=0.01))
        await asyncio.sleep(0.1)
        town.clock.at += TRUSTED + A_SECOND

        assert not fresh.done()
        assert known.known(token) is not None
        fresh.cancel()
        assert (await town.one.ask("GET", "/probe", token)).status_code == 503

    lived(database, life)


def test_a_session_is_asked_for_once_and_then_costs_no_query(database: str) -> None:
    async def life(town: Town) -> None:
        token = await known_at_both(town)
        town.database.close()

        for _ in range(3):
            assert await town.one.opens(token)

    lived(database, life)


def test_what_ended_while_it_was_asked_for_is_not_remembered_as_open(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer was on its way when somebody signed out."""

    async def life(town: Town) -> None:
        await town.employ("gardener")
        token = await town.one.signed_in("gardener")
        asked = sessions.still_open

        async def slow(*args: object, **how: object) -> object:
            found = await asked(*args, **how)  # pyright: ignore[reportArgumentType]  # as it came
            await town.one.ask("DELETE", CURRENT, token)
            return found

        with monkeypatch.context() as patched:
            patched.setattr(sessions, "still_open", slow)
            patched.setattr("services.staff.session_routes._person", _anybody)
            await town.one.desk.known.find(token)

        assert not await town.one.opens(token)

    lived(database, life)


async def _anybody(*_: object) -> str:
    return "gardener"


def test_what_ended_while_all_were_looked_at_is_not_learned_again(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def life(town: Town) -> None:
        token = await known_at_both(town)
        asked = sessions.still_open

        async def slow(*args: object, **how: object) -> object:
            found = await asked(*args, **how)  # pyright: ignore[reportArgumentType]  # as it came
            assert (await town.one.ask("DELETE", CURRENT, token)).status_code == 204
            return found

        with monkeypatch.context() as patched:
            patched.setattr(sessions, "still_open", slow)
            await town.one.desk.known.refresh()

        assert not await town.one.opens(token)

    lived(database, life)


def test_one_account_has_so_many_sessions_and_the_first_makes_room(database: str) -> None:
    async def life(town: Town) -> None:
        await town.employ("gardener")
        tokens = list[str]()
        for _ in range(OF_ONE_MAX + 1):
            town.clock.pass_by(seconds=1)
            tokens.append(await town.one.signed_in("gardener"))

        opened = [await town.other.opens(token) for token in tokens]

        assert opened == [False] + [True] * OF_ONE_MAX

    lived(database, life)


def test_an_edge_remembers_so_many_and_asks_again_for_the_others(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.staff.known.KNOWN_MAX", 2)

    async def life(town: Town) -> None:
        await town.employ("gardener")
        tokens = [await town.one.signed_in("gardener") for _ in range(3)]
        known: KnownSessions = town.one.desk.known
        for token in (tokens[0], tokens[1], tokens[0], tokens[2]):
            assert await town.one.opens(token)

        remembered = [known.known(token) is not None for token in tokens]

        assert remembered == [True, False, True]
        assert await town.one.opens(tokens[1])

    lived(database, life)


def test_the_digest_of_a_token_opens_nothing(database: str) -> None:
    async def life(town: Town) -> None:
        token = await known_at_both(town)
        for forged in (digest(token).hex(), f"pgs_{digest(token).hex()[:43]}", token[:-1] + "!"):
            assert not await town.one.opens(forged)

    lived(database, life)
