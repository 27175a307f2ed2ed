"""What was sealed in a fact, opened with its case's key; nothing where that key is erased."""

from collections.abc import Iterable, Iterator, Mapping

import structlog

from schemas import codec
from schemas.facts import Fact, Resolved, Submitted
from schemas.messages import Content, Evidence
from schemas.sealed import Sealed
from schemas.sealing import UnsealError, unseal, unwrap
from streams.projector.batch import FactRecord, KeyName, storable
from streams.projector.folding import Judged
from streams.projector.rows import Row

CONTENT_COLUMNS = ("case_id", "log_offset", "content")
_log = structlog.get_logger()


def keys_needed(records: Iterable[FactRecord]) -> set[KeyName]:
    sealed = ((record.fact, _sealed(record.fact)) for record in records)
    return {(fact.case_id, block.kid) for fact, block in sealed if block is not None}


def content_rows(
    judged: Iterable[Judged], wrapped: Mapping[KeyName, str], master: bytes
) -> Iterator[Row]:
    """The plain contents of those whose key is there. A repetition has nothing of its own."""
    for one in judged:
        fact, block = one.record.fact, _sealed(one.record.fact)
        if block is None or (one.judgement and one.judgement.verdict == "duplicate"):
            continue
        key = wrapped.get((fact.case_id, block.kid))
        plain = _opened(fact, block, key, master) if key else None
        if plain is not None:
            yield (fact.case_id, one.record.offset, plain)


def _sealed(fact: Fact) -> Sealed | None:
    match fact:
        case Submitted():
            return fact.content
        case Resolved():
            return fact.evidence
        case _:
            return None


def _opened(fact: Fact, block: Sealed, wrapped: str, master: bytes) -> str | None:
    what, kind = ("content", Content) if isinstance(fact, Submitted) else ("evidence", Evidence)
    try:
        key = unwrap(wrapped, master)
        plain = storable(unseal(block, key=key, bound_to=f"case/{fact.case_id}/{what}"))
        codec.decode(plain, kind)
    except (UnsealError, codec.UndecodableError) as error:
        _log.error("content cannot be opened", case_id=fact.case_id, reason=str(error))
        return None
    return plain.decode()
