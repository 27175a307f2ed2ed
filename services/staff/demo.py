"""The staff of the demo: an account of each role, made where what is kept of them is not there."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import asyncpg

from schemas.vocabulary import Department, Municipality, Role
from services.http.grants import DEPARTMENT_ROLES, STAFF_ROLES, Grant
from services.staff import accounts, sessions
from services.staff.account import NewAccount, first_password
from services.staff.passwords import Passwords

CITY = Municipality("hashtgerd")
DEPARTMENT, ABOVE_IT = Department("parks"), Department("khadamat")


async def demo_staff(
    connection: asyncpg.Connection, kept: Mapping[str, Any], *, at: datetime
) -> dict[str, str]:
    """The passwords by name, as they are to be kept; none where those that are kept are there.

    They work as they are, since whoever tries the demo is told them by a file of their own.
    """
    if set(kept) == {_name(role) for role in STAFF_ROLES} and await _all_there(connection):
        return {}
    passwords = Passwords()
    made = {_name(role): first_password() for role in STAFF_ROLES}
    digests = await asyncio.gather(*(passwords.digest(one) for one in made.values()))
    for role, digest in zip(STAFF_ROLES, digests, strict=True):
        one = _account(role)
        if not await accounts.add(connection, one, digest=digest, must_change=False, at=at):
            await accounts.set_password(connection, one.name, digest, must_change=False)
            await sessions.end_all(connection, one.name, at)
    return made


async def _all_there(connection: asyncpg.Connection) -> bool:
    """Disabled or not: what the city has ended does not come back."""
    found = {one.name for one in await accounts.listed(connection, municipalities=[CITY])}
    return {_name(role) for role in STAFF_ROLES} <= found


def _account(role: Role) -> NewAccount:
    department = (
        (ABOVE_IT if role == "deputy" else DEPARTMENT) if role in DEPARTMENT_ROLES else None
    )
    return NewAccount(
        name=_name(role), grant=Grant(role=role, municipality=CITY, department=department)
    )


def _name(role: Role) -> str:
    return f"demo-{role}"
