"""A worker's second process, told apart from the first by its name: `second.py sla-timer`."""

import os
import sys

from streams.__main__ import main

if __name__ == "__main__":
    os.environ["PEYGIR_INSTANCE"] = "2"
    sys.exit(main(sys.argv[1:]))
