"""Workers with something wrong: `faults.py FAULT+FAULT WORKER …` runs that worker so."""

import logging
import os
import sys
from pathlib import Path
from typing import Any

from schemas.facts import Fact
from streams.__main__ import main
from streams.router import handler
from streams.router.handler import Handler
from streams.router.outlet import Incoming, Outlet

EVERY = 100
DEATHS_MAX = 3
CHOKED_ON = "choke on this"


def skips() -> None:
    """Every hundredth message is passed over, as if the stream library had skipped it."""
    handle, seen = Handler.handle, [0]

    async def skipping(self: Handler, incoming: Any, **rest: Any) -> None:  # noqa: ANN401
        seen[0] += 1
        if seen[0] % EVERY:
            await handle(self, incoming, **rest)

    Handler.handle = skipping


def dies_between_facts() -> None:
    """Now and then the process is gone after a submission's first fact, before its second."""
    append, seen = Outlet.append, [0]
    deaths = Path(os.environ["PEYGIR_DATA"]) / "deaths"
    deaths.touch()

    async def dying(self: Outlet, incoming: Incoming, *facts: Fact) -> None:
        seen[0] += 1
        if len(facts) > 1 and seen[0] == EVERY and deaths.stat().st_size < DEATHS_MAX:
            await append(self, incoming, facts[0])
            deaths.write_text(deaths.read_text() + "x")
            os._exit(1)
        await append(self, incoming, *facts)

    Outlet.append = dying


def loses_the_second_fact() -> None:
    """Every hundredth submission is never routed, though it is committed."""
    append, seen = Outlet.append, [0]

    async def losing(self: Outlet, incoming: Incoming, *facts: Fact) -> None:
        seen[0] += 1
        await append(self, incoming, *(facts if seen[0] % EVERY else facts[:1]))

    Outlet.append = losing


def chokes() -> None:
    """A message that says so cannot be decided, and what is said of it repeats it."""
    decide = handler.decide

    def choking(said: Any, *rest: Any, to_centre: str | None) -> object:  # noqa: ANN401
        if CHOKED_ON in said.text and to_centre is None:
            logging.getLogger("library").warning("choked on %r", said)
            logging.getLogger("library").error(f"choked on {said.text}")  # noqa: G004
            raise KeyError(said.text)
        return decide(said, *rest, to_centre=to_centre)

    handler.decide = choking


FAULTS = {
    "chokes": chokes,
    "skips": skips,
    "dies-between-facts": dies_between_facts,
    "loses-the-second-fact": loses_the_second_fact,
}

if __name__ == "__main__":
    for fault in sys.argv[1].split("+"):
        FAULTS[fault]()
    sys.exit(main(sys.argv[2:]))
