"""What an account may be, what its password may be, and what is kept of either."""

import asyncio

import pytest
from pwdlib import PasswordHash

from schemas.vocabulary import ROLES
from services.http.addresses import household
from services.http.grants import CITY_ROLES, DEPARTMENT_ROLES, STAFF_ROLES
from services.http.problems import ProblemError
from services.staff import passwords as module
from services.staff.account import (
    NAME,
    AccountRefusedError,
    author,
    first_password,
    name_of,
    new_account,
)
from services.staff.passwords import AT_ONCE_MAX, Passwords, hasher, too_short
from services.staff.throttle import ADDRESS_TRIES_MAX, NAME_TRIES_MAX, Counted
from services.staff.token import digest, is_token, new_token
from tests.builders import CITY
from tests.staffing import PASSWORD, QUICK


def test_people_are_all_that_a_role_can_be_but_a_channel_and_a_citizen() -> None:
    assert set(STAFF_ROLES) == set(ROLES) - {"channel", "citizen"}


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_an_account_is_of_one_department_where_its_role_is_and_else_of_none(role: str) -> None:
    department = "parks" if role in DEPARTMENT_ROLES else None

    made = new_account(name="gardener", role=role, municipality=CITY, department=department)

    assert (made.grant.role, made.grant.municipality) == (role, CITY)
    assert made.grant.department == department


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "Gardener"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "a/b"}, "name"),
        ({"name": "a" * 64}, "name"),
        ({"name": "لیلا"}, "name"),
        ({"name": "a\n"}, "name"),
        ({"role": "channel"}, "role"),
        ({"role": "citizen"}, "role"),
        ({"role": "king"}, "role"),
        *(({"role": role}, "department") for role in DEPARTMENT_ROLES),
        *(({"role": role, "department": "parks"}, "department") for role in CITY_ROLES),
        ({"role": "head", "department": "Parks!"}, "department"),
        ({"municipality": "*"}, "municipality"),
        ({"municipality": ""}, "municipality"),
    ],
)
def test_what_cannot_be_an_account_is_refused_where_it_is_wrong(
    given: dict[str, str], field: str
) -> None:
    asked = {"name": "gardener", "role": "operator", "municipality": str(CITY)} | given

    with pytest.raises(AccountRefusedError) as raised:
        new_account(**asked)

    assert raised.value.field == field


def test_no_key_can_sign_as_a_person_does() -> None:
    assert name_of(author("gardener")) == "gardener"
    assert name_of(author("staff")) == "staff"
    for client in ("gardener", "staff", "demo-read"):
        assert name_of(author(client)) == client
        assert name_of(client) is None  # pyright: ignore[reportArgumentType]  # as a key signs
    assert not NAME.fullmatch("staff/gardener")


def test_a_first_password_is_another_each_time_and_long_enough() -> None:
    made = {first_password() for _ in range(100)}

    assert len(made) == 100
    assert not any(too_short(one) for one in made)


@pytest.mark.parametrize(
    ("password", "short"),
    [
        ("a" * 12, False),
        ("a" * 11, True),
        ("چهارواژهٔمن", True),
        ("چهار واژهٔ من", False),
        ("", True),
        # Each is one letter, written as two.
        ("e\u0301" * 11, True),
        ("e\u0301" * 12, False),
    ],
)
def test_the_one_rule_is_twelve_characters(password: str, short: bool) -> None:  # noqa: FBT001
    assert too_short(password) is short


def test_a_digest_is_argon2s_and_fits_its_password_alone() -> None:
    async def run() -> None:
        passwords = Passwords(QUICK)
        made = await passwords.digest("café au lait matin")

        assert made.startswith("$argon2id$")
        assert await passwords.fits("cafe\u0301 au lait matin", made)
        assert not await passwords.fits("cafe au lait matin", made)
        assert not await passwords.fits("café au lait matin", None)

    asyncio.run(run())


def test_the_shipped_parameters_are_at_least_owasps() -> None:
    assert hasher().hash(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


class CountingHash:
    """Notes what it was asked to compare."""

    def __init__(self) -> None:
        self.compared: list[str] = []
        self.at_work = 0
        self.most_at_work = 0

    def hash(self, password: str) -> str:
        return f"digest of {password}"

    def verify(self, password: str, digest: str) -> bool:
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        self.compared.append(digest)
        try:
            asyncio.run(asyncio.sleep(0.01))
        finally:
            self.at_work -= 1
        return self.hash(password) == digest


def counting() -> tuple[CountingHash, Passwords]:
    made_by = CountingHash()
    fake: PasswordHash = made_by  # pyright: ignore[reportAssignmentType]  # all that is used of it
    return made_by, Passwords(fake)


def test_where_nobody_has_the_name_as_much_is_compared() -> None:
    made_by, passwords = counting()

    assert not asyncio.run(passwords.fits("a password", None))
    assert not asyncio.run(passwords.fits("the password of nobody", None))

    assert len(made_by.compared) == 2


def test_few_are_compared_at_once_and_a_crowd_is_told_to_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "WAITING_MAX", 6)
    made_by, passwords = counting()

    async def run() -> list[bool | BaseException]:
        crowd = (passwords.fits("a password", "a digest") for _ in range(10))
        return await asyncio.gather(*crowd, return_exceptions=True)

    answered = asyncio.run(run())

    refused = [one for one in answered if isinstance(one, ProblemError)]
    assert [one.status for one in refused] == [503] * 4
    assert made_by.most_at_work <= AT_ONCE_MAX
    assert not asyncio.run(passwords.fits("a password", "a digest"))


def test_a_token_is_256_random_bits_and_its_digest_says_nothing_of_it() -> None:
    tokens = {new_token() for _ in range(100)}

    assert len(tokens) == 100
    for one in tokens:
        assert is_token(one)
        assert one.encode() not in digest(one)
        assert len(digest(one)) == 32
    for wrong in ("", "pgs_", "pgr_" + "a" * 43, "pgs_" + "a" * 44, "pgs_" + "a" * 43 + "\n"):
        assert not is_token(wrong)


def test_tries_are_counted_by_name_and_by_household_without_keeping_either() -> None:
    name, address = (
        Counted(kind="name", value="gardener"),
        Counted(kind="address", value="gardener"),
    )

    assert name.digest != address.digest
    assert b"gardener" not in name.digest
    assert Counted(kind="name", value="\ud800" * 5_000).digest
    assert (name.tries_max, address.tries_max) == (NAME_TRIES_MAX, ADDRESS_TRIES_MAX)
    assert household("2001:db8::1") == household("2001:db8::2")
    assert household("192.0.2.1") != household("192.0.2.2")
