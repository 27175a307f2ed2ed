"""What a session's token looks like, and the digest that stands for it.

256 random bits, so one SHA-256 is enough, as for an API key.
"""

import hashlib
import re
import secrets

PREFIX = "pgs_"
TOKEN_BYTES = 32
_TOKEN = re.compile(r"pgs_[A-Za-z0-9_-]{43}")


def new_token() -> str:
    return PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def is_token(text: str) -> bool:
    """Whether it could be one: what could not is never looked for."""
    return bool(_TOKEN.fullmatch(text))


def digest(token: str) -> bytes:
    """What is stored of a token, and looked up by."""
    return hashlib.sha256(token.encode()).digest()
