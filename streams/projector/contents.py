"""What was sealed in a fact, opened with its case's key; nothing where that key is erased."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from schemas import codec, logs
from schemas.contents import Content, Evidence
from schemas.facts import Submitted
from schemas.records import storable
from schemas.sealed_parts import SealedPart, sealed_of
from schemas.sealing import UnsealError, unseal, unwrap
from streams.core.tables import Row, words_row
from streams.projector.batch import FactRecord, KeyName
from streams.projector.folding import Judged

CONTENT_COLUMNS = ("case_id", "log_offset", "content")
_log = logs.logger()


@dataclass(frozen=True, slots=True)
class Opened:
    """The plain content of one fact, as JSON and as a value."""

    judged: Judged
    plain: str
    content: Content | Evidence


def keys_needed(records: Iterable[FactRecord]) -> set[KeyName]:
    sealed = ((record.fact, sealed_of(record.fact)) for record in records)
    return {(fact.case_id, part.block.kid) for fact, part in sealed if part is not None}


def opened(
    judged: Iterable[Judged], wrapped: Mapping[KeyName, str], master: bytes
) -> Iterator[Opened]:
    """The contents of those whose key is there. A repetition has nothing of its own."""
    for one in judged:
        fact, part = one.record.fact, sealed_of(one.record.fact)
        if part is None or one.repeated or one.erased:
            continue
        key = wrapped.get((fact.case_id, part.block.kid))
        if key is not None:
            yield from _opened(one, part, key, master)


def content_row(one: Opened) -> Row:
    return (one.judged.record.fact.case_id, one.judged.record.offset, one.plain)


def words_rows(all_opened: Iterable[Opened]) -> Iterator[Row]:
    """What cases are found by: the words of the submissions that made them."""
    for one in all_opened:
        fact, content = one.judged.record.fact, one.content
        if isinstance(fact, Submitted) and isinstance(content, Content) and one.judged.effective:
            yield words_row(fact, one.judged.record.partition, content)


def _opened(judged: Judged, part: SealedPart, wrapped: str, master: bytes) -> Iterator[Opened]:
    try:
        key = unwrap(wrapped, master)
        plain = storable(unseal(part.block, key=key, bound_to=part.bound_to))
        content = codec.decode(plain, part.kind)
    except (UnsealError, codec.UndecodableError) as error:
        case_id = judged.record.fact.case_id
        _log.error("content cannot be opened", case_id=case_id, reason=str(error))
        return
    yield Opened(judged, plain.decode(), content)
