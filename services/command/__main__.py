"""Where the `peygir` command begins."""

import sys

from services.command.composed import asked, composed
from services.command.door import in_words


def main() -> None:
    """The console script."""
    in_words(composed(asked(sys.argv[1:])))


if __name__ == "__main__":
    main()
