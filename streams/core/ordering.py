"""What our own desk orders of a case, as the facts that it becomes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from schemas.fact_parts import Promise, Source
from schemas.facts import BreachVoided, DeadlineSet, ReporterErased
from schemas.messages import FIELD_CHARACTERS_MAX, REFERENCE_CHARACTERS_MAX, DeadlineOrder, Erasure
from schemas.vocabulary import FactId
from streams.core.admission import OCCURRED_MIN
from streams.core.ids import progress_id, replacing_id
from streams.core.importing import MOMENT_MAX
from streams.core.in_force import Published
from streams.core.refused import RefusedError, listed, require_name, require_text
from streams.core.reporting import CASE_ID_CHARACTERS_MAX
from streams.core.working_time import BUDGET_SECONDS_MAX

FACT_ID_CHARACTERS_MAX = 1_000
STEPS_MAX = 20
PERCENT_MAX = 100


def erased(erasure: Erasure, source: Source, at: datetime) -> ReporterErased:
    """The fact that an order to forget becomes. Raises `RefusedError`."""
    require_name("/case_id", erasure.case_id, CASE_ID_CHARACTERS_MAX)
    require_name("/reference", erasure.reference, REFERENCE_CHARACTERS_MAX)
    require_name("/author", erasure.author, FIELD_CHARACTERS_MAX)
    return ReporterErased(
        fact_id=progress_id(erasure.author, erasure.reference, source, "reporter-erased"),
        case_id=erasure.case_id,
        recorded_at=at,
        source=source,
        author=erasure.author,
    )


def ordered(
    order: DeadlineOrder, source: Source, at: datetime, published: Published
) -> tuple[BreachVoided | DeadlineSet, ...]:
    """The facts of an order to promise something else, in order. Raises `RefusedError`.

    The ids follow from what is replaced and by which version, so that the same order again, and
    the same recomputation done again, changes nothing.
    """
    _require(order, published)
    deadline_set = DeadlineSet(
        fact_id=deadline_set_id(order),
        case_id=order.case_id,
        recorded_at=at,
        source=source,
        author=order.author,
        municipality=order.municipality,
        cause=order.replaces,
        promise=order.promise,
        reason=order.reason,
        replaces=order.replaces,
        policy_version=order.policy_version,
    )
    return (*_voiding(order, source, at), deadline_set)


def _voiding(order: DeadlineOrder, source: Source, at: datetime) -> Iterator[BreachVoided]:
    if order.voids is not None:
        yield BreachVoided(
            fact_id=_id_of(order, "breach-voided"),
            case_id=order.case_id,
            recorded_at=at,
            source=replace(source, more=True),
            author=order.author,
            municipality=order.municipality,
            cause=order.voids,
            clock=order.promise.kind,
            reason=order.reason,
        )


def deadline_set_id(order: DeadlineOrder) -> FactId:
    """The id of the fact that the order becomes: twice the same order is one fact."""
    return _id_of(order, "deadline-set")


def _id_of(order: DeadlineOrder, what: str) -> FactId:
    kind = order.promise.kind
    return replacing_id(order.case_id, order.replaces, kind, what, order.policy_version)


def _require(order: DeadlineOrder, published: Published) -> None:
    texts = (
        ("/case_id", order.case_id, CASE_ID_CHARACTERS_MAX),
        ("/reference", order.reference, REFERENCE_CHARACTERS_MAX),
        ("/author", order.author, FIELD_CHARACTERS_MAX),
        ("/reason", order.reason, FIELD_CHARACTERS_MAX),
        ("/replaces", order.replaces, FACT_ID_CHARACTERS_MAX),
    )
    for pointer, value, characters_max in texts:
        require_name(pointer, value, characters_max)
    require_text("/voids", order.voids, FACT_ID_CHARACTERS_MAX)
    # It may be of a deadline before: one that is replaced too late stays announced.
    if order.voids is not None and not order.voids.endswith(f"/{order.promise.kind}/breached"):
        raise RefusedError("/voids: is no breach of that clock")
    versions = published.get(order.municipality)
    if versions is None:
        raise RefusedError(f"/municipality: is not served here; served are: {listed(published)}")
    if order.policy_version not in {one.policy.version for one in versions}:
        raise RefusedError("/policy_version: is none that the municipality has published")
    _require_promise(order.promise)


def _require_promise(promise: Promise) -> None:
    """It lies in one lifetime, and each of its steps on its own side of the deadline."""
    if not 0 <= promise.budget_seconds <= BUDGET_SECONDS_MAX:
        words = f"is not 0 to {BUDGET_SECONDS_MAX} seconds (ten years)"
        raise RefusedError(f"/promise/budget_seconds: {words}")
    if promise.started_at < OCCURRED_MIN:
        raise RefusedError(f"/promise/started_at: lies before {OCCURRED_MIN.year}")
    if not promise.started_at <= promise.deadline <= MOMENT_MAX:
        words = f"lies before the start, or after {MOMENT_MAX.year}"
        raise RefusedError(f"/promise/deadline: {words}")
    if max(len(promise.warnings), len(promise.escalations)) > STEPS_MAX:
        raise RefusedError(f"/promise: has more than {STEPS_MAX} steps of a kind")
    _require_warnings(promise)
    _require_escalations(promise)


def _require_warnings(promise: Promise) -> None:
    if not _rising([one.percent for one in promise.warnings], PERCENT_MAX):
        raise RefusedError(f"/promise/warnings: do not rise from 1 to {PERCENT_MAX} percent")
    for number, one in enumerate(promise.warnings):
        if not promise.started_at <= one.at <= promise.deadline:
            raise RefusedError(f"/promise/warnings/{number}/at: is not before the deadline")


def _require_escalations(promise: Promise) -> None:
    if not _rising([one.step for one in promise.escalations], STEPS_MAX):
        raise RefusedError(f"/promise/escalations: do not rise from step 1 to {STEPS_MAX}")
    for number, one in enumerate(promise.escalations):
        where = f"/promise/escalations/{number}"
        if not 0 <= one.after_seconds <= BUDGET_SECONDS_MAX:
            raise RefusedError(f"{where}/after_seconds: is not 0 to {BUDGET_SECONDS_MAX} seconds")
        if not promise.deadline <= one.at <= MOMENT_MAX:
            raise RefusedError(f"{where}/at: is before the deadline, or after {MOMENT_MAX.year}")
        require_text(f"{where}/department", one.department, FIELD_CHARACTERS_MAX)


def _rising(numbers: list[int], most: int) -> bool:
    """Whether they are of 1 to that many, none twice, the smaller ones first."""
    return all(1 <= one <= most for one in numbers) and numbers == sorted(set(numbers))
