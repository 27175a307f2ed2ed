"""What a scope makes of its caller: a role somewhere, or only reading."""

from dataclasses import replace

import pytest

from schemas.vocabulary import ROLES, Author, Department, Municipality
from services.edge.callers import EdgeCallers
from services.http.client import Client
from services.http.grants import CITY_ROLES, DEPARTMENT_ROLES, Grant, scope_of, valid_scope
from services.keys.active import ActiveKeys
from services.keys.key import digest, new_key
from tests.builders import CITY, PARKS
from tests.policies import policy

ELSEWHERE = Municipality("boston")
FANI = Department("fani")


def client(*scopes: str) -> Client:
    return Client(name=Author("someone"), scopes=frozenset(scopes))


def sees(one: Client) -> tuple[bool, bool, bool, bool]:
    """Parks here, another department here, a case without one here, parks of another city."""
    return (
        one.sees(CITY, PARKS),
        one.sees(CITY, FANI),
        one.sees(CITY, None),
        one.sees(ELSEWHERE, PARKS),
    )


@pytest.mark.parametrize("role", CITY_ROLES)
def test_a_role_of_the_city_sees_every_case_of_that_city_alone(role: str) -> None:
    one = client(f"{role}:{CITY}")

    assert one.grants == (Grant(role=role, municipality=CITY),)  # pyright: ignore[reportArgumentType]  # a role
    assert sees(one) == (True, True, True, False)
    assert one.may_read
    assert one.serves(CITY)
    assert not one.serves(ELSEWHERE)
    assert not one.may_submit("phone")


@pytest.mark.parametrize("role", DEPARTMENT_ROLES)
def test_a_role_of_a_department_sees_the_cases_of_that_department_alone(role: str) -> None:
    one = client(f"{role}:{CITY}/{PARKS}")

    assert one.grants == (Grant(role=role, municipality=CITY, department=PARKS),)  # pyright: ignore[reportArgumentType]  # a role
    assert sees(one) == (True, False, False, False)
    assert one.serves(CITY)


def test_a_departments_key_of_before_is_a_members() -> None:
    old, new = client(f"department:{CITY}/{PARKS}"), client(f"member:{CITY}/{PARKS}")

    assert old.grants == new.grants
    assert sees(old) == sees(new)


def test_a_key_for_reading_acts_as_nothing() -> None:
    assert client("read").grants == ()
    assert sees(client("read")) == (True, True, True, True)
    assert client(f"read:{CITY}").grants == ()
    assert sees(client(f"read:{CITY}")) == (True, True, True, False)


def test_a_channel_acts_as_one_anywhere_and_reads_nothing() -> None:
    for one in (client("channel:*"), client("channel:sms"), client("channel:sms", "channel:web")):
        assert one.grants == (Grant(role="channel"),)
        assert not one.may_read
        assert sees(one) == (False, False, False, False)


@pytest.mark.parametrize(
    "scope",
    [
        "citizen:hashtgerd",
        "operator",
        "operator:",
        "operator:hashtgerd/parks",
        "mayor:*",
        "head:hashtgerd",
        "head:hashtgerd/",
        "head:/parks",
        "head:hashtgerd/parks/more",
        "head:Hashtgerd/parks",
        "channel:",
        "channel:pigeon",
        "deputy:hashtgerd/*",
        "",
        ":",
    ],
)
def test_what_is_no_scope_gives_nothing(scope: str) -> None:
    one = client(scope)

    assert not valid_scope(scope)
    assert one.grants == ()
    assert not one.may_read


def test_every_role_but_a_citizens_can_be_given_to_a_key() -> None:
    given = {one.role for scope in _scopes() for one in client(scope).grants}

    assert given == set(ROLES) - {"citizen"}
    for scope in _scopes():
        assert new_key(client="someone", scopes=(scope,)).scopes == (scope,)


def test_a_grant_is_written_as_the_scope_that_gives_it() -> None:
    for scope in _scopes()[1:]:
        assert [scope_of(one) for one in client(scope).grants] == [scope]


def test_a_deputy_sees_also_what_stands_below_as_the_policy_says_and_a_head_does_not() -> None:
    here = policy()
    parks, other = here.departments[:2]
    above = replace(parks, department=Department("khadamat"))
    under = replace(parks, parent=above.department)
    city = replace(here, departments=(above, under, other))
    keys = ActiveKeys(
        {
            digest(role): client(f"{role}:{CITY}/{above.department}")
            for role in ("deputy", "head", "member")
        }
    )
    callers = EdgeCallers(
        keys=keys, sessions=keys, find_policy=lambda name: city if name == CITY else None
    )

    seen = {role: callers.known(role) for role in ("deputy", "head", "member")}

    assert {name: one and one.sees(CITY, under.department) for name, one in seen.items()} == {
        "deputy": True,
        "head": False,
        "member": False,
    }
    assert not any(one is None or one.sees(CITY, other.department) for one in seen.values())
    without = EdgeCallers(keys=keys, sessions=keys, find_policy=lambda _name: None).known("deputy")
    assert without is not None
    assert without.sees(CITY, above.department)
    assert not without.sees(CITY, under.department)


def _scopes() -> list[str]:
    return [
        "channel:*",
        *(f"{role}:{CITY}" for role in CITY_ROLES),
        *(f"{role}:{CITY}/{PARKS}" for role in DEPARTMENT_ROLES),
    ]
