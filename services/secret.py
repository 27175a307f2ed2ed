"""A secret of the installation as the bytes that it stands for."""

import base64
import binascii

from pydantic import SecretStr

SECRET_BYTES = 32


class SecretError(ValueError):
    """The secret is missing or malformed; the text names the setting and not its value."""


def secret_bytes(value: SecretStr | None, setting: str) -> bytes:
    """32 bytes, given in base64url. Raises `SecretError`."""
    if value is None:
        raise SecretError(f"{setting} is not set: 32 bytes in base64url")
    text = value.get_secret_value()
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise SecretError(f"{setting} is not base64url") from error
    if len(raw) != SECRET_BYTES:
        raise SecretError(f"{setting} holds {len(raw)} bytes and must hold {SECRET_BYTES}")
    return raw
