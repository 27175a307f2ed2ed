"""What the headers of a report ask for: which repetition it is, of which version, how long to wait.

`Idempotency-Key` is as in the IETF's draft, `If-Match` as in RFC 9110, `Prefer` as in RFC 7240.
"""

import re
from dataclasses import dataclass

from fastapi import Request

from schemas.messages import REFERENCE_CHARACTERS_MAX
from services.http.problems import Fault, refused
from streams.core.reporting import VERSION_MAX

WAIT_SECONDS_MAX = 10
KEY_HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x20-\x7e]+")
_ENTITY_TAG = re.compile(r'"(0|[1-9][0-9]{0,18})"', re.ASCII)
_WAIT = re.compile(r'wait\s*=\s*"?([0-9]{1,9})"?', re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`key` makes a repetition the same; `wait_seconds` is none where nobody asked to wait."""

    key: str | None
    if_version: int | None
    wait_seconds: int | None


def asked_of(request: Request) -> Asked:
    """Raises a 422 problem that names the header; a preference that cannot be read is none."""
    return Asked(
        key=_key(request.headers.get("idempotency-key", "").strip()),
        if_version=_version(", ".join(request.headers.getlist("if-match")).strip()),
        wait_seconds=_wait(", ".join(request.headers.getlist("prefer"))),
    )


def key_needed() -> Exception:
    words = "is needed, so that a repetition is the same: any text of your own, such as a UUID"
    return refused(Fault(pointer=f"header/{KEY_HEADER}", detail=words))


def _key(given: str) -> str | None:
    if len(given) > REFERENCE_CHARACTERS_MAX:
        words = f"is longer than {REFERENCE_CHARACTERS_MAX} characters"
        raise refused(Fault(pointer=f"header/{KEY_HEADER}", detail=words))
    if given and not _KEY.fullmatch(given):
        words = "is to be of letters, digits and signs of ASCII"
        raise refused(Fault(pointer=f"header/{KEY_HEADER}", detail=words))
    return given or None


def _version(given: str) -> int | None:
    """The one version that it may still be at; none where any will do."""
    if given in {"", "*"}:
        return None
    tag = _ENTITY_TAG.fullmatch(given)
    if tag is None or int(tag[1]) > VERSION_MAX:
        words = 'is to be one version of the case as its ETag has it, such as "137", or *'
        raise refused(Fault(pointer="header/If-Match", detail=words))
    return int(tag[1])


def _wait(given: str) -> int | None:
    """The first that is given counts; what else is preferred is nothing to us."""
    for one in given.split(","):
        found = _WAIT.fullmatch(one.partition(";")[0].strip())
        if found is not None:
            return min(int(found[1]), WAIT_SECONDS_MAX)
    return None
