"""What is sealed in a fact, and what it is when it is opened."""

from dataclasses import dataclass

from schemas.contents import Content, Evidence
from schemas.facts import Closing, Fact, Submitted
from schemas.said import Said
from schemas.sealed import Sealed
from schemas.vocabulary import CaseId


@dataclass(frozen=True, slots=True)
class SealedPart:
    """A sealed block, the words that it is bound to, and the type of what it holds."""

    block: Sealed
    bound_to: str
    kind: type[Content | Evidence]


def sealed_of(fact: Fact) -> SealedPart | None:
    """The one block that a fact may hold: a submission's content, or a report's note."""
    if isinstance(fact, Submitted):
        return SealedPart(fact.content, content_name(fact.case_id), Content)
    block = _note(fact)
    return block and SealedPart(block, note_name(fact.case_id), Evidence)


def content_name(case_id: CaseId) -> str:
    """What the content of a case is bound to."""
    return f"case/{case_id}/content"


def note_name(case_id: CaseId) -> str:
    """What a note, and the evidence beside it, is bound to."""
    return f"case/{case_id}/evidence"


def _note(fact: Fact) -> Sealed | None:
    if isinstance(fact, Closing):
        return fact.evidence
    return fact.note if isinstance(fact, Said) else None
