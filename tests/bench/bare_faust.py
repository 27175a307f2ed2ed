"""The yardstick for the router: forward each event, wait for its acknowledgement, no more."""

import asyncio
import sys
from typing import Any

import faust

KAFKA, SOURCE, TARGET = sys.argv[1:4]

app = faust.App(
    f"bare-{SOURCE}",
    broker=f"kafka://{KAFKA}",
    consumer_auto_offset_reset="earliest",
    topic_disable_leader=True,
    topic_allow_declare=False,
    web_enabled=False,
    store="memory://",
)
source = app.topic(SOURCE, value_type=bytes, value_serializer="raw", key_serializer="raw")
target = app.topic(TARGET, value_type=bytes, value_serializer="raw", key_serializer="raw")


@app.agent(source, concurrency=1)
async def forward(stream: Any) -> None:  # noqa: ANN401
    async for event in stream.events():
        sent = await target.send(key=event.key, value=event.value)
        await sent


async def main() -> None:
    app.finalize()
    await app.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
