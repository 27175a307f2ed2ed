"""What a list or a count is asked for: the filters of the URL, each with a limit."""

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from schemas.vocabulary import Channel, Priority, Verdict
from services.http.moments import Moment
from streams.core.ids import read_tracking_code
from streams.core.text import tokens

VALUES_MAX = 20
VALUE_CHARACTERS_MAX = 100
TEXT_CHARACTERS_MAX = 200
WORDS_MAX = 10
SHORT_WORD = 2
CURSOR_CHARACTERS_MAX = 400
LIMIT_MAX = 200
BY_MAX = 2

FoundState = Literal[
    "submitted", "routed", "acknowledged", "started", "handed-over", "resolved", "closed", "linked"
]
Dimension = Literal[
    "municipality",
    "department",
    "state",
    "channel",
    "category",
    "district",
    "priority",
    "verdict",
    "problem_report",
    "historical",
    "overdue",
]
Sort = Literal["-submitted", "submitted", "due", "-due"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)


def _boolean(text: object) -> object:
    if text not in {"true", "false"}:
        raise ValueError("is true or false")
    return text == "true"


def _searchable(text: object) -> object:
    """Refuses what no case can be found by. What is looked for is not repeated in the words."""
    if not isinstance(text, str) or len(text) > TEXT_CHARACTERS_MAX:
        raise ValueError(f"has more than {TEXT_CHARACTERS_MAX} characters")
    words = tokens(text)
    if read_tracking_code(text) is None and not any(len(one) >= SHORT_WORD for one in words):
        raise ValueError("holds no word of two letters or more")
    if len(words) > WORDS_MAX:
        raise ValueError(f"has more than {WORDS_MAX} words")
    return text


Value = Annotated[
    str, Field(min_length=1, max_length=VALUE_CHARACTERS_MAX, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Values = Annotated[list[Value], Field(max_length=VALUES_MAX)]
Truth = Annotated[bool, BeforeValidator(_boolean), WithJsonSchema({"type": "boolean"})]
_TEXT_SCHEMA: dict[str, Any] = {"type": "string", "maxLength": TEXT_CHARACTERS_MAX}
Searched = Annotated[str, BeforeValidator(_searchable), WithJsonSchema(_TEXT_SCHEMA)]
ANY_OF = "any of these"


class CaseQuery(BaseModel):
    """The filters. Each narrows what is found; of one that is repeated, any value will do."""

    model_config = ConfigDict(extra="forbid")

    municipality: Values = Field(default=[], description=ANY_OF)
    department: Values = Field(default=[], description=ANY_OF)
    state: Annotated[list[FoundState], Field(max_length=VALUES_MAX)] = Field(
        default=[], description=ANY_OF
    )
    channel: Annotated[list[Channel], Field(max_length=VALUES_MAX)] = Field(
        default=[], description=ANY_OF
    )
    category: Values = Field(default=[], description=ANY_OF)
    district: Values = Field(default=[], description=ANY_OF)
    priority: Annotated[list[Priority], Field(max_length=VALUES_MAX)] = Field(
        default=[], description=ANY_OF
    )
    verdict: Annotated[list[Verdict], Field(max_length=VALUES_MAX)] = Field(
        default=[], description="what the citizen said of the closing; any of these"
    )
    problem_report: Truth | None = Field(default=None, description="whether something is wrong")
    historical: Truth | None = Field(default=None, description="imported as another system's past")
    waiting: Truth | None = Field(default=None, description="the clocks stand still for a reason")
    parent: Values = Field(default=[], description="linked to any of these cases")
    overdue: Truth | None = Field(default=None, description="a deadline to be kept has passed")
    due_before: Moment | None = Field(default=None, description="a deadline to be kept is before")
    submitted_from: Moment | None = Field(default=None, description="by the time that counts")
    submitted_to: Moment | None = Field(default=None, description="before this, by the same time")
    recorded_from: Moment | None = Field(default=None, description="when it reached us, from")
    recorded_to: Moment | None = Field(default=None, description="when it reached us, before")
    q: Searched | None = Field(
        default=None, description="words, each of which occurs in text or address; a tracking code"
    )


class ListQuery(CaseQuery):
    """A page of a list."""

    sort: Sort = Field(
        default="-submitted",
        description="by the time that counts; `due`: those with a deadline still to be kept",
    )
    limit: int = Field(default=50, ge=1, le=LIMIT_MAX)
    cursor: str | None = Field(
        default=None, max_length=CURSOR_CHARACTERS_MAX, description="`next_cursor` of a page before"
    )


class CountQuery(CaseQuery):
    """Counts of what the filters leave."""

    by: Annotated[list[Dimension], Field(max_length=BY_MAX)] = Field(
        default=[], description="counted for each value, and each pair of values"
    )
