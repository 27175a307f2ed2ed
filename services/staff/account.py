"""What an account of staff is: one person, one role, in one municipality."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from schemas.vocabulary import Author, Department, Municipality, Role
from services.http.grants import DEPARTMENT_ROLES, STAFF_ROLES, Grant, scope_of, valid_scope

NAME_CHARACTERS_MAX = 63
NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
# Without those that are taken for each other on paper: 0 and o, 1 and l and i.
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_GROUPS, _LETTERS_A_GROUP = 5, 4


class AccountRefusedError(ValueError):
    """The account cannot be made; the text says why."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account that may be made; what it may do follows from its grant."""

    name: str
    grant: Grant


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What is shown of an account; its digest never is."""

    name: str
    role: Role
    municipality: Municipality
    department: Department | None
    must_change: bool
    created_at: datetime
    disabled_at: datetime | None

    @property
    def grant(self) -> Grant:
        return Grant(role=self.role, municipality=self.municipality, department=self.department)


def new_account(
    *, name: str, role: str, municipality: str, department: str | None = None
) -> NewAccount:
    """Raises `AccountRefusedError` for a name or a role that cannot be."""
    if not NAME.fullmatch(name):
        raise AccountRefusedError(
            "name",
            f"a name is at most {NAME_CHARACTERS_MAX} lower case letters, digits, hyphens and dots",
        )
    if role not in STAFF_ROLES:
        raise AccountRefusedError("role", f"a role of staff is one of: {', '.join(STAFF_ROLES)}")
    if role in DEPARTMENT_ROLES and not department:
        raise AccountRefusedError("department", f"a {role} is of one department: name it")
    if role not in DEPARTMENT_ROLES and department:
        raise AccountRefusedError("department", f"a {role} is of no department: leave it out")
    grant = Grant(
        role=cast("Role", role),
        municipality=Municipality(municipality),
        department=Department(department) if department else None,
    )
    if not valid_scope(scope_of(grant)):
        place = "department" if department else "municipality"
        raise AccountRefusedError(place, "the id of a place is lower case letters, digits, hyphens")
    return NewAccount(name=name, grant=grant)


def author(name: str) -> Author:
    """How what a person of staff said is signed."""
    return Author(f"staff/{name}")


def first_password() -> str:
    """99 random bits, in groups that can be read to somebody."""
    groups = (
        "".join(secrets.choice(_LETTERS) for _ in range(_LETTERS_A_GROUP)) for _ in range(_GROUPS)
    )
    return "-".join(groups)


def name_of(signed: Author) -> str | None:
    """The account's name, where a person of staff signs like this; an API key never does."""
    prefix, slash, name = signed.partition("/")
    return name if slash and prefix == "staff" else None
