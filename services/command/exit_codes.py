"""What the `peygir` command's exit code says to a script; documented in docs/exit-codes.md."""

from enum import IntEnum


class ExitCode(IntEnum):
    OK = 0
    NO = 1
    USAGE = 2
    MISSING = 3
    TAKEN = 4
    LOST = 5
    UNAVAILABLE = 69
    INTERNAL = 70
    TEMPORARY = 75
    INTERRUPTED = 130
