"""Records of a log in a file: gzip, one JSON object a line, and what the file must add up to."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol, Self

import orjson

from services.backup.errors import BrokenError

COMPRESSION = 3
OWNER_ONLY = 0o600
LINE_BYTES_MAX = 16 * 1024 * 1024


class Stored(Protocol):
    """A record as a client gives it."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Any: ...  # noqa: ANN401  # pairs, as a tuple or a list


@dataclass(frozen=True, slots=True)
class Kept:
    """A record read from a file."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


class Hashed:
    """A file that knows the digest and the count of what went through it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.bytes = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, data: bytes) -> int:
        self._note(data)
        return self._file.write(data)

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._note(data)
        return data

    def flush(self) -> None:
        self._file.flush()

    def _note(self, data: bytes) -> None:
        self._digest.update(data)
        self.bytes += len(data)


class Lines:
    """A gzip file of JSON lines, being written; on disk once its block has ended."""

    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        self._file = os.fdopen(descriptor, "wb")
        self._hashed = Hashed(self._file)
        # Without a name and a time in it, the same records give the same bytes.
        self._gzip = gzip.GzipFile("", "wb", COMPRESSION, self._hashed, mtime=0)
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._gzip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def add(self, line: object) -> None:
        self._gzip.write(orjson.dumps(line))
        self._gzip.write(b"\n")
        self.count += 1

    @property
    def sha256(self) -> str:
        return self._hashed.sha256

    @property
    def bytes(self) -> int:
        return self._hashed.bytes


def line_of(record: Stored) -> dict[str, object]:
    return {
        "offset": record.offset,
        "timestamp": record.timestamp,
        "key": _written(record.key),
        "value": _written(record.value),
        "headers": [[name, _written(value)] for name, value in record.headers],
    }


def kept(line: dict[str, Any]) -> Kept:
    """Raises `KeyError`, `TypeError` or `ValueError` where it is no record."""
    return Kept(
        offset=int(line["offset"]),
        timestamp=int(line["timestamp"]),
        key=_read(line["key"]),
        value=_read(line["value"]),
        headers=tuple((name, _read(value) or b"") for name, value in line["headers"]),
    )


def lines(path: Path, sha256: str) -> Iterator[dict[str, Any]]:
    """Every line; at the end the digest is compared. Raises `BrokenError`."""
    try:
        with path.open("rb") as file:
            hashed = Hashed(file)
            with gzip.GzipFile("", "rb", fileobj=hashed) as unpacked:
                while line := unpacked.readline(LINE_BYTES_MAX):
                    yield orjson.loads(line)
            while hashed.read(LINE_BYTES_MAX):
                pass
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise BrokenError(f"{path} is damaged or missing ({type(error).__name__})") from error
    if hashed.sha256 != sha256:
        raise BrokenError(f"{path} is not what was written: its sha256 is {hashed.sha256}")


def _written(raw: bytes | None) -> str | dict[str, str] | None:
    """Text as it is; what is no UTF-8 in hexadecimal digits."""
    if raw is None:
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return {"hex": raw.hex()}


def _read(written: str | dict[str, str] | None) -> bytes | None:
    if written is None:
        return None
    return written.encode() if isinstance(written, str) else bytes.fromhex(written["hex"])
