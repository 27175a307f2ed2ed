"""A process that says everything a process can say, each time with a citizen's words in it."""

import asyncio
import logging
import sys
import threading
import warnings
from typing import NoReturn

from schemas import logs

WORDS = "my neighbour's dog barks all night"


class Broken:
    def __del__(self) -> None:
        raise ValueError(WORDS)


def fail() -> NoReturn:
    raise ValueError(WORDS)


async def fail_unseen() -> None:
    async def failing() -> NoReturn:
        fail()

    task = asyncio.create_task(failing())
    await asyncio.sleep(0)
    del task


def main() -> None:
    logs.start("speaker")
    log = logs.logger()
    log.info("one of ours", case_id="c-1", text=WORDS, count=3)
    try:
        fail()
    except ValueError:
        log.exception("caught")
        logging.getLogger("library").exception("choked on %s", WORDS)
    logging.getLogger("library").error(WORDS + "!")  # noqa: G003
    logging.getLogger("library").error("%d", WORDS, WORDS)  # noqa: PLE1205
    logging.getLogger("library").info("not worth a line")
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    asyncio.run(fail_unseen())
    Broken()
    warnings.warn(WORDS, UserWarning, stacklevel=1)
    sys.stderr.flush()
    fail()


if __name__ == "__main__":
    main()
