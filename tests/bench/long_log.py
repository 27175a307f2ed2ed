"""A log of many facts, appended at once: submissions that are sealed, and what became of them."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace

from aiokafka import AIOKafkaProducer

from schemas import sealing
from schemas.codec import encode
from schemas.contents import Content, Evidence
from schemas.facts import Fact
from schemas.messages import Key
from schemas.places import Place, Reporter
from schemas.topics import CASE_FACTS, KEYRING, partition_of
from schemas.vocabulary import CaseId
from tests.builders import acknowledged, after, resolved, routed, source, submitted, warned

SENT_AT_ONCE = 2_000
TEXT = "درخت خشکیده در پارک روی سیم برق افتاده و راه بچه‌ها را بسته است، لطفاً رسیدگی کنید"

Record = tuple[str, bytes, bytes, int]


@dataclass(frozen=True, slots=True)
class Length:
    cases: int
    facts: int


async def append_log(kafka: str, facts_min: int, master: bytes) -> Length:
    """Appends cases until there are so many facts."""
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka, acks="all", max_batch_size=256 * 1024, linger_ms=5
    )
    await producer.start()
    cases = facts = 0
    waiting: list[asyncio.Future[object]] = []
    try:
        while facts < facts_min:
            for topic, key, value, partition in records(cases, master):
                waiting.append(await producer.send(topic, value, key=key, partition=partition))
                facts += topic == CASE_FACTS
            cases += 1
            if len(waiting) > SENT_AT_ONCE:
                await asyncio.gather(*waiting)
                waiting.clear()
        await asyncio.gather(*waiting)
    finally:
        await producer.stop()
    return Length(cases, facts)


def records(number: int, master: bytes) -> Iterator[Record]:
    """Of ten cases six are acknowledged and four of these resolved; two are warned of before."""
    case_id = CaseId(f"{number * 2654435761 % 2**64:032x}")
    where = partition_of(case_id)
    kid, secret = sealing.new_key()
    wrapped = Key(case_id=case_id, kid=kid, wrapped=sealing.wrap(secret, master))
    yield KEYRING, f"{case_id}/{kid}".encode(), encode(wrapped), where
    for fact in _facts(case_id, number, kid, secret):
        yield CASE_FACTS, case_id.encode(), encode(fact), where


def _facts(case_id: CaseId, number: int, kid: str, secret: bytes) -> Iterator[Fact]:
    content = Content(
        text=f"{TEXT} ({number})",
        place=Place(lat=35.96, lon=50.68, address=f"خیابان {number % 97}، کوچه {number % 31}"),
        reporter=Reporter(name="نام", phone=f"09{number:09}"),
    )
    name = f"case/{case_id}/content"
    sealed = sealing.seal(encode(content), key=secret, kid=kid, bound_to=name)
    first = submitted(case_id, lies=source(number), content=sealed)
    decision = routed(first)
    yield first
    yield decision
    if number % 10 < 2:
        yield warned(decision, at=after(40))
    if number % 10 < 6:
        yield replace(acknowledged(case_id, at=after(50)), source=source(number, inbox="desk"))
    if number % 10 < 4:
        yield _resolved(case_id, number, kid, secret)


def _resolved(case_id: CaseId, number: int, kid: str, secret: bytes) -> Fact:
    evidence = Evidence(note="درخت بریده و برده شد", evidence=(f"photo-{number}",))
    name = f"case/{case_id}/evidence"
    sealed = sealing.seal(encode(evidence), key=secret, kid=kid, bound_to=name)
    fact = resolved(case_id, at=after(55))
    return replace(fact, evidence=sealed, source=source(number, inbox="work"))
