"""A part of a case that was split, as the message that makes it a case of its own."""

from schemas.codec import decode, decode_fact
from schemas.contents import Content, Evidence
from schemas.living import Split
from schemas.messages import Submission
from streams.core.parting import Words, submission_of
from streams.core.terms import AllTerms, terms_of
from streams.dispatcher.compose import Owed


class UnopenedError(ValueError):
    """The words were not erased, and they are not there."""


def part(owed: Owed, terms: AllTerms) -> tuple[Split, Submission]:
    """The message, and the fact that it follows from. Its place among what that sends out is which.

    Raises `UnopenedError`, which whoever mends the keys can help; `UnknownTermsError` where it is
    to say something in the municipality's language, and its policy is not among the terms.
    """
    assert owed.fact is not None, "the outbox names a fact of the log"
    assert owed.channel is not None, "what was split is a case of this municipality"
    split = decode_fact(owed.fact)
    assert isinstance(split, Split), "only a split has parts"
    return split, submission_of(split, owed.ordinal, owed.channel, _words(owed, terms))


def _words(owed: Owed, terms: AllTerms) -> Words | str:
    """What is known of it, or if that was erased, the language to say so in."""
    if owed.erased_at is not None:
        assert owed.policy_version is not None, "what was split was routed"
        return terms_of(owed.policy_version, terms).policy.language
    if owed.content is None or owed.said_first is None:
        raise UnopenedError("its words cannot be opened: their key is missing or is another's")
    return Words(parts=decode(owed.content, Evidence), first=decode(owed.said_first, Content))
