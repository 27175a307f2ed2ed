"""What the OpenAPI document says of the stream of changes."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from services.http.inline import in_one_piece
from services.http.problems import problem_responses
from streams.core.transitions import State


class ChangeShown(BaseModel):
    """The data of an event `change`: a fact of a case, and the case as that fact left it."""

    case_id: str
    version: int
    type: str
    fact_id: str
    recorded_at: datetime
    municipality: str
    department: str | None
    state: State


_CASE_ID = "mfrggzdfmztwq2lkmfrggzdfmztwq2lk"
_CURSOR = "AQECAwQFBouoAQCJAQAAAAAAbk0lNg"
_EXAMPLE = f"""retry: 2000
: the changes of cases follow

event: hello
id: {_CURSOR}
data: {{"cursor":"{_CURSOR}"}}

event: change
id: AQECAwQFBouoAQCKAQAAAAAA9vW5eA
data: {{"case_id":"{_CASE_ID}","version":137,"type":"case.routed.v1",\
"fact_id":"{_CASE_ID}/9f86d081884c7d65/submitted/routed",\
"recorded_at":"2026-11-24T08:30:00+00:00","municipality":"hashtgerd","department":"parks",\
"state":"routed"}}

"""
_WORDS = """\
Server-sent events, without an end unless `until` or `limit` asks for one. `change`: a fact that \
took effect, data as in `ChangeShown`. `hello`: where a stream begins that began now. `restart`: \
the projection was made anew; what was read before is to be read again, and the stream goes on \
from the moment of this event. The id of the last event resumes the stream after it, through any \
process, without a gap and without a repetition."""

CHANGES: dict[str, Any] = {
    "security": [{"key": []}],
    "responses": {
        "200": {
            "description": _WORDS,
            "content": {
                "text/event-stream": {
                    "schema": {"type": "string", "x-data": in_one_piece(ChangeShown)},
                    "example": _EXAMPLE,
                }
            },
        },
        **problem_responses(401, 403, 422, 503),
    },
}
