"""The lines of a file in a declared encoding; a byte that does not belong is named by its place."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO

CHUNK_BYTES = 64 * 1024
LINE_CHARACTERS_MAX = 1_000_000
# A byte-order mark says nothing; some programs write it, some do not.
_WITHOUT_MARK = {"utf-8": "utf-8-sig"}


class FileError(ValueError):
    """The file cannot be read as what it is said to be; the text says where, never what."""


def lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    """Each line with its end, never more than a chunk and a line in memory. Raises `FileError`."""
    decoder = codecs.getincrementaldecoder(_WITHOUT_MARK.get(encoding, encoding))("strict")
    number, before, rest = 1, 0, ""
    while True:
        chunk = file.read(CHUNK_BYTES)
        try:
            text = rest + decoder.decode(chunk, not chunk)
        except UnicodeDecodeError as error:
            raise _not_in(encoding, error, before + len(chunk), number + rest.count("\n")) from None
        before += len(chunk)
        *whole, rest = text.split("\n")
        for line in whole:
            yield f"{line}\n"
        number += len(whole)
        if len(rest) > LINE_CHARACTERS_MAX:
            raise FileError(f"line {number} is longer than {LINE_CHARACTERS_MAX} characters")
        if not chunk:
            break
    if rest:
        yield rest


def count_lines(file: BinaryIO, encoding: str) -> int:
    """How many lines there are, once all of them are known to be readable. Raises `FileError`."""
    return sum(1 for _ in lines(file, encoding))


def _not_in(encoding: str, error: UnicodeDecodeError, read: int, line: int) -> FileError:
    """`read` bytes are known, of which the decoder was given the last as `error.object`."""
    place = read - len(error.object) + error.start
    line += error.object[: error.start].count(b"\n")
    byte = error.object[error.start]
    return FileError(
        f"line {line}, byte {place} (0x{byte:02x}) is not {encoding}: "
        "declare the file's encoding in the mapping (file: encoding:)"
    )
