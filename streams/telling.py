"""What a job tells whoever started it: a line of JSON each, on its output stream."""

import json
import sys
from collections.abc import Callable

Tell = Callable[..., None]


def tell(**said: object) -> None:
    """Values that are not JSON's own are written as words."""
    sys.stdout.write(json.dumps(said, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()
