"""Every route of the edge, who may ask it, and a request of it: a new route needs its row here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tests.access.cells import (
    ABROAD,
    BROUGHT,
    IN_NURSERY,
    IN_PARKS,
    IN_URBAN,
    IN_WORKS,
    Place,
)
from tests.access.edge import NOW, SCOPES
from tests.builders import CITY
from tests.fact_city import code_number

Caller = str
Word = Literal["yes", "401", "403", "404"]
Who = Literal[
    "anybody",
    "readers",
    "city readers",
    "an app",
    "lines",
    "people",
    "administrators",
    "by the deed",
]

NOBODY = "nobody"
CALLERS: tuple[Caller, ...] = (NOBODY, *SCOPES)
PEOPLE = ("member", "head", "deputy", "operator", "mayor", "auditor", "administrator")
CITY_WIDE = ("reader", "city reader", "operator", "mayor", "auditor", "administrator")


def _only(*callers: Caller) -> Mapping[Caller, Word]:
    """They may; whoever shows no key is asked for one, and for the others it is not."""
    refused: Mapping[Caller, Word] = {**dict.fromkeys(CALLERS, "403"), NOBODY: "401"}
    return {**refused, **dict.fromkeys(callers, "yes")}


MAY_ASK: Mapping[Who, Mapping[Caller, Word]] = {
    "anybody": dict.fromkeys(CALLERS, "yes"),
    "readers": _only("reader", "city reader", *PEOPLE),
    "city readers": _only(*CITY_WIDE),
    "an app": _only("channel"),
    "lines": _only("phone line", "operator"),
    "people": _only(*PEOPLE),
    "administrators": _only("administrator"),
    # Here: that work has started, of a case in parks; each other deed and case is a cell.
    "by the deed": {
        **_only("member", "head", "operator"),
        **dict.fromkeys(("channel", "phone line"), "404"),
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One route by its template, who may ask it, and a request that whoever may can make."""

    route: str
    who: Who
    path: str | None = None
    body: object = None

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]

    @property
    def asked(self) -> str:
        return self.path or self.route.partition(" ")[2]


_CASE = IN_PARKS.case_id
_CODE = code_number(IN_PARKS.number)
_MESSAGE = {"municipality": CITY, "channel": "app", "text": "سلام", "source_ref": "m-1"}
_CALL = {
    "municipality": CITY,
    "call_id": "c-1",
    "outcome": "informed",
    "answered_at": NOW.isoformat(),
}
_ACCOUNT = {"name": "new", "role": "mayor", "municipality": CITY}
_IN_CITY = f"?municipality={CITY}"
ROWS: tuple[Row, ...] = (
    Row(route="POST /intake/v1/cases", who="an app", body=_MESSAGE),
    Row(
        route="POST /intake/v1/cases/{case_id}/facts",
        who="by the deed",
        path=f"/intake/v1/cases/{_CASE}/facts",
        body={"did": "started"},
    ),
    Row(
        route="POST /intake/v1/tracked/facts",
        who="anybody",
        body={"tracking_code": _CODE, "did": "noted", "note": "سلام"},
    ),
    Row(route="POST /intake/v1/calls", who="lines", body=_CALL),
    Row(route="GET /api/v1/cases", who="readers"),
    Row(route="GET /api/v1/cases/counts", who="readers"),
    Row(route="GET /api/v1/cases/{case_id}", who="readers", path=f"/api/v1/cases/{_CASE}"),
    Row(
        route="GET /api/v1/cases/{case_id}/facts",
        who="readers",
        path=f"/api/v1/cases/{_CASE}/facts",
    ),
    Row(route="GET /api/v1/cases/{case_id}/sla", who="readers", path=f"/api/v1/cases/{_CASE}/sla"),
    Row(route="GET /api/v1/changes", who="readers"),
    Row(route="GET /api/v1/municipalities", who="readers"),
    Row(route="GET /api/v1/departments", who="readers", path=f"/api/v1/departments{_IN_CITY}"),
    Row(route="GET /api/v1/categories", who="readers", path=f"/api/v1/categories{_IN_CITY}"),
    Row(route="GET /api/v1/policies", who="readers", path=f"/api/v1/policies{_IN_CITY}"),
    Row(
        route="GET /api/v1/policies/{municipality}/{since}",
        who="readers",
        path=f"/api/v1/policies/{CITY}/2026-01-01T00:00:00Z",
    ),
    Row(route="GET /api/v1/calls", who="city readers", path=f"/api/v1/calls{_IN_CITY}"),
    Row(route="GET /api/v1/track/{code}", who="anybody", path=f"/api/v1/track/{_CODE}"),
    Row(route="POST /api/v1/track", who="anybody", body={"code": _CODE}),
    # Without a body: what is wrong with one is told to whoever may ask, and to nobody else.
    Row(route="POST /staff/v1/sessions", who="anybody"),
    Row(route="DELETE /staff/v1/sessions/current", who="people"),
    Row(route="GET /staff/v1/me", who="people"),
    Row(route="PUT /staff/v1/me/password", who="people"),
    Row(route="GET /staff/v1/accounts", who="administrators"),
    Row(route="POST /staff/v1/accounts", who="administrators", body=_ACCOUNT),
    Row(
        route="POST /staff/v1/accounts/{name}/password",
        who="administrators",
        path="/staff/v1/accounts/forgetful/password",
    ),
    Row(
        route="DELETE /staff/v1/accounts/{name}",
        who="administrators",
        path="/staff/v1/accounts/leaving",
    ),
    Row(route="GET /", who="anybody"),
    Row(route="POST /", who="anybody", body=f"code={_CODE}".encode()),
    Row(route="GET /peygir.css", who="anybody"),
    Row(route="GET /api/v1/openapi.json", who="anybody"),
    Row(route="GET /healthz", who="anybody"),
    Row(route="GET /readyz", who="anybody"),
)

WHOSE: Mapping[str, Place] = {
    "of parks": IN_PARKS,
    "of parks, brought by the app": BROUGHT,
    "of the nursery, below parks": IN_NURSERY,
    "of the deputy's office, above parks": IN_URBAN,
    "of another department": IN_WORKS,
    "of another municipality": ABROAD,
}
"""The cases that are read, by where they are: the member and the head are of parks."""
_OF_PARKS = frozenset({"of parks", "of parks, brought by the app"})
_BELOW_THE_DEPUTY = frozenset(WHOSE) - {"of another department", "of another municipality"}
SEES: Mapping[Caller, frozenset[str]] = {
    **dict.fromkeys(CITY_WIDE, frozenset(WHOSE) - {"of another municipality"}),
    "reader": frozenset(WHOSE),
    "member": _OF_PARKS,
    "head": _OF_PARKS,
    "deputy": _BELOW_THE_DEPUTY,
}


def reads(caller: Caller, whose: str) -> Word:
    """What who asks for that case is answered; what is not for it to see is as unknown as none."""
    if MAY_ASK["readers"][caller] != "yes":
        return MAY_ASK["readers"][caller]
    return "yes" if whose in SEES[caller] else "404"
