"""What a case of another system's past becomes: its facts, as if they had come when they did.

The ids follow from the row alone: the same row again changes nothing, and a row that was changed
since (a deadline, a closing) adds only what is new.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from schemas.contents import Content
from schemas.fact_parts import Promise, Source
from schemas.facts import (
    ClosedWithoutAction,
    Closing,
    DeadlineSet,
    Fact,
    Resolved,
    Routed,
    Submitted,
)
from schemas.messages import ImportedCase, ImportedClosing, Submission
from schemas.policy import ImportPolicy
from schemas.vocabulary import Author, CaseId, FactId
from streams.core import admission
from streams.core.decide import Identity, area_of
from streams.core.ids import caused_by, submitted_id
from streams.core.in_force import Published, Ready, in_force
from streams.core.refused import RefusedError

MOMENT_MAX = datetime(2200, 1, 1, tzinfo=UTC)  # Later is a slip, not a promise.
IMPORTED = "imported"  # In the place of a digest: a row stays the same case, whatever it says.


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """An admitted row with all that its facts are made of."""

    case: ImportedCase
    identity: Identity
    source: Source
    at: datetime
    version: Ready
    counts: bool

    @property
    def author(self) -> Author:
        return author_of(self.case.system)

    @property
    def submitted_id(self) -> FactId:
        return submitted_id(self.identity.case_id, IMPORTED)

    @property
    def routed_id(self) -> FactId:
        return caused_by(self.submitted_id, "routed")


def author_of(system: str) -> Author:
    """Who speaks in an imported row."""
    return Author(f"import/{system}")


def content_of(case: ImportedCase) -> Content:
    """What of a row is to be sealed."""
    return Content(text=case.text, place=case.place, reporter=case.reporter)


def refusal(case: ImportedCase, published: Published, at: datetime) -> tuple[str, str] | None:
    """The field that is wrong, as a JSON pointer, and what is wrong with it, if anything is."""
    submission = Submission(
        municipality=case.municipality,
        channel=case.channel,
        text=case.text,
        reference=case.reference,
        category=case.category,
        place=case.place,
        reporter=case.reporter,
        occurred_at=case.opened_at,
    )
    wrong = admission.refusal(submission, published.keys(), at)
    if wrong is not None:
        return wrong
    return _policy_refusal(case, in_force(published[case.municipality], at)) or _time_refusal(
        case, at
    )


def imported(
    case: ImportedCase, identity: Identity, source: Source, at: datetime, published: Published
) -> tuple[Fact, ...]:
    """The facts of one row, in order. Raises `RefusedError`."""
    wrong = refusal(case, published, at)
    if wrong is not None:
        raise RefusedError(": ".join(wrong))
    version = in_force(published[case.municipality], at)
    allowed = _allowed(case.system, version)
    assert allowed is not None, "a system that is not allowed is refused"
    row = _Row(
        case=case,
        identity=identity,
        source=source,
        at=at,
        version=version,
        counts=allowed.times == "claimed",
    )
    facts = tuple(_facts(row))
    more = replace(source, more=True)
    return (*(replace(one, source=more) for one in facts[:-1]), facts[-1])


def fact_ids(case: ImportedCase, case_id: CaseId) -> tuple[FactId, ...]:
    """The ids of the facts that the row becomes: where all are known, nothing is new in it."""
    routed_id = caused_by(submitted_id(case_id, IMPORTED), "routed")
    ids = [submitted_id(case_id, IMPORTED), routed_id]
    if case.deadline is not None:
        ids.append(_deadline_id(routed_id, case.deadline))
    if case.closing is not None:
        ids.append(_closing_id(routed_id, case.closing))
    return tuple(ids)


def _facts(row: _Row) -> Iterator[Submitted | Routed | DeadlineSet | Closing]:
    yield _submitted(row)
    yield _routed(row)
    if row.case.deadline is not None:
        yield _deadline_set(row, row.case.deadline)
    if row.case.closing is not None:
        yield _closing(row, row.case.closing)


def _submitted(row: _Row) -> Submitted:
    place = row.case.place
    return Submitted(
        fact_id=row.submitted_id,
        case_id=row.identity.case_id,
        recorded_at=row.at,
        source=row.source,
        municipality=row.case.municipality,
        channel=row.case.channel,
        author=row.author,
        content=row.identity.content,
        content_digest=row.identity.digest,
        tracking_code=row.identity.tracking_code,
        category_chosen=row.case.category,
        district=place.district if place else None,
        area=area_of(place),
        occurred_at=row.case.opened_at,
        occurred_at_counts=row.counts,
        historical=True,
    )


def _routed(row: _Row) -> Routed:
    """To the department that the other system had named; it promised by its own rules."""
    category = row.version.categories[row.case.category]
    return Routed(
        fact_id=row.routed_id,
        case_id=row.identity.case_id,
        recorded_at=row.at,
        source=row.source,
        cause=row.submitted_id,
        municipality=row.case.municipality,
        department=row.case.department,
        category=category.category,
        priority=category.priority,
        problem_report=category.problem_report,
        promises=(),
        policy_version=row.version.policy.version,
        reason=f"so it was in {row.case.system}",
        centre=row.version.policy.centre,
    )


def _deadline_set(row: _Row, deadline: datetime) -> DeadlineSet:
    started_at = row.case.opened_at
    return DeadlineSet(
        fact_id=_deadline_id(row.routed_id, deadline),
        case_id=row.identity.case_id,
        recorded_at=row.at,
        source=row.source,
        author=row.author,
        municipality=row.case.municipality,
        cause=row.routed_id,
        promise=Promise(
            kind="resolution",
            started_at=started_at.astimezone(UTC),
            deadline=deadline.astimezone(UTC),
            budget_seconds=round((deadline - started_at).total_seconds()),
            working_time=False,
        ),
        reason=f"promised by {row.case.system}",
    )


def _closing(row: _Row, closing: ImportedClosing) -> Closing:
    resolved = Resolved(
        fact_id=_closing_id(row.routed_id, closing),
        case_id=row.identity.case_id,
        recorded_at=row.at,
        source=row.source,
        author=row.author,
        municipality=row.case.municipality,
        department=row.case.department,
        occurred_at=closing.at,
        occurred_at_counts=row.counts,
    )
    if closing.without_action is None:
        return resolved
    return ClosedWithoutAction(
        fact_id=resolved.fact_id,
        case_id=resolved.case_id,
        recorded_at=resolved.recorded_at,
        source=resolved.source,
        author=resolved.author,
        municipality=resolved.municipality,
        department=resolved.department,
        why=closing.without_action,
        occurred_at=closing.at,
        occurred_at_counts=row.counts,
    )


def _deadline_id(routed_id: FactId, deadline: datetime) -> FactId:
    return caused_by(routed_id, "deadline-set", _stamp(deadline))


def _closing_id(routed_id: FactId, closing: ImportedClosing) -> FactId:
    return caused_by(routed_id, "closed", closing.without_action or "resolved", _stamp(closing.at))


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _policy_refusal(case: ImportedCase, version: Ready) -> tuple[str, str] | None:
    if _allowed(case.system, version) is None:
        return "/system", f"may not be imported: the policy of {case.municipality} does not name it"
    if case.department not in version.departments:
        return "/department", f"is no department of {case.municipality}"
    if case.category not in version.categories:
        return "/category", f"is no category of {case.municipality}"
    return None


def _allowed(system: str, version: Ready) -> ImportPolicy | None:
    return next((one for one in version.policy.imports if one.system == system), None)


def _time_refusal(case: ImportedCase, at: datetime) -> tuple[str, str] | None:
    """A closing may lie before the opening: such rows there are, and they are marked."""
    deadline, closing = case.deadline, case.closing
    if deadline is not None and not admission.OCCURRED_MIN <= deadline <= MOMENT_MAX:
        return "/deadline", f"lies before {admission.OCCURRED_MIN.year} or after {MOMENT_MAX.year}"
    if closing is None:
        return None
    if closing.at > at + admission.FUTURE_MAX:
        return "/closing/at", "lies in the future"
    if closing.at < admission.OCCURRED_MIN:
        return "/closing/at", f"lies before {admission.OCCURRED_MIN.year}"
    return None
