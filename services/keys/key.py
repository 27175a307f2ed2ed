"""What an API key looks like, and the digest that stands for it.

A key is `pgr_<key id>_<secret>`. The secret is 256 random bits, so one SHA-256 is enough: a slow
hash such as argon2 protects words that people choose, from a dictionary; here there is none, and
every request would pay for it.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass

from services.http.grants import SCOPES, valid_scope

KEY_ID_BYTES = 6
SECRET_BYTES = 32
KEY_CHARACTERS_MAX = 128

CLIENT = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
OTHERS = re.compile(r"citizen|linker|staff|(intake|progress)-.*")
"""Names under which others speak in the log: a client of that name could speak for them."""


class KeyRefusedError(ValueError):
    """The key cannot be made; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key as it is shown, once, and what is kept of it."""

    shown: str
    key_id: str
    client: str
    digest: bytes
    scopes: tuple[str, ...]
    note: str


def new_key(*, client: str, scopes: tuple[str, ...], note: str = "") -> NewKey:
    """A fresh key. Raises `KeyRefusedError` for a client or a scope that cannot be."""
    if not CLIENT.fullmatch(client):
        raise KeyRefusedError("a client's name is lower case letters, digits, hyphens and dots")
    if OTHERS.fullmatch(client):
        raise KeyRefusedError(f"a client is not called {client}: others speak under that name")
    if not scopes:
        raise KeyRefusedError("a key without a scope opens nothing: give at least one")
    wrong = [scope for scope in scopes if not valid_scope(scope)]
    if wrong:
        raise KeyRefusedError(f"{wrong[0]!r} is not a scope: {SCOPES}")
    key_id = secrets.token_hex(KEY_ID_BYTES)
    shown = f"pgr_{key_id}_{secrets.token_urlsafe(SECRET_BYTES)}"
    return NewKey(
        shown=shown, key_id=key_id, client=client, digest=digest(shown), scopes=scopes, note=note
    )


def digest(key: str) -> bytes:
    """What is stored of a key, and looked up by."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
