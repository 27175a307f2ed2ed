"""What a citizen's message becomes: the two facts that open a case, or a refusal in words."""

from dataclasses import dataclass, replace
from datetime import datetime

from schemas.contents import Content
from schemas.fact_parts import Area, Source
from schemas.facts import Routed, Submitted
from schemas.messages import Submission
from schemas.places import Place
from schemas.policy import CategoryPolicy
from schemas.sealed import Sealed
from schemas.topics import INTAKE_PARTS, IntakeInbox
from schemas.vocabulary import Author, CaseId, Department
from streams.core import admission
from streams.core.classifier import Classification, chosen, classify
from streams.core.ids import caused_by, submitted_id
from streams.core.in_force import Published, Ready, in_force
from streams.core.refused import RefusedError
from streams.core.terms import Subject

AREA_DECIMALS = 3  # About 100 metres: the exact place is sealed.
TEXT_CURTAILED_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What is derived of a submission with the installation's secret, and its sealed content."""

    case_id: CaseId
    tracking_code: str
    digest: str
    content: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The two facts of a submission, and the classification that the second rests on."""

    submitted: Submitted
    routed: Routed
    classification: Classification


def admitted(
    submission: Submission, inbox: IntakeInbox, published: Published, at: datetime
) -> Submission:
    """The submission with the author that counts. Raises `RefusedError`.

    In an inbox of our own the message names its author; in any other the inbox is the author.
    """
    if inbox.topic != INTAKE_PARTS:
        # Whoever else says so would hang a case on another's.
        submission = replace(submission, part_of=None)
    if inbox.channel not in {None, submission.channel}:
        raise RefusedError(f"/channel: this inbox is for {inbox.channel}")
    if inbox.municipality is None:
        if submission.author is None:
            raise RefusedError("/author: is missing")
    elif submission.municipality != inbox.municipality:
        raise RefusedError(f"/municipality: this inbox belongs to {inbox.municipality}")
    else:
        submission = replace(submission, author=Author(inbox.topic))
    wrong = admission.refusal(submission, published.keys(), at)
    if wrong is not None:
        raise RefusedError(": ".join(wrong))
    return submission


def content_of(submission: Submission) -> Content:
    """What of a submission is to be sealed."""
    return Content(text=submission.text, place=submission.place, reporter=submission.reporter)


def curtailed(submission: Submission) -> Submission:
    """A submission too large for the log, cut to what a person needs to find the rest."""
    text = submission.text[:TEXT_CURTAILED_CHARACTERS]
    return replace(submission, text=f"{text}…", place=None)


def decide(
    submission: Submission,
    identity: Identity,
    source: Source,
    at: datetime,
    published: Published,
    *,
    to_centre: str | None = None,
) -> Decision:
    """The facts of an admitted submission, by the policy in force when it arrived.

    `to_centre` is a reason to send it to the 137 centre unread.
    """
    version = in_force(published[submission.municipality], at)
    if submission.category not in version.categories:
        # Only what the policy names may stand in the open: it might be anything that was typed.
        submission = replace(submission, category=None)
    submitted = _submitted(submission, identity, source, at)
    classification = _classified(submission, version, to_centre)
    routed = _routed(submitted, version, classification)
    return Decision(submitted=submitted, routed=routed, classification=classification)


def area_of(place: Place | None) -> Area | None:
    """Where it is, as far as that may stay in the open."""
    if place is None or place.lat is None or place.lon is None:
        return None
    return Area(lat=round(place.lat, AREA_DECIMALS), lon=round(place.lon, AREA_DECIMALS))


def _submitted(
    submission: Submission, identity: Identity, source: Source, at: datetime
) -> Submitted:
    assert submission.author is not None, "an admitted submission has an author"
    place = submission.place
    return Submitted(
        fact_id=submitted_id(identity.case_id, identity.digest),
        case_id=identity.case_id,
        recorded_at=at,
        source=source,
        municipality=submission.municipality,
        channel=submission.channel,
        author=submission.author,
        content=identity.content,
        content_digest=identity.digest,
        tracking_code=identity.tracking_code,
        part_of=submission.part_of,
        category_chosen=submission.category,
        district=place.district if place else None,
        area=area_of(place),
        occurred_at=submission.occurred_at,
    )


def _classified(submission: Submission, version: Ready, to_centre: str | None) -> Classification:
    if to_centre is not None:
        return Classification(
            category=version.policy.centre_category,
            words=(),
            weight=0,
            lead=0,
            doubted=True,
            reason=to_centre,
        )
    if submission.category is not None:
        return chosen(submission.category, version.classifier)
    return classify(submission.text, version.classifier)


def _routed(submitted: Submitted, version: Ready, classification: Classification) -> Routed:
    category = version.categories[classification.category]
    department = version.in_district(category.department, submitted.district)
    subject = Subject(category=category.category, department=department, channel=submitted.channel)
    return Routed(
        fact_id=caused_by(submitted.fact_id, "routed"),
        case_id=submitted.case_id,
        recorded_at=submitted.recorded_at,
        source=submitted.source,
        cause=submitted.fact_id,
        municipality=submitted.municipality,
        department=department,
        category=category.category,
        priority=category.priority,
        problem_report=category.problem_report,
        # The citizen's clock starts when they asked, not when we got round to it.
        promises=version.promises(submitted.recorded_at, subject),
        policy_version=version.policy.version,
        reason=_reason(department, category, version, classification),
        centre=version.policy.centre,
    )


def _reason(
    department: Department,
    category: CategoryPolicy,
    version: Ready,
    classification: Classification,
) -> str:
    """Why it is that department's; the district is not named, for it may be anything typed."""
    if department == category.department:
        return classification.reason
    reasons = version.classifier.reasons
    title = reasons.title(version.departments[department])
    return reasons.there.format(reason=classification.reason, title=title)
