"""The bodies of staff's requests as they come over HTTP, and what is answered."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from services.http.problems import from_validation
from services.staff.account import Account
from services.staff.passwords import PASSWORD_CHARACTERS_MAX
from services.staff.signing import SignedIn

BODY_BYTES_MAX = 4_096
FIELD_CHARACTERS_MAX = 100

Words = Annotated[str, Field(max_length=FIELD_CHARACTERS_MAX)]
Password = Annotated[str, Field(max_length=PASSWORD_CHARACTERS_MAX)]
T = TypeVar("T")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SignInBody(_Body):
    """Who wants to work."""

    name: Words
    password: Password


class PasswordBody(_Body):
    """The present password, and the one in its place: twelve characters, and no other rule."""

    current: Password
    new: Password


class AccountBody(_Body):
    """A person, and what it is: members, heads and deputies of one department, others of none."""

    name: Words
    role: Words
    municipality: Words
    department: Words | None = None


SIGN_IN = TypeAdapter(SignInBody)
PASSWORD = TypeAdapter(PasswordBody)
ACCOUNT = TypeAdapter(AccountBody)


def read(body: TypeAdapter[T], raw: bytes) -> T:
    """Raises a 400 or a 422 problem, without what was sent."""
    try:
        return body.validate_json(raw)
    except ValidationError as error:
        raise from_validation(error.errors(include_url=False, include_input=False)) from None


def account_shown(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "role": account.role,
        "municipality": account.municipality,
        "department": account.department,
        "must_change_password": account.must_change,
        "created_at": account.created_at,
        "disabled_at": account.disabled_at,
    }


def signed_in_shown(done: SignedIn) -> dict[str, Any]:
    return {
        "token": done.token,
        "ends_at": done.ends_at,
        "account": account_shown(done.account),
    }
