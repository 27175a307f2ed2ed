"""Signing in, with a name and a password, and out; and changing the password.

An unknown name, an account that is disabled and a wrong password are answered alike, after the
same work.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

from services.http.problems import Fault, ProblemError, refused
from services.staff import accounts, sessions, throttle
from services.staff.account import Account
from services.staff.accounts import Connection, Kept
from services.staff.ask import ask, at_once
from services.staff.desk import StaffDesk
from services.staff.passwords import PASSWORD_CHARACTERS_MIN, as_one_writes, too_short
from services.staff.sessions import Beginning
from services.staff.throttle import Counted
from services.staff.token import digest, new_token

TOO_SHORT = f"is shorter than {PASSWORD_CHARACTERS_MIN} characters"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session that has begun; its token is shown this once."""

    token: str
    account: Account
    ends_at: datetime


async def sign_in(desk: StaffDesk, name: str, password: str, *, address: str) -> SignedIn:
    """Raises a 401 problem, or a 429 one where it was tried too often."""
    kept = await _compared(desk, name, password, address=address)
    if kept is None:
        raise _not_let_in()
    token = new_token()
    new = _beginning(desk, token, name, kept.digest)
    if not await at_once(desk.database, lambda connection: sessions.begin(connection, new)):
        raise _not_let_in()
    return SignedIn(token=token, account=kept.account, ends_at=new.ends_at)


async def sign_out(desk: StaffDesk, token: str) -> None:
    at = desk.now()
    await ask(desk.database, lambda pool: sessions.end(pool, digest(token), at))
    desk.known.forget(token)


async def change_password(
    desk: StaffDesk, name: str, *, current: str, new: str, address: str
) -> SignedIn:
    """Ends every session of the account, and begins one. Raises a 403, 422 or 429 problem."""
    if too_short(new):
        raise refused(Fault(pointer="/new", detail=TOO_SHORT))
    kept = await _compared(desk, name, current, address=address)
    if kept is None:
        words = "This is not the present password."
        raise ProblemError(HTTPStatus.FORBIDDEN, "wrong-password", words)
    if as_one_writes(new) == as_one_writes(current):
        raise refused(Fault(pointer="/new", detail="is the present password"))
    made = await desk.passwords.digest(new)
    token = new_token()
    beginning = _beginning(desk, token, name, made)
    if not await at_once(
        desk.database, lambda connection: _change(connection, kept.digest, beginning)
    ):
        raise _not_let_in()
    desk.known.forget_all(name)
    account = replace(kept.account, must_change=False)
    return SignedIn(token=token, account=account, ends_at=beginning.ends_at)


async def _change(connection: Connection, instead_of: str, new: Beginning) -> bool:
    changed = await accounts.set_password(
        connection, new.name, new.password_digest, must_change=False, instead_of=instead_of
    )
    if not changed:
        return False
    await sessions.end_all(connection, new.name, new.at)
    return await sessions.begin(connection, new)


async def _compared(desk: StaffDesk, name: str, password: str, *, address: str) -> Kept | None:
    """The account, if it is in force and this is its password. Raises a 429 problem."""
    at = desk.now()
    by_address = Counted(kind="address", value=address)
    by_name = Counted(kind="name", value=name)
    await ask(desk.database, lambda pool: throttle.spend(pool, by_address, at))
    await ask(desk.database, lambda pool: throttle.spend(pool, by_name, at))
    kept = await ask(desk.database, lambda pool: accounts.find(pool, name))
    fits = await desk.passwords.fits(password, None if kept is None else kept.digest)
    if kept is None or not fits or kept.account.disabled_at is not None:
        return None
    await ask(desk.database, lambda pool: throttle.give_back(pool, by_address))
    await ask(desk.database, lambda pool: throttle.forget(pool, by_name))
    return kept


def _beginning(desk: StaffDesk, token: str, name: str, password_digest: str) -> Beginning:
    at = desk.now()
    return Beginning(
        token_digest=digest(token),
        name=name,
        password_digest=password_digest,
        at=at,
        ends_at=at + desk.lasts,
    )


def _not_let_in() -> ProblemError:
    return ProblemError(
        HTTPStatus.UNAUTHORIZED,
        "not-signed-in",
        "There is no account in force with this name and this password.",
        headers={"WWW-Authenticate": 'Bearer realm="peygir"'},
    )
