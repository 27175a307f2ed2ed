"""Keeping accounts: made, given a new first password, disabled; by an administrator or by hand."""

from datetime import datetime

from services.staff import accounts, sessions, throttle
from services.staff.account import NewAccount
from services.staff.accounts import Connection
from services.staff.throttle import Counted


async def make(connection: Connection, one: NewAccount, *, digest: str, at: datetime) -> bool:
    """With a first password, which has to be changed. Whether the name was free."""
    return await accounts.add(connection, one, digest=digest, must_change=True, at=at)


async def renew(connection: Connection, name: str, *, digest: str, at: datetime) -> bool:
    """A new first password; every session ends. In a transaction. Whether there is such an account.

    Who could not remember the old one may try the new one at once.
    """
    renewed = await accounts.set_password(connection, name, digest, must_change=True)
    if renewed:
        await sessions.end_all(connection, name, at)
        await throttle.forget(connection, Counted(kind="name", value=name))
    return renewed


async def disable(connection: Connection, name: str, *, at: datetime) -> bool:
    """For ever; every session ends. In a transaction. Whether there is such an account."""
    disabled = await accounts.disable(connection, name, at)
    if disabled:
        await sessions.end_all(connection, name, at)
    return disabled
