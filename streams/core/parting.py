"""What each part of a case that was split is submitted as."""

import hashlib
from dataclasses import dataclass

from schemas.contents import Content, Evidence
from schemas.living import Split
from schemas.messages import REFERENCE_CHARACTERS_MAX, Submission
from schemas.vocabulary import Author, CaseId, Channel, FactId

_GONE_FA = "این بخش از گزارش دیگری جدا شد که پیش از آن پاک شده بود؛ متن آن دیگر در دست نیست"
_GONE_EN = "This was split off a message that had been erased by then: its words are gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the parts are made of: what was said when it was split, and by the citizen at first."""

    parts: Evidence
    first: Content


def submission_of(split: Split, number: int, channel: Channel, words: Words | str) -> Submission:
    """The message of one part. Asked again, it is the same case, with words or without.

    Without the words, which were erased, it says so in the language given, and the case is made
    all the same: the work is still to be done.
    """
    gone = isinstance(words, str)
    return Submission(
        municipality=split.municipality,
        channel=channel,
        text=_gone(words) if gone else words.parts.parts[number],
        reference=part_reference(split.fact_id, number),
        author=author_of(split.case_id),
        category=split.parts[number].category,
        place=None if gone else words.first.place,
        reporter=None if gone else words.first.reporter,
        part_of=split.case_id,
    )


def author_of(parent: CaseId) -> Author:
    return Author(f"split/{parent}")


def part_reference(split: FactId, number: int) -> str:
    """What a part is called: by the fact that split it off, however long that one's own name is."""
    reference = f"{split}/{number}"
    if len(reference) <= REFERENCE_CHARACTERS_MAX:
        return reference
    return f"{hashlib.sha256(split.encode()).hexdigest()}/{number}"


def _gone(language: str) -> str:
    return _GONE_FA if language == "fa" else _GONE_EN
