"""Staff's tables on a real Postgres: what happens at the same moment, and what is swept."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from pwdlib import PasswordHash

from services.http.problems import ProblemError
from services.staff import accounts, keeping, sessions, throttle
from services.staff.account import new_account
from services.staff.ask import at_once
from services.staff.sessions import KEPT_DAYS, Beginning
from services.staff.throttle import NAME_TRIES_MAX, WINDOW, Counted
from services.staff.token import digest, new_token
from tests.builders import CITY
from tests.staffing import ADMINISTRATORS_KEY, IDLE, LASTS, QUICK, Town, lived, staff_edge

pytestmark = pytest.mark.integration


class Compared(PasswordHash):
    """Counts how often a password was compared."""

    count = 0

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002  # its name there
        self.count += 1
        return super().verify(password, hash)


NAME = Counted(kind="name", value="gardener")
ROUNDS = 20


def test_tries_at_one_moment_are_as_few_as_one_after_the_other(database: str) -> None:
    async def life(town: Town) -> None:
        await town.employ("gardener")
        compared = Compared((QUICK.current_hasher,))
        edges = [staff_edge(town.database, town.clock, compared) for _ in range(2)]
        crowd = [
            edge.sign_in("gardener", f"guess number {n} of many", address=f"192.0.2.{n}")
            for n, edge in enumerate(edges * 15)
        ]

        statuses = [one.status_code for one in await asyncio.gather(*crowd)]

        assert sorted(statuses) == [401] * NAME_TRIES_MAX + [429] * (30 - NAME_TRIES_MAX)
        assert compared.count == NAME_TRIES_MAX
        for edge in edges:
            for client in edge.addresses.values():
                await client.aclose()

    lived(database, life)


@pytest.mark.parametrize("how", ["renewed", "disabled", "changed"])
def test_who_signs_in_as_the_account_ends_is_not_in_afterwards(database: str, how: str) -> None:
    """In whichever order the two come."""

    async def life(town: Town) -> None:
        at = town.clock()
        for n in range(ROUNDS):
            name = f"gardener-{n}"
            await town.employ(name)
            kept = await accounts.find(town.database.pool, name)
            assert kept is not None
            token = new_token()
            new = Beginning(
                token_digest=digest(token),
                name=name,
                password_digest=kept.digest,
                at=at,
                ends_at=at + LASTS,
            )

            async def ended(name: str = name, old: str = kept.digest) -> bool:
                async def work(connection: accounts.Connection) -> bool:
                    if how == "renewed":
                        return await keeping.renew(connection, name, digest="other", at=at)
                    if how == "disabled":
                        return await keeping.disable(connection, name, at=at)
                    changed = await accounts.set_password(
                        connection, name, "other", must_change=False, instead_of=old
                    )
                    await sessions.end_all(connection, name, at)
                    return changed

                return await at_once(town.database, work)

            async def began(new: Beginning = new) -> bool:
                return await at_once(town.database, lambda one: sessions.begin(one, new))

            both = (began(), ended()) if n % 2 else (ended(), began())
            await asyncio.gather(*both)

            assert not await town.one.opens(token)

    lived(database, life)


def test_a_session_does_not_begin_while_a_new_password_waits_to_be_committed(
    database: str,
) -> None:
    async def life(town: Town) -> None:
        await town.employ("gardener")
        kept = await accounts.find(town.database.pool, "gardener")
        assert kept is not None
        token, at = new_token(), town.clock()
        new = Beginning(
            token_digest=digest(token),
            name="gardener",
            password_digest=kept.digest,
            at=at,
            ends_at=at + LASTS,
        )
        async with town.database.pool.acquire() as connection, connection.transaction():
            assert await keeping.renew(connection, "gardener", digest="other", at=at)
            beginning = asyncio.create_task(
                at_once(town.database, lambda one: sessions.begin(one, new))
            )
            await asyncio.sleep(0.2)
            assert not beginning.done()
        assert await beginning is False
        assert not await town.one.opens(token)

    lived(database, life)


def test_a_password_that_was_changed_meanwhile_is_not_changed_by_who_knew_the_old_one(
    database: str,
) -> None:
    async def life(town: Town) -> None:
        await town.employ("gardener")
        pool = town.database.pool
        kept = await accounts.find(pool, "gardener")
        assert kept is not None

        async def change(to: str) -> bool:
            async def work(connection: accounts.Connection) -> bool:
                return await accounts.set_password(
                    connection, "gardener", to, must_change=False, instead_of=kept.digest
                )

            return await at_once(town.database, work)

        done = await asyncio.gather(change("one"), change("other"))

        assert sorted(done) == [False, True]

    lived(database, life)


def test_use_that_is_noted_late_opens_nothing_that_has_ended(database: str) -> None:
    async def life(town: Town) -> None:
        for n, (used_after, opened) in enumerate(
            ((IDLE - timedelta(seconds=1), True), (IDLE, False), (LASTS, False))
        ):
            await town.employ(f"gardener-{n}")
            token = await town.one.signed_in(f"gardener-{n}")
            began_at = town.clock()
            used = {digest(token): began_at + used_after}
            await sessions.touch(town.database.pool, used, idle=IDLE)

            found = await sessions.still_open(
                town.database.pool, used, at=began_at + used_after, idle=IDLE
            )

            assert bool(found) is opened, used_after

    lived(database, life)


def test_use_is_noted_by_two_edges_at_once_and_never_backwards(database: str) -> None:
    async def life(town: Town) -> None:
        await town.employ("gardener")
        keys = [digest(await town.one.signed_in("gardener")) for _ in range(5)]
        later = town.clock() + timedelta(minutes=2)
        used = dict.fromkeys(keys, later)
        reverse = dict.fromkeys(reversed(keys), later - timedelta(minutes=1))
        pool = town.database.pool
        for _ in range(ROUNDS):
            await asyncio.gather(
                sessions.touch(pool, used, idle=IDLE), sessions.touch(pool, reverse, idle=IDLE)
            )
        await sessions.touch(pool, used, idle=IDLE)
        await sessions.touch(pool, reverse, idle=IDLE)

        found = await sessions.still_open(pool, keys, at=later, idle=IDLE)

        assert {one.last_seen_at for one in found.values()} == {later}

    lived(database, life)


def test_noting_use_waits_for_nobody(database: str) -> None:
    """Two edges that waited for each other's rows would end in a deadlock."""

    async def life(town: Town) -> None:
        await town.employ("gardener")
        keys = [digest(await town.one.signed_in("gardener")) for _ in range(2)]
        used = dict.fromkeys(keys, town.clock() + timedelta(minutes=1))
        pool = town.database.pool
        async with pool.acquire() as connection, connection.transaction():
            await sessions.end(connection, keys[0], town.clock())

            await asyncio.wait_for(sessions.touch(pool, used, idle=IDLE), timeout=4)

        found = await sessions.still_open(pool, keys, at=town.clock(), idle=IDLE)
        assert {key: one.last_seen_at for key, one in found.items()} == {keys[1]: used[keys[1]]}

    lived(database, life)


def test_what_is_counted_no_more_and_what_ended_long_ago_is_swept(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "KEPT_MAX", 3)

    async def counts(connection: asyncpg.Pool) -> tuple[int, int]:
        return (
            await connection.fetchval("select count(*) from desk.sign_ins"),
            await connection.fetchval("select count(*) from desk.sessions"),
        )

    async def life(town: Town) -> None:
        pool, known = town.database.pool, town.one.desk.known
        await town.employ("gardener")
        await town.one.signed_in("gardener")
        await throttle.spend(pool, NAME, town.clock())
        for n in range(5):
            await throttle.spend(pool, Counted(kind="name", value=f"{n}"), town.clock())
            town.clock.pass_by(seconds=1)

        await known.refresh()
        assert await counts(pool) == (3, 1)
        newest = await pool.fetchval("select max(began_at) from desk.sign_ins")
        assert newest == town.clock() - timedelta(seconds=1)

        town.clock.at += WINDOW
        await known.refresh()
        assert await counts(pool) == (0, 1)
        town.clock.at += LASTS + timedelta(days=KEPT_DAYS) - WINDOW - timedelta(minutes=1)
        await known.refresh()
        assert await counts(pool) == (0, 1)
        town.clock.pass_by(minutes=2)
        await known.refresh()
        assert await counts(pool) == (0, 0)

    lived(database, life)


def test_a_window_begins_anew_when_it_is_over_and_is_not_drawn_out_by_more_tries(
    database: str,
) -> None:
    async def life(town: Town) -> None:
        pool = town.database.pool

        async def waits() -> int:
            try:
                await throttle.spend(pool, NAME, town.clock())
            except ProblemError as problem:
                return int(problem.headers["Retry-After"])
            return 0

        assert [await waits() for _ in range(NAME_TRIES_MAX)] == [0] * NAME_TRIES_MAX
        for minute in range(15):
            assert await waits() == (15 - minute) * 60
            town.clock.pass_by(minutes=1)
        assert [await waits() for _ in range(NAME_TRIES_MAX)] == [0] * NAME_TRIES_MAX
        assert await waits() == WINDOW.total_seconds()

    lived(database, life)


def test_a_name_is_one_persons_for_ever(database: str) -> None:
    async def life(town: Town) -> None:
        await town.employ("gardener")
        again = new_account(name="gardener", role="mayor", municipality=CITY)
        pool, at = town.database.pool, town.clock()
        assert not await accounts.add(pool, again, digest="d", must_change=True, at=at)
        ended = await town.one.ask("DELETE", "/staff/v1/accounts/gardener", ADMINISTRATORS_KEY)
        assert ended.status_code == 204
        town.clock.pass_by(days=400)

        assert not await accounts.add(pool, again, digest="d", must_change=True, at=town.clock())
        later = await town.one.ask("DELETE", "/staff/v1/accounts/gardener", ADMINISTRATORS_KEY)
        assert later.status_code == 204
        kept = await accounts.find(pool, "gardener")
        assert kept is not None
        assert (kept.account.role, kept.account.disabled_at) == ("operator", at)

    lived(database, life)


def test_two_who_make_one_name_at_once_make_it_once(database: str) -> None:
    async def life(town: Town) -> None:
        body = {"name": "gardener", "role": "operator", "municipality": CITY}
        path = "/staff/v1/accounts"
        both = [
            edge.ask("POST", path, ADMINISTRATORS_KEY, json=body) for edge in (town.one, town.other)
        ]

        statuses = [one.status_code for one in await asyncio.gather(*both)]

        assert sorted(statuses) == [201, 409]

    lived(database, life)
