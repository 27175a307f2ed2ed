"""What was sealed in a fact, opened with its case's key; nothing where that key is erased."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from schemas import codec, logs
from schemas.facts import ClosedWithoutAction, Fact, Resolved, Submitted
from schemas.messages import Content, Evidence
from schemas.records import storable
from schemas.sealed import Sealed
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
    sealed = ((record.fact, _sealed(record.fact)) for record in records)
    return {(fact.case_id, block.kid) for fact, block in sealed if block is not None}


def opened(
    judged: Iterable[Judged], wrapped: Mapping[KeyName, str], master: bytes
) -> Iterator[Opened]:
    """The contents of those whose key is there. A repetition has nothing of its own."""
    for one in judged:
        fact, block = one.record.fact, _sealed(one.record.fact)
        if block is None or one.repeated or one.erased:
            continue
        key = wrapped.get((fact.case_id, block.kid))
        if key is not None:
            yield from _opened(one, block, key, master)


def content_row(one: Opened) -> Row:
    return (one.judged.record.fact.case_id, one.judged.record.offset, one.plain)


def words_rows(all_opened: Iterable[Opened]) -> Iterator[Row]:
    """What cases are found by: the words of the submissions that made them."""
    for one in all_opened:
        fact, content = one.judged.record.fact, one.content
        if isinstance(fact, Submitted) and isinstance(content, Content) and one.judged.effective:
            yield words_row(fact, one.judged.record.partition, content)


def _sealed(fact: Fact) -> Sealed | None:
    match fact:
        case Submitted():
            return fact.content
        case Resolved() | ClosedWithoutAction():
            return fact.evidence
        case _:
            return None


def _opened(judged: Judged, block: Sealed, wrapped: str, master: bytes) -> Iterator[Opened]:
    fact = judged.record.fact
    what, kind = ("content", Content) if isinstance(fact, Submitted) else ("evidence", Evidence)
    try:
        key = unwrap(wrapped, master)
        plain = storable(unseal(block, key=key, bound_to=f"case/{fact.case_id}/{what}"))
        content = codec.decode(plain, kind)
    except (UnsealError, codec.UndecodableError) as error:
        _log.error("content cannot be opened", case_id=fact.case_id, reason=str(error))
        return
    yield Opened(judged, plain.decode(), content)
