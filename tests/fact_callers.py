"""Who says something of a case in the tests of its doors, each with a key, and how."""

from typing import Any

import httpx

from schemas.vocabulary import Author
from services.http.client import Client
from services.keys.active import ActiveKeys
from services.keys.key import digest
from tests.builders import CITY, PARKS
from tests.edges import Caller, bearer

FANI = "fani"
URBAN = "urban"
BOSTON = "boston"


def client(name: str, *scopes: str) -> Client:
    return Client(name=Author(name), scopes=frozenset(scopes))


_CLIENTS = {
    "member": client("staff/gardener", f"member:{CITY}/{PARKS}"),
    "head": client("staff/headgardener", f"head:{CITY}/{PARKS}"),
    "deputy": client("staff/davud", f"deputy:{CITY}/{URBAN}"),
    "works": client("staff/vida", f"member:{CITY}/{FANI}"),
    "operator": client("staff/omid", f"operator:{CITY}"),
    "mayor": client("staff/cityhall", f"mayor:{CITY}"),
    "auditor": client("staff/arash", f"auditor:{CITY}"),
    "administrator": client("staff/registrar", f"administrator:{CITY}"),
    "channel": client("app", "channel:app"),
    "kiosk": client("kiosk", "channel:app", f"read:{CITY}"),
    "traveller": client("traveller", f"operator:{CITY}", "read"),
    "reader": client("reader", "read"),
    "abroad": client("staff/bob", f"operator:{BOSTON}"),
    "both": client("staff/kian", f"head:{CITY}/{PARKS}", f"operator:{CITY}"),
}
KEYS = ActiveKeys({digest(f"pgr_a_{name}"): one for name, one in _CLIENTS.items()})


def key_of(name: str) -> dict[str, str]:
    return bearer(f"pgr_a_{name}")


def say(  # a request and its headers
    caller: Caller,
    case_id: str,
    did: str,
    *,
    by: str = "member",
    key: str | None = "k1",
    headers: dict[str, str] | None = None,
    **more: Any,  # noqa: ANN401
) -> httpx.Response:
    sent = key_of(by) | (headers or {}) | ({} if key is None else {"Idempotency-Key": key})
    path = f"/intake/v1/cases/{case_id}/facts"
    return caller.post(path, json={"did": did} | more, headers=sent)


WAIT = {"Prefer": "wait=5"}
