"""Sealing of what identifies a person: AES-256-GCM with a key of one case, wrapped by the master.

A sealed block names its key as `case_id/kid` and is bound to the case and to its purpose, so it
cannot be moved. Deleting the wrapped key makes every copy of the block unreadable.
"""

import base64
import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap_with_padding,
    aes_key_wrap_with_padding,
)

from schemas.sealed import Sealed

KEY_BYTES = 32
NONCE_BYTES = 12


class UnsealError(ValueError):
    """The block cannot be opened: another key, another case, or changed bytes."""


def new_key() -> tuple[str, bytes]:
    """A key id and a key, both fresh: an erased key can never be derived again."""
    return secrets.token_hex(8), secrets.token_bytes(KEY_BYTES)


def wrap(key: bytes, master: bytes) -> str:
    return _text(aes_key_wrap_with_padding(master, key))


def unwrap(wrapped: str, master: bytes) -> bytes:
    """The key. Raises `UnsealError` under another master key."""
    try:
        return aes_key_unwrap_with_padding(master, _bytes(wrapped))
    except InvalidUnwrap as error:
        raise UnsealError("the key was wrapped by another master key") from error


def seal(plain: bytes, *, key: bytes, kid: str, bound_to: str) -> Sealed:
    """Seals `plain`; `bound_to` (the case, the purpose) must be given again to open it."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    data = AESGCM(key).encrypt(nonce, plain, bound_to.encode())
    return Sealed(kid=kid, nonce=_text(nonce), data=_text(data))


def unseal(sealed: Sealed, *, key: bytes, bound_to: str) -> bytes:
    """The plain bytes. Raises `UnsealError`."""
    try:
        return AESGCM(key).decrypt(_bytes(sealed.nonce), _bytes(sealed.data), bound_to.encode())
    except InvalidTag as error:
        raise UnsealError(f"block {sealed.kid} does not open for {bound_to}") from error


def seal_alone(plain: bytes, *, master: bytes, bound_to: str) -> Sealed:
    """Seals with a key that travels, wrapped, in the block: for what is deleted by its age."""
    kid, key = new_key()
    block = seal(plain, key=key, kid=kid, bound_to=bound_to)
    return Sealed(kid=kid, nonce=block.nonce, data=block.data, wrapped=wrap(key, master))


def unseal_alone(sealed: Sealed, *, master: bytes, bound_to: str) -> bytes:
    """The plain bytes of a block made by `seal_alone`. Raises `UnsealError`."""
    if sealed.wrapped is None:
        raise UnsealError(f"block {sealed.kid} carries no key")
    return unseal(sealed, key=unwrap(sealed.wrapped, master), bound_to=bound_to)


def blind_index(value: str, *, pepper: bytes) -> str:
    """A keyed digest by which `value` can be found and not read."""
    return hmac.new(pepper, value.encode(), hashlib.sha256).hexdigest()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
