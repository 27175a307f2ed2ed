"""What is sealed in facts, as it is when it is opened."""

from dataclasses import dataclass

from schemas.places import Place, Reporter


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is sealed of a submission."""

    text: str
    place: Place | None = None
    reporter: Reporter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is sealed of a report; `parts` are the words of what a case was split into."""

    note: str | None = None
    evidence: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
