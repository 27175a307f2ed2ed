"""What each deed becomes: the fact, with all that goes with it, or a refusal in words."""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from schemas.fact_parts import CasePart
from schemas.facts import Acknowledged, ClosedWithoutAction, Progress, Resolved
from schemas.living import (
    Confirmed,
    Disputed,
    EscalationSeen,
    HandedOver,
    HandedOverAnswered,
    Noted,
    Rated,
    Split,
)
from schemas.steering import (
    InformationReceived,
    InformationRequested,
    Linked,
    Paused,
    Reclassified,
    Reopened,
    Resumed,
    Started,
    TransferRequested,
    Unlinked,
)
from schemas.vocabulary import (
    BODY_ANSWERS,
    CLOSING_REASONS,
    SHOWN,
    STARS_MAX,
    TRANSFER_REASONS,
    VISIBILITIES,
    WAITING_FOR_CITIZEN,
    BodyAnswer,
    CaseId,
    Category,
    Deed,
    Shown,
    TransferReason,
    Visibility,
)
from streams.core.permissions import THE_CITIZEN
from streams.core.refused import RefusedError, listed, require_name
from streams.core.speaking import Speaking

CASE_ID_CHARACTERS_MAX = 64
PARTS_MIN = 2
PARTS_MAX = 10
# Enough for what other bodies number their work by, and too little for what somebody said.
_BODY_REFERENCE = re.compile(r"[0-9A-Za-z][0-9A-Za-z./-]{0,39}", re.ASCII)
R = TypeVar("R", bound=str)
_Plain = (
    Acknowledged | Started | Resumed | InformationReceived | Unlinked | Confirmed | EscalationSeen
)


def _acknowledged(said: Speaking) -> Acknowledged:
    said.owner()
    return Acknowledged(**said.spoken)


def _paused(said: Speaking) -> Paused:
    pauses = [one.reason for one in said.terms.policy.pauses]
    reason = said.report.reason
    if not reason:
        raise RefusedError(f"/reason: is missing; the policy allows: {listed(pauses)}")
    pause = said.pause(reason)
    if pause is None:
        raise RefusedError(f"/reason: is not one that the policy allows: {listed(pauses)}")
    return Paused(**said.spoken, pause=pause, policy_version=said.version)


def _information_requested(said: Speaking) -> InformationRequested:
    """The clocks stand still meanwhile, where the policy has a pause for it."""
    return InformationRequested(
        **said.spoken, pause=said.pause(WAITING_FOR_CITIZEN), policy_version=said.version
    )


def _transfer_requested(said: Speaking) -> TransferRequested:
    why: TransferReason = _one_of("/why", TRANSFER_REASONS, said.report.why)
    to = said.report.to
    departments = said.terms.departments
    if to is not None and to not in departments:
        raise RefusedError(f"/to: is no department that the policy has: {listed(departments)}")
    districts = {one.district for one in said.terms.policy.districts}
    if said.report.district is not None and said.report.district not in districts:
        # Only what the policy names may stand in the open: it might be anything that was typed.
        raise RefusedError(f"/district: is none that the policy has: {listed(districts)}")
    return TransferRequested(
        **said.spoken,
        why=why,
        to=to,
        category=_category(said, said.report.category),
        district=said.report.district,
        policy_version=said.version,
    )


def _reopened(said: Speaking) -> Reopened:
    """A citizen need not say why; whoever works for the city does."""
    if said.report.role not in THE_CITIZEN:
        _require_note(said, "why is it opened again?")
    return Reopened(**said.spoken, policy_version=said.version)


def _linked(said: Speaking) -> Linked:
    parent = CaseId(require_name("/parent", said.report.parent, CASE_ID_CHARACTERS_MAX))
    return Linked(
        **said.spoken,
        parent=parent,
        parent_recorded_at=said.report.parent_recorded_at,
        because=said.report.because,
    )


def _reclassified(said: Speaking) -> Reclassified:
    category = _category(said, said.report.category)
    if category is None:
        raise RefusedError("/category: is missing: what is it about?")
    return Reclassified(
        **said.spoken,
        category=category,
        policy_version=said.version,
        new_promises=said.report.new_promises,
    )


def _resolved(said: Speaking) -> Resolved:
    return Resolved(
        **said.common,
        **said.judged,
        department=said.owner(),
        evidence=said.note,
        shown=_shown(said),
    )


def _closed_without_action(said: Speaking) -> ClosedWithoutAction:
    return ClosedWithoutAction(
        **said.common,
        **said.judged,
        department=said.owner(),
        evidence=said.note,
        why=_one_of("/why", CLOSING_REASONS, said.report.why),
    )


def _noted(said: Speaking) -> Noted:
    """What a citizen notes is theirs to read; what the city's people note, where they say so."""
    _require_note(said, "what is to be noted?")
    usual: Visibility = "public" if said.report.role in THE_CITIZEN else "internal"
    visibility: Visibility = _one_of("/visibility", VISIBILITIES, said.report.visibility or usual)
    if said.report.role in THE_CITIZEN and visibility != "public":
        raise RefusedError("/visibility: a citizen's note is public")
    return Noted(**said.spoken, visibility=visibility)


def _handed_over(said: Speaking) -> HandedOver:
    bodies = {one.body: one for one in said.terms.policy.bodies}
    body = bodies.get(said.report.body) if said.report.body else None
    if body is None:
        raise RefusedError(f"/body: is needed, one that the policy has: {listed(bodies)}")
    return HandedOver(
        **said.spoken,
        body=body.body,
        reference=_body_reference(said),
        pause=said.pause(body.pause),
        policy_version=said.version,
    )


def _handed_over_answered(said: Speaking) -> HandedOverAnswered:
    answer: BodyAnswer = _one_of("/answer", BODY_ANSWERS, said.report.answer)
    return HandedOverAnswered(**said.spoken, answer=answer, reference=_body_reference(said))


def _split(said: Speaking) -> Split:
    """The words lie in the note: it is sealed with them before it comes here."""
    parts = said.report.parts
    if not PARTS_MIN <= len(parts) <= PARTS_MAX:
        raise RefusedError(f"/parts: is to hold {PARTS_MIN} to {PARTS_MAX} parts")
    return Split(
        **said.spoken,
        parts=tuple(CasePart(category=_category(said, one.category)) for one in parts),
    )


def _disputed(said: Speaking) -> Disputed:
    return Disputed(**said.spoken, policy_version=said.version)


def _rated(said: Speaking) -> Rated:
    stars = said.report.stars
    if stars is None or not 1 <= stars <= STARS_MAX:
        raise RefusedError(f"/stars: is to be a whole number from 1 to {STARS_MAX}")
    return Rated(**said.spoken, stars=stars)


def _category(said: Speaking, category: Category | None) -> Category | None:
    categories = said.terms.categories
    if category is not None and category not in categories:
        # Only what the policy names may stand in the open: it might be anything that was typed.
        raise RefusedError(f"/category: is none that the policy has: {listed(categories)}")
    return category


def _shown(said: Speaking) -> tuple[Shown, ...]:
    """The kinds of what lies in the evidence: what is not said to be a photo is a document."""
    kinds: set[Shown] = set()
    if said.report.note and said.report.note.strip():
        kinds.add("note")
    for item in said.report.evidence:
        kinds.add("photo" if item.startswith("photo:") else "document")
    return tuple(one for one in SHOWN if one in kinds)


def _body_reference(said: Speaking) -> str | None:
    reference = said.report.body_reference
    if reference is not None and not _BODY_REFERENCE.fullmatch(reference):
        words = "is to be 1 to 40 Latin letters, digits, dots, slashes and hyphens"
        raise RefusedError(f"/body_reference: {words}")
    return reference


def _require_note(said: Speaking, question: str) -> None:
    if not (said.report.note and said.report.note.strip()):
        raise RefusedError(f"/note: is missing: {question}")


def _one_of(field: str, allowed: tuple[R, ...], given: str | None) -> R:
    """That one of them; none of another kind, and none at all, will do."""
    found = {str(one): one for one in allowed}.get(given or "")
    if found is None:
        raise RefusedError(f"{field}: is needed, one of: {listed(allowed)}")
    return found


def _simply(kind: type[_Plain]) -> Callable[[Speaking], _Plain]:
    """A fact that says no more than what all of them say."""

    def fact(said: Speaking) -> _Plain:
        return kind(**said.spoken)

    return fact


AS_FACTS: Mapping[Deed, Callable[[Speaking], Progress]] = {
    "acknowledged": _acknowledged,
    "started": _simply(Started),
    "paused": _paused,
    "resumed": _simply(Resumed),
    "information-requested": _information_requested,
    "information-received": _simply(InformationReceived),
    "transfer-requested": _transfer_requested,
    "reopened": _reopened,
    "linked": _linked,
    "unlinked": _simply(Unlinked),
    "reclassified": _reclassified,
    "resolved": _resolved,
    "closed-without-action": _closed_without_action,
    "noted": _noted,
    "handed-over": _handed_over,
    "handed-over-answered": _handed_over_answered,
    "split": _split,
    "confirmed": _simply(Confirmed),
    "disputed": _disputed,
    "rated": _rated,
    "escalation-seen": _simply(EscalationSeen),
}
