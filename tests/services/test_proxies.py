"""Whose word counts for where a request comes from."""

import asyncio

import httpx
import pytest
from pydantic import ValidationError
from starlette.types import Receive, Scope, Send

from schemas.settings import Settings
from services.edge.serve import behind

CLAIMED = {"X-Forwarded-For": "203.0.113.7"}


async def _tells_who_calls(scope: Scope, receive: Receive, send: Send) -> None:
    del receive
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["client"][0].encode()})


def caller(proxies: str, peer: str, headers: dict[str, str]) -> str:
    """Whom the edge takes for the caller."""

    async def ask() -> str:
        transport = httpx.ASGITransport(behind(proxies, _tells_who_calls), client=(peer, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://peygir") as client:
            return (await client.get("/", headers=headers)).text

    return asyncio.run(ask())


def test_without_a_trusted_proxy_the_header_says_nothing() -> None:
    assert caller("", "10.0.0.9", CLAIMED) == "10.0.0.9"


def test_a_peer_that_is_not_trusted_changes_nothing() -> None:
    assert caller("10.1.0.0/16,192.0.2.1", "10.0.0.9", CLAIMED) == "10.0.0.9"


@pytest.mark.parametrize("proxies", ["10.0.0.9", "192.0.2.1, 10.0.0.0/8"])
def test_a_trusted_proxy_says_who_calls(proxies: str) -> None:
    assert caller(proxies, "10.0.0.9", CLAIMED) == "203.0.113.7"


def test_what_a_caller_claims_before_the_trusted_proxy_is_passed_over() -> None:
    headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7"}

    assert caller("10.0.0.9", "10.0.0.9", headers) == "203.0.113.7"


@pytest.mark.parametrize("proxies", ["*", "proxy.example", "10.0.0.0/40"])
def test_only_addresses_can_be_trusted(proxies: str) -> None:
    with pytest.raises(ValidationError, match="trusted_proxies"):
        Settings(trusted_proxies=proxies)
