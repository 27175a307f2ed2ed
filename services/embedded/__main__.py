"""`python -m services.embedded`: fetch what the embedded parts need that pip does not bring."""

import sys

from services.embedded import jars, linking
from services.embedded.errors import MissingError


def main() -> int:
    try:
        jars.install(print)
        linking.link(print)
    except MissingError as error:
        print(f"peygir: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
