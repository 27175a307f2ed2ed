"""Whose an address is, for counting what comes from one household."""

import ipaddress

from fastapi import Request

ANYBODY = "anybody"
"""Of a connection that has no address, such as a socket in the file system."""
IPV6_PREFIX_BITS = 64  # One household has all addresses of such a net.


def address_of(request: Request) -> str:
    return request.client.host if request.client else ANYBODY


def household(address: str) -> str:
    """The address, or the net that all addresses of one household lie in."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:  # noqa: PLR2004  # the protocol's own number
        return str(parsed)
    return str(ipaddress.ip_network((parsed, IPV6_PREFIX_BITS), strict=False))
