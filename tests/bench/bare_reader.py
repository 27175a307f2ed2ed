"""What the read API is measured against: FastAPI and asyncpg, one read by primary key."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import uvicorn
from fastapi import FastAPI, Request

CONNECTIONS = 8


@asynccontextmanager
async def connected(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(sys.argv[1], min_size=CONNECTIONS, max_size=CONNECTIONS) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=connected)


@app.get("/cases/{case_id}")
async def one_case(case_id: str, request: Request) -> dict[str, Any]:
    row = await request.app.state.pool.fetchrow(
        """
        select
            case_id, version, municipality, channel, state, tracking_code, submitted_at,
            department, category, priority, problem_report, routing_reason, policy_version
        from projection.cases
        where case_id = $1
        """,
        case_id,
    )
    return dict(row)


if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(sys.argv[2]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
