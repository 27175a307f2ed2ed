"""The policy of Boston, closed once for the tests that read it."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from schemas.policy import Policy
from services.policy.close import close
from services.policy.load import load

FOLDER = Path(__file__).parents[2] / "deploy" / "policies" / "boston"
SINCE = datetime(2026, 11, 24, 8, tzinfo=UTC)


@cache
def boston() -> Policy:
    return close(load(FOLDER), SINCE)
