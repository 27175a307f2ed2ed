"""`GET /api/v1/changes`: what a watcher may ask for, checked before anything is sent."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Literal, get_args

from fastapi import APIRouter, Header, Query, Request

from services.api.changes import description
from services.api.changes.cursor import Cursor, CursorError, beginning, read
from services.api.changes.hub import Hub
from services.api.changes.response import EventStream
from services.api.changes.ring import Ring
from services.api.changes.stream import Asked
from services.api.changes.wanted import Wanted, sight
from services.http.access import Callers, bearer_token, caller, forbidden
from services.http.client import Client
from services.http.problems import Fault, ProblemError, refuse_unknown, refused
from streams.core.transitions import State

BEGINNING = "beginning"
LAST_EVENT_ID, AFTER = "last-event-id", "after"
LIMIT_MAX = 1_000_000
KNOWN = ("municipality", "department", "state", "case_id", AFTER, "until", "limit")
KNOWN_STATES = frozenset(get_args(State)) - {"unknown"}

Name = Annotated[str | None, Query(max_length=100)]
OneState = Annotated[str | None, Query(json_schema_extra={"enum": sorted(KNOWN_STATES)})]
CaseId = Annotated[str | None, Query(pattern="^[a-z2-7]{32}$")]
After = Annotated[
    str | None,
    Query(max_length=200, description="the id of an event, or `beginning`: everything ever"),
]
LastEventId = Annotated[
    str | None, Header(description="the id of the last event; goes before `after`")
]
Until = Annotated[Literal["now"] | None, Query(description="`now`: end when nothing more is there")]
Limit = Annotated[int | None, Query(ge=1, le=LIMIT_MAX, description="end after so many changes")]


def change_routes(hub: Hub, callers: Callers) -> APIRouter:
    routes = APIRouter(prefix="/api/v1")

    @routes.get(
        "/changes",
        tags=["cases"],
        status_code=200,
        response_class=EventStream,
        openapi_extra=description.CHANGES,
    )
    async def changes_of_cases(  # noqa: PLR0913  # each is a parameter of the address
        request: Request,
        *,
        municipality: Name = None,
        department: Name = None,
        state: OneState = None,
        case_id: CaseId = None,
        after: After = None,
        last_event_id: LastEventId = None,
        until: Until = None,
        limit: Limit = None,
    ) -> EventStream:
        """Every change of every case that the key may see, as it happens; resumed by its id."""
        client = await caller(request, callers)
        refuse_unknown(request, *KNOWN)
        chosen = Wanted(municipality=municipality, department=department, case_id=case_id)
        asked = Asked(
            wanted=replace(chosen, state=_known(state), sight=sight(client)),
            allowed=_still_allowed(client, bearer_token(request), callers),
            limit=limit,
            until_now=until is not None,
        )
        _check_sight(asked.wanted)
        text, name = (last_event_id, LAST_EVENT_ID) if last_event_id else (after, AFTER)
        if not text:
            return EventStream(hub, lambda _: asked)
        return EventStream(hub, lambda ring: replace(asked, cursor=_cursor(text, name, ring, hub)))

    return routes


def _known(state: str | None) -> str | None:
    if state is not None and state not in KNOWN_STATES:
        words = f"a case is never in this state; it is {', '.join(sorted(KNOWN_STATES))}"
        raise refused(Fault(pointer="/query/state", detail=words))
    return state


def _check_sight(wanted: Wanted) -> None:
    if not wanted.sight:
        raise forbidden("This key is not for reading.")
    if not wanted.sight.ever_sees(wanted.municipality, wanted.department):
        raise forbidden("This key sees nothing of what is asked for.")


def _still_allowed(client: Client, token: str, callers: Callers) -> Callable[[], bool]:
    """Whether what opened the stream is in force, and is still whose it was."""

    def allowed() -> bool:
        try:
            return callers.known(token) == client
        except ProblemError:
            return False

    return allowed


def _cursor(text: str, name: str, ring: Ring, hub: Hub) -> Cursor:
    """Where to go on. Raises a 422 problem for what is no place in this log."""
    place = f"/header/{name}" if name == LAST_EVENT_ID else f"/query/{name}"
    if text == BEGINNING:
        return beginning(ring.head.generation)
    try:
        cursor = read(text)
    except CursorError as error:
        raise refused(Fault(pointer=place, detail=str(error))) from error
    here = cursor.generation == ring.head.generation
    if here and not Cursor(cursor.generation, hub.positions).reaches(cursor.offsets):
        words = "this cursor is ahead of the log: no event has had it yet"
        raise refused(Fault(pointer=place, detail=words))
    return cursor
