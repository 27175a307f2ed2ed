"""`make bench`: measures every row and prints the table; 1 if a floor is not reached."""

import sys

from rich.console import Console

from tests.bench import (
    deadlines,
    delivering,
    listing,
    reading,
    rebuilding,
    routing,
    starting,
    timer,
    watching,
)
from tests.bench.table import Row, show

MEASURES = (
    routing,
    delivering,
    reading,
    listing,
    rebuilding,
    timer,
    deadlines,
    watching,
    starting,
)


def main() -> int:
    console = Console(stderr=True)
    rows: list[Row] = []
    try:
        for measure in MEASURES:
            with console.status(str(measure.__doc__)):
                measured = measure.measure()
            rows.extend(measured if isinstance(measured, tuple) else (measured,))
    finally:  # What was measured before a mistake is not lost with it.
        show(rows)
    return 0 if all(row.floor_reached for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
