"""The policy of Hashtgerd, closed once for the tests that read it."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from schemas.policy import Policy
from services.policy.close import close
from services.policy.load import load

FOLDER = Path(__file__).parents[2] / "deploy" / "policies" / "hashtgerd"
SINCE = datetime(2026, 11, 24, 8, tzinfo=UTC)


@cache
def hashtgerd() -> Policy:
    return close(load(FOLDER), SINCE)
