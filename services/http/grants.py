"""What a caller may be: a role in one municipality, for one department where the role has one."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from schemas.policy import Policy
from schemas.vocabulary import CHANNELS, Department, Municipality, Role
from streams.core.hierarchy import below

CITY_ROLES: tuple[Role, ...] = ("operator", "mayor", "auditor", "administrator")
"""What somebody is for a whole municipality; each of them sees all its cases."""
DEPARTMENT_ROLES: tuple[Role, ...] = ("member", "head", "deputy")
"""What somebody is for one department, and sees the cases that it has."""
STAFF_ROLES: tuple[Role, ...] = (*CITY_ROLES, *DEPARTMENT_ROLES)
"""What a person of the municipality can be; a channel and a citizen are none."""

READ = "read"
SCOPES = (
    "read, read:<municipality>, channel:<channel>, channel:*, "
    f"{', '.join(f'{one}:<municipality>' for one in CITY_ROLES)}, "
    f"{', '.join(f'{one}:<municipality>/<department>' for one in DEPARTMENT_ROLES)} "
    "(a member's is also written department:<municipality>/<department>)"
)
"""Every scope that there is, in words."""
EVERY_CHANNEL = "channel:*"
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_KEPT_MAX = 4_096

Place = tuple[Municipality, Department]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """As what a caller may act. A channel brings messages to any municipality, and so has none."""

    role: Role
    municipality: Municipality | None = None
    department: Department | None = None


@lru_cache(maxsize=_KEPT_MAX)
def grants_of(scopes: frozenset[str]) -> tuple[Grant, ...]:
    """What the scopes make of their caller, in the order of their names; reading makes nothing."""
    found = (_grant(scope) for scope in sorted(scopes))
    return tuple(dict.fromkeys(one for one in found if one is not None))


def scope_of(grant: Grant) -> str:
    """The scope that gives this and nothing else."""
    place = grant.municipality if grant.department is None else _slashed(grant)
    return f"{grant.role}:{place}"


def read_municipalities(scopes: Iterable[str]) -> frozenset[Municipality]:
    """The municipalities that may be read and no more: `read:hashtgerd`."""
    halves = (scope.partition(":") for scope in scopes)
    return frozenset(Municipality(place) for word, _, place in halves if word == READ and place)


def below_deputies(
    grants: Iterable[Grant], find_policy: Callable[[str], Policy | None]
) -> frozenset[Place]:
    """The departments below those that the caller is deputy of, by the policies in force."""
    return frozenset(
        (grant.municipality, department)
        for grant in grants
        if grant.role == "deputy" and grant.municipality and grant.department
        for department in _below(find_policy(grant.municipality), grant.department)
    )


def valid_scope(scope: str) -> bool:
    """Whether it is one: `read`, `read:hashtgerd`, `head:hashtgerd/parks`, `channel:web`."""
    word, colon, place = scope.partition(":")
    if word == READ:
        return not colon or bool(_ID.fullmatch(place))
    return _grant(scope) is not None


def _grant(scope: str) -> Grant | None:
    word, _, place = scope.partition(":")
    if word == "channel":
        return Grant(role="channel") if scope == EVERY_CHANNEL or place in CHANNELS else None
    # A department's key, as it was called before there were roles, is a member's.
    role = cast("Role", "member" if word == "department" else word)
    where, slash, who = place.partition("/")
    if not _ID.fullmatch(where):
        return None
    if role in CITY_ROLES and not slash:
        return Grant(role=role, municipality=Municipality(where))
    if role in DEPARTMENT_ROLES and _ID.fullmatch(who):
        return Grant(role=role, municipality=Municipality(where), department=Department(who))
    return None


def _below(policy: Policy | None, department: Department) -> frozenset[Department]:
    if policy is None:
        return frozenset()
    return below({one.department: one for one in policy.departments}, department)


def _slashed(grant: Grant) -> str:
    return f"{grant.municipality}/{grant.department}"
