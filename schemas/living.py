"""What is said of a case that moves no clock by itself, or by which the citizen judges it."""

from dataclasses import dataclass
from typing import Literal

from schemas.fact_parts import CasePart, PauseTerms
from schemas.said import Said
from schemas.vocabulary import Body, BodyAnswer, PolicyVersion, Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Said):
    """A note, whose words are sealed: for the citizen too, or for those who work on it alone."""

    type: Literal["case.noted.v1"] = "case.noted.v1"
    visibility: Visibility = "internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver(Said):
    """Another body has to do it; the department still answers for it.

    `reference` is what that body calls it. The clocks stand still where the policy says so.
    """

    type: Literal["case.handed-over.v1"] = "case.handed-over.v1"
    body: Body
    reference: str | None = None
    pause: PauseTerms | None = None
    policy_version: PolicyVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOverAnswered(Said):
    """What the other body says: it takes it, it has done it, or it refuses."""

    type: Literal["case.handed-over-answered.v1"] = "case.handed-over-answered.v1"
    answer: BodyAnswer
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Split(Said):
    """It was several things: each part is a case of its own, whatever becomes of this one.

    The parts' words are sealed in `note`, in the same order.
    """

    type: Literal["case.split.v1"] = "case.split.v1"
    parts: tuple[CasePart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed(Said):
    """The citizen says that it is done."""

    type: Literal["case.confirmed.v1"] = "case.confirmed.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disputed(Said):
    """The citizen says that it is not done: it is open again, as if it was reopened."""

    type: Literal["case.disputed.v1"] = "case.disputed.v1"
    policy_version: PolicyVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated(Said):
    """How the citizen was treated, from 1 to 5 stars; a comment is sealed in `note`."""

    type: Literal["case.rated.v1"] = "case.rated.v1"
    stars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationSeen(Said):
    """Whoever was told of a deadline that passed has seen it."""

    type: Literal["case.escalation-seen.v1"] = "case.escalation-seen.v1"
