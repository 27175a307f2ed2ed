"""Places for many messages, so far apart that no two report the same."""

from zlib import crc32

STEP = 0.001  # About a hundred metres: more than any city's rule for duplicates.
SOUTH, WEST = 30.0, 45.0
ROWS, COLUMNS = 8_000, 18_000


def place_of(reference: str) -> dict[str, float]:
    """Where the message of that reference is, always the same."""
    cell = crc32(reference.encode()) % (ROWS * COLUMNS)
    return {
        "lat": round(SOUTH + STEP * (cell % ROWS), 3),
        "lon": round(WEST + STEP * (cell // ROWS), 3),
    }
