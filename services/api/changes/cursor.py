"""Where a watcher stands: an offset of each log partition, in one build of the projection.

As text it is one opaque word, short enough for a header; a check at its end finds what was edited
or cut off. It is not signed: it opens nothing that its holder could not read without it.
"""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from schemas.topics import LOG_PARTITIONS

VERSION = 1
GENERATION_BYTES = 6
CHECK_BYTES = 4
CHARACTERS_MAX = 200
OFFSET_MAX = 2**63 - 1
SEVEN_BITS, MORE = 0x7F, 0x80

Offsets = tuple[int, ...]
"""The next offset of each log partition: everything below was seen."""


class CursorError(ValueError):
    """The text is no cursor; it says why."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Offsets mean something in the build of the projection that they were read in alone."""

    generation: bytes
    offsets: Offsets

    def reaches(self, other: Offsets) -> bool:
        """Whether everything that stands before the other is before this one too."""
        return all(ours >= theirs for ours, theirs in zip(self.offsets, other, strict=True))


def generation_of(name: str) -> bytes:
    """The build of the projection, in a few bytes."""
    return hashlib.sha256(name.encode()).digest()[:GENERATION_BYTES]


def beginning(generation: bytes) -> Cursor:
    return Cursor(generation, (0,) * LOG_PARTITIONS)


def moved(offsets: Offsets, partition: int, offset: int) -> Offsets:
    """The offsets after that record of that partition."""
    return (*offsets[:partition], offset + 1, *offsets[partition + 1 :])


def write(cursor: Cursor) -> str:
    raw = bytearray((VERSION,))
    raw += cursor.generation
    for offset in cursor.offsets:
        _put(raw, offset)
    raw += zlib.crc32(raw).to_bytes(CHECK_BYTES)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def read(text: str) -> Cursor:
    """The cursor that the text is. Raises `CursorError`."""
    raw = _bytes(text)
    if raw[:1] != bytes((VERSION,)):
        raise CursorError("this cursor is of another version of the API")
    numbers = _numbers(raw[1 + GENERATION_BYTES : -CHECK_BYTES])
    try:
        offsets = tuple(next(numbers) for _ in range(LOG_PARTITIONS))
    except StopIteration:
        raise CursorError("this is not a cursor of this installation") from None
    if next(numbers, None) is not None or max(offsets) > OFFSET_MAX:
        raise CursorError("this is not a cursor of this installation")
    return Cursor(raw[1 : 1 + GENERATION_BYTES], offsets)


def _bytes(text: str) -> bytes:
    """What the text holds, whole and unchanged."""
    edited = "this is not a cursor: it was edited, or a part of it is missing"
    if len(text) > CHARACTERS_MAX:
        raise CursorError(edited)
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise CursorError(edited) from None
    body, check = raw[:-CHECK_BYTES], raw[-CHECK_BYTES:]
    if len(body) <= GENERATION_BYTES or zlib.crc32(body).to_bytes(CHECK_BYTES) != check:
        raise CursorError(edited)
    return raw


def _put(raw: bytearray, number: int) -> None:
    """Seven bits a byte, the lowest first; the top bit says that more follow."""
    while number > SEVEN_BITS:
        raw.append(number & SEVEN_BITS | MORE)
        number >>= 7
    raw.append(number)


def _numbers(raw: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in raw:
        number |= (byte & SEVEN_BITS) << shift
        shift += 7
        if byte < MORE:
            yield number
            number = shift = 0
