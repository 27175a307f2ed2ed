"""What is handed over in the place of deliveries that are gone before they were read."""

from dataclasses import dataclass
from typing import Literal

from services.department.snapshot import OpenCase


class GapError(RuntimeError):
    """Deliveries are gone, and nothing can be handed over in their place; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The deliveries from `missed_from` up to `missed_to` are gone, unread.

    `why`: they became older than the topic keeps, or the topic was made anew. `open_cases` are
    all that the department has open now: what it has and they have not is no longer its own, or
    closed. Deliveries that follow may be older than that: by `version`, see which is the later.
    """

    missed_from: int
    missed_to: int
    why: Literal["retention", "recreated"]
    open_cases: tuple[OpenCase, ...]
