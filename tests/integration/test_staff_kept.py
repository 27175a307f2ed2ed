"""The demo's staff, made once; and what a backup keeps of staff, and what it does not."""

import asyncio
import json
from pathlib import Path

import asyncpg
import pytest

from services.backup import desk
from services.http.grants import STAFF_ROLES
from services.postgres import Database
from services.provision.demo import demo
from services.staff import accounts
from services.staff import demo as demo_staff
from services.staff.passwords import Passwords
from tests.builders import NOON
from tests.staffing import QUICK, Clock, Town, lived, staff_edge, town

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_staff, "Passwords", lambda: Passwords(QUICK))


async def made(there: Town, folder: Path) -> bool:
    async with there.database.pool.acquire() as pooled:
        connection: asyncpg.Connection = pooled  # pyright: ignore[reportAssignmentType]  # it stands for one
        return await demo(connection, folder, NOON)


def read(folder: Path) -> dict[str, str]:
    return json.loads((folder / "demo.json").read_text())["staff"]


def test_the_demo_has_one_account_of_each_role_that_works_at_once(
    database: str, tmp_path: Path
) -> None:
    async def life(there: Town) -> None:
        await there.database.pool.execute("truncate desk.api_keys")
        assert await made(there, tmp_path)
        assert not await made(there, tmp_path)

        assert (tmp_path / "demo.json").stat().st_mode & 0o777 == 0o600
        roles = set[str]()
        for name, password in read(tmp_path).items():
            account = (await there.one.sign_in(name, password)).json()["account"]
            roles.add(account["role"])
            assert account["must_change_password"] is False
            assert account["municipality"] == "hashtgerd"
        assert roles == set(STAFF_ROLES)

    lived(database, life)


def test_a_file_of_before_there_was_staff_keeps_its_keys_and_gains_them(
    database: str, tmp_path: Path
) -> None:
    async def life(there: Town) -> None:
        await there.database.pool.execute("truncate desk.api_keys")
        assert await made(there, tmp_path)
        path = tmp_path / "demo.json"
        before = json.loads(path.read_text())
        path.write_text(json.dumps({name: before[name] for name in ("intake", "read")}))
        await there.database.pool.execute("truncate desk.staff, desk.sessions")

        assert await made(there, tmp_path)

        after = json.loads(path.read_text())
        assert (after["intake"], after["read"]) == (before["intake"], before["read"])
        assert after["staff"].keys() == before["staff"].keys()

    lived(database, life)


def test_a_lost_file_is_made_anew_and_what_was_in_it_opens_no_more(
    database: str, tmp_path: Path
) -> None:
    async def life(there: Town) -> None:
        await made(there, tmp_path)
        old = read(tmp_path)
        token = await there.one.signed_in("demo-mayor", old["demo-mayor"])
        (tmp_path / "demo.json").write_text("[]")

        assert await made(there, tmp_path)

        new = read(tmp_path)
        assert not await there.one.opens(token)
        assert (await there.one.sign_in("demo-mayor", old["demo-mayor"])).status_code == 401
        assert (await there.one.sign_in("demo-mayor", new["demo-mayor"])).status_code == 201

    lived(database, life)


def test_what_the_city_has_ended_does_not_come_back(database: str, tmp_path: Path) -> None:
    async def life(there: Town) -> None:
        await made(there, tmp_path)
        async with there.database.pool.acquire() as connection:
            await accounts.disable(connection, "demo-mayor", NOON)

        assert not await made(there, tmp_path)
        (tmp_path / "demo.json").unlink()
        assert await made(there, tmp_path)

        password = read(tmp_path)["demo-mayor"]
        assert (await there.one.sign_in("demo-mayor", password)).status_code == 401

    lived(database, life)


def test_a_backup_keeps_accounts_and_a_restore_ends_every_session(database: str) -> None:
    async def saved() -> tuple[list[tuple[str, desk.Row]], str]:
        async with town(database) as there:
            await there.employ("gardener")
            await there.employ("gone")
            token = await there.one.signed_in("gardener")
            await there.one.sign_in("gardener", "a wrong horse battery")
            connection = await asyncpg.connect(database)
            await accounts.disable(connection, "gone", NOON)
            found = [one async for one in desk.rows(connection)]
            await connection.close()
            return found, token

    async def restored(found: list[tuple[str, desk.Row]], token: str) -> None:
        connection = await asyncpg.connect(database)
        tables = ", ".join(f"desk.{one}" for one in (*desk.TABLES, "sessions", "sign_ins"))
        await connection.execute(f"truncate {tables}")
        await desk.put(connection, found)
        await connection.close()
        opened = Database(database)
        await opened.open()
        edge = staff_edge(opened, Clock())
        assert not await edge.opens(token)
        assert (await edge.sign_in("gardener")).status_code == 201
        assert (await edge.sign_in("gone")).status_code == 401
        for client in edge.addresses.values():
            await client.aclose()
        opened.close()

    found, token = asyncio.run(saved())

    kept = {table for table, _ in found}
    assert "staff" in kept
    assert not kept & {"sessions", "sign_ins"}
    assert token not in str(found)
    asyncio.run(restored(found, token))
