"""What a message is called and what it says, sealed: its ids, and its content under a new key."""

from dataclasses import dataclass

from schemas import sealing
from schemas.codec import encode
from schemas.contents import Content, Evidence
from schemas.messages import ImportedCase, Key, ProgressReport, Submission
from schemas.sealed import Sealed
from schemas.sealed_parts import content_name, note_name
from schemas.vocabulary import Author, Municipality
from streams.core import ids, importing
from streams.core.decide import Identity, content_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The installation's secrets: what wraps a case's key, and what ids are derived with."""

    master: bytes
    hmac: bytes


def of_submission(submission: Submission, keys: Keys) -> tuple[Identity, Key]:
    """The identity of an admitted submission, and the key that its content is sealed with."""
    assert submission.author is not None, "an admitted submission has an author"
    named = (submission.municipality, submission.author, submission.reference)
    # What a part is called says which it is: sent again after an erasure, it has other words.
    told = submission.reference if submission.part_of is not None else None
    beside = submission.category or ""
    return _identified(named, content_of(submission), keys, beside=beside, told=told)


def of_import(case: ImportedCase, keys: Keys) -> tuple[Identity, Key]:
    """The identity of a row of another system, and the key that its content is sealed with."""
    named = (case.municipality, importing.author_of(case.system), case.reference)
    return _identified(named, importing.content_of(case), keys)


def of_report(report: ProgressReport, keys: Keys) -> tuple[Sealed | None, Key | None]:
    """The note of a report and the evidence beside it, if there are any, and their key."""
    if not (report.note or report.evidence or report.parts):
        return None, None
    kid, key = sealing.new_key()
    block = sealing.seal(
        encode(
            Evidence(
                note=report.note,
                evidence=report.evidence,
                parts=tuple(one.text for one in report.parts),
            )
        ),
        key=key,
        kid=kid,
        bound_to=note_name(report.case_id),
    )
    wrapped = sealing.wrap(key, keys.master)
    return block, Key(case_id=report.case_id, kid=kid, wrapped=wrapped)


def _identified(
    named: tuple[Municipality, Author, str],
    content: Content,
    keys: Keys,
    *,
    beside: str = "",
    told: str | None = None,
) -> tuple[Identity, Key]:
    """A repetition is known by `told`, or else by the content, and by what stands `beside` it."""
    case_id = ids.case_id(keys.hmac, *named)
    plain = encode(content)
    said = plain if told is None else told.encode()
    kid, key = sealing.new_key()
    phone = content.reporter.phone if content.reporter else None
    identity = Identity(
        case_id=case_id,
        tracking_code=ids.tracking_code(keys.hmac, case_id),
        digest=ids.content_digest(keys.hmac, said + beside.encode()),
        content=sealing.seal(plain, key=key, kid=kid, bound_to=content_name(case_id)),
    )
    return identity, Key(
        case_id=case_id,
        kid=kid,
        wrapped=sealing.wrap(key, keys.master),
        phone_index=phone and sealing.blind_index(ids.phone_key(phone), pepper=keys.hmac),
    )
