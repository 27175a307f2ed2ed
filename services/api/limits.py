"""How often one address may ask for what needs no key."""

import math
from http import HTTPStatus

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from services.http.addresses import household
from services.http.problems import ProblemError


class AddressLimit:
    """A moving window of a minute for each address, in this process's memory."""

    def __init__(self, per_minute_max: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._item = RateLimitItemPerMinute(per_minute_max)

    async def spend(self, address: str, *, now: float) -> dict[str, str]:
        """The headers that say what is left. Raises a 429 problem when nothing is."""
        who = household(address)
        allowed = await self._limiter.hit(self._item, who)
        stats = await self._limiter.get_window_stats(self._item, who)
        seconds = max(1, math.ceil(stats.reset_time - now))
        headers = {
            "RateLimit-Policy": f'"track";q={self._item.amount};w=60',
            "RateLimit": f'"track";r={stats.remaining};t={seconds}',
        }
        if allowed:
            return headers
        words = "Too many look-ups from this address."
        raise ProblemError(
            HTTPStatus.TOO_MANY_REQUESTS,
            "rate-limited",
            words,
            headers=headers | {"Retry-After": str(seconds)},
        )
