"""Says something of a case, waits until it is judged, and tells that in the city's language."""

import asyncio
import secrets
from datetime import UTC, datetime

import typer
from kafka.errors import KafkaError

from schemas.codec import UndecodableError
from schemas.fact_parts import Source
from schemas.kafka import Kafka
from schemas.messages import ProgressReport
from schemas.settings import Settings
from schemas.vocabulary import CaseId, Municipality
from services.command import reach
from services.command.exit_codes import ExitCode
from services.command.saying import Answer, Desk, Found, Voice
from services.kafka import KafkaAwayError, TopicError
from services.policy.publish import of_municipality, versions
from streams.core.ids import progress_id, read_tracking_code
from streams.core.in_force import in_force
from streams.core.refusal import Refusal, read

JUDGED_SECONDS_MAX = 30.0


def desk() -> Desk:
    """Where what was said is written, and its judgement read. Raises `MissingError`."""
    settings = Settings()
    return Desk(
        kafka=reach.kafka(settings),
        database_url=reach.database_url(settings),
        inbox_generation=reach.inbox_generation(settings),
        wait_seconds=settings.broker_wait_seconds,
    )


def one(at: Desk, asked: str, municipality: Municipality | None = None) -> Found:
    """The case of that id or tracking code, in that municipality if one is named."""
    known = asyncio.run(at.find(read_tracking_code(asked) or asked.strip()))
    found = [case for case in known if municipality in {None, case.municipality}]
    if not found:
        where = f" in {municipality}" if municipality else ""
        reach.end(f"there is no case {asked}{where}; one that was just submitted may take a second")
    if len(found) > 1:
        ids = ", ".join(f"{case.case_id} in {case.municipality}" for case in found)
        reach.end(f"{asked} belongs to two cases: {ids}. Name one by its id", ExitCode.USAGE)
    return found[0]


def followed(at: Desk, asked: str, follower: Found) -> Found:
    """The case that another will follow: the first of those that were linked to each other."""
    parent = one(at, asked, follower.municipality)
    return asyncio.run(at.root(parent.case_id))


def new_reference() -> str:
    return f"by-hand-{secrets.token_hex(8)}"


def write(at: Desk, report: ProgressReport, voice: Voice) -> Source:
    """Where it lies, acknowledged."""
    try:
        return at.say(report, voice, datetime.now(UTC))
    except UndecodableError:
        reach.end("what was given is no text in UTF-8", ExitCode.USAGE)


def say(at: Desk, report: ProgressReport, voice: Voice, municipality: Municipality) -> None:
    """Says it, waits, and tells what became of it; ends the command where it was refused."""
    source = write(at, report, voice)
    fact_id = progress_id(voice.author, report.reference, source, report.did)
    answer = asyncio.run(at.answer(CaseId(report.case_id), fact_id, source, JUDGED_SECONDS_MAX))
    if answer.effective:
        typer.echo(f"effective: {report.did} ({fact_id})")
        return
    reach.end(f"{answer.verdict}: {_why(at.kafka, answer, municipality) or report.did}")


def _why(kafka: Kafka, answer: Answer, municipality: Municipality) -> str | None:
    refusal = None if answer.refused_for is None else read(answer.refused_for)
    if refusal is None:
        return answer.reason
    return f"{in_words(refusal, _language(kafka, municipality))} ({refusal.code})"


def in_words(refusal: Refusal, language: str | None) -> str:
    """In that language; in both, where nobody knows which."""
    if language is None:
        return f"{refusal.persian} / {refusal.english}"
    return refusal.persian if language == "fa" else refusal.english


def _language(kafka: Kafka, municipality: Municipality) -> str | None:
    """None where the policies cannot be read: a department's own user may not."""
    try:
        known = of_municipality(versions(kafka), municipality)
    except (KafkaAwayError, TopicError, KafkaError):
        return None
    return in_force(known, datetime.now(UTC)).language if known else None
