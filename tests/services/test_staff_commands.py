"""`peygir staff`: accounts kept by hand, also before there is an administrator."""

import asyncio
import json

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from services.command.composed import composed
from services.command.exit_codes import ExitCode
from services.provision.tables import lay_out
from services.staff import accounts
from services.staff.passwords import Passwords

pytestmark = pytest.mark.integration

NOWHERE = "127.0.0.1:1"


@pytest.fixture
def tables(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    async def empty() -> None:
        connection = await asyncpg.connect(database)
        await lay_out(connection, "cluster-1")
        await connection.execute("truncate desk.staff, desk.sessions, desk.sign_ins")
        await connection.close()

    asyncio.run(empty())
    monkeypatch.setattr("services.kafka.FOUND_MS_MAX", 300)
    return database


def peygir(database: str, *words: str) -> Result:
    environment = {"PEYGIR_DATABASE_URL": database, "PEYGIR_KAFKA": NOWHERE, "COLUMNS": "300"}
    return CliRunner().invoke(composed(), ["staff", *words], env=environment)


def add(database: str, name: str, *words: str) -> str:
    """The first password."""
    done = peygir(database, "add", name, *words, "--unchecked", "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)["first_password"]


HEAD = ("--municipality", "hashtgerd", "--role", "head", "--department", "parks")
MAYOR = ("--municipality", "hashtgerd", "--role", "mayor")


def compared(database: str, name: str, password: str) -> tuple[bool, bool]:
    """Whether it is the password, and whether it has to be changed."""

    async def look() -> tuple[bool, bool]:
        connection = await asyncpg.connect(database)
        kept = await accounts.find(connection, name)
        await connection.close()
        assert kept is not None
        return await Passwords().fits(password, kept.digest), kept.account.must_change

    return asyncio.run(look())


def test_an_account_is_made_and_its_first_password_shown_once(tables: str) -> None:
    password = add(tables, "gardener", *HEAD)

    assert compared(tables, "gardener", password) == (True, True)
    listed = peygir(tables, "list")
    assert password not in listed.output
    for words in ("gardener", "head", "hashtgerd", "parks", "the first"):
        assert words in listed.output


def test_in_words_the_first_password_stands_alone_on_its_line(tables: str) -> None:
    done = peygir(tables, "add", "gardener", *HEAD, "--unchecked")

    password, said = done.stdout.splitlines()
    assert compared(tables, "gardener", password) == (True, True)
    assert said == "is the first password of gardener; it cannot be shown again"


def test_a_forgotten_password_is_replaced(tables: str) -> None:
    old = add(tables, "gardener", *HEAD)

    done = peygir(tables, "password", "gardener", "--json")

    new = json.loads(done.stdout)["first_password"]
    assert compared(tables, "gardener", old) == (False, True)
    assert compared(tables, "gardener", new) == (True, True)


def test_a_disabled_account_is_listed_and_stays_disabled(tables: str) -> None:
    add(tables, "gardener", *HEAD)
    add(tables, "boss", *MAYOR)

    assert peygir(tables, "disable", "gardener").exit_code == 0

    rows = json.loads(peygir(tables, "list", "--json").stdout)
    assert [(one["name"], one["disabled_at"] is None) for one in rows] == [
        ("boss", True),
        ("gardener", False),
    ]
    assert peygir(tables, "password", "gardener").exit_code == ExitCode.NO
    assert peygir(tables, "add", "gardener", *MAYOR, "--unchecked").exit_code == ExitCode.NO
    assert peygir(tables, "disable", "gardener").exit_code == 0
    assert json.loads(peygir(tables, "list", "--json").stdout) == rows
    assert json.loads(peygir(tables, "list", "--municipality", "boston", "--json").stdout) == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("add", "Gardener", *MAYOR), ExitCode.USAGE, "lower case"),
        (("add", "gardener", *MAYOR, "--department", "parks"), ExitCode.USAGE, "leave it out"),
        (("add", "gardener", *HEAD[:4]), ExitCode.USAGE, "name it"),
        (("add", "gardener", *MAYOR[:2], "--role", "king"), ExitCode.USAGE, "operator"),
        (("add", "gardener", *MAYOR), ExitCode.UNAVAILABLE, "--unchecked makes the account"),
        (("password", "nobody"), ExitCode.NO, "no account nobody"),
        (("disable", "nobody"), ExitCode.NO, "no account nobody"),
    ],
)
def test_what_cannot_be_done_is_said_with_a_code_of_its_own(
    tables: str, words: tuple[str, ...], code: ExitCode, said: str
) -> None:
    done = peygir(tables, *words)

    assert done.exit_code == code, done.output
    assert said in done.output


def test_without_a_database_nothing_is_kept() -> None:
    done = peygir("postgresql://nobody@127.0.0.1:1/none", "list")

    assert done.exit_code == ExitCode.UNAVAILABLE
    assert "Postgres does not answer" in done.output
