"""Why what somebody says of a case has no effect: who says it, what of, and when."""

from schemas.facts import Closing, Progress, Resolved
from schemas.living import Confirmed, Disputed, EscalationSeen, HandedOver
from schemas.steering import Linked, Paused, Reclassified, Reopened, Resumed, TransferRequested
from streams.core.case import Case
from streams.core.permissions import MAY, THE_CITIZEN, deed_of, permits, role_of
from streams.core.refusal import Refusal, refused_for
from streams.core.renewing import receiver
from streams.core.terms import AllTerms, Terms, terms_of
from streams.core.transitions import after


def of_progress(case: Case, fact: Progress, terms: AllTerms) -> Refusal | None:
    """Raises `UnknownTermsError`."""
    return (
        _of_the_case(case, fact)
        or _of_the_speaker(case, fact, terms)
        or _of_the_moment(case, fact)
        or _of_a_wait(case, fact)
        or _of_a_move(case, fact, terms)
        or _of_a_closing(case, fact, terms)
        or _of_the_citizen(case, fact)
    )


def _of_the_case(case: Case, fact: Progress) -> Refusal | None:
    if not case.known:
        return refused_for("no-such-case")
    if case.routed is None:
        return refused_for("no-department-yet")
    if fact.municipality != case.routed.municipality:
        return refused_for("other-municipality", municipality=case.routed.municipality)
    return None


def _of_the_speaker(case: Case, fact: Progress, terms: AllTerms) -> Refusal | None:
    role, deed = role_of(fact), deed_of(fact)
    refused = refused_for("not-permitted", role=role, deed=deed)
    reach = MAY[role].get(deed)
    if reach is None:
        return refused
    if fact.department not in {None, case.department} and reach != "below":
        return refused_for("other-department", department=str(case.department))
    version = _version(fact, terms) if reach == "below" else None
    allowed = permits(role, deed, speaker=fact.department, owner=case.department, version=version)
    if not allowed:
        return refused
    return refused_for("not-theirs") if _of_another_channel(case, fact) else None


def _version(fact: Progress, terms: AllTerms) -> Terms | None:
    """What says who is above whom; a closing is for whoever has the case alone."""
    by = None if isinstance(fact, Closing) else fact.above_by
    return None if by is None else terms_of(by, terms)


def _of_another_channel(case: Case, fact: Progress) -> bool:
    """A channel speaks for those alone who reported by it; whose case follows, the edge knows."""
    if role_of(fact) != "channel" or isinstance(fact, Closing) or fact.reporter_of is not None:
        return False
    return case.submitted is not None and fact.author != case.submitted.author


def _of_the_moment(case: Case, fact: Progress) -> Refusal | None:
    if fact.if_version is not None and fact.if_version != case.version:
        return refused_for("moved-on", version=case.version, given=fact.if_version)
    if after(case.state, fact.type) is None:
        return refused_for("state", state=case.state)
    return None


def _of_a_wait(case: Case, fact: Progress) -> Refusal | None:
    match fact:
        case Paused() if case.waiting is not None:
            return refused_for("waits-already", until=case.waiting.until)
        case Resumed() if case.waiting is None:
            return refused_for("does-not-wait")
        case _:
            return None


def _of_a_move(case: Case, fact: Progress, terms: AllTerms) -> Refusal | None:
    match fact:
        case Linked():
            return _of_a_link(case, fact)
        case TransferRequested():
            return _of_a_transfer(case, fact, terms)
        case Reclassified():
            known = fact.category in terms_of(fact.policy_version, terms).categories
            return None if known else refused_for("unknown-category")
        case HandedOver():
            bodies = terms_of(fact.policy_version, terms).policy.bodies
            known = any(one.body == fact.body for one in bodies)
            return None if known else refused_for("unknown-body")
        case _:
            return None


def _of_a_link(case: Case, fact: Linked) -> Refusal | None:
    """Of two cases the later follows the earlier: so there is no circle, however many follow."""
    if fact.parent == fact.case_id:
        return refused_for("follows-itself")
    if fact.parent_recorded_at is None or case.submitted is None:
        return None
    own = (case.submitted.recorded_at, case.case_id)
    if own <= (fact.parent_recorded_at, fact.parent):
        return refused_for("not-earlier")
    return None


def _of_a_transfer(case: Case, fact: TransferRequested, terms: AllTerms) -> Refusal | None:
    to = receiver(case, fact, terms)
    if to not in terms_of(fact.policy_version, terms).departments:
        return refused_for("unknown-department")
    if to == case.department:
        return refused_for("with-already", department=to)
    return None


def _of_a_closing(case: Case, fact: Progress, terms: AllTerms) -> Refusal | None:
    """What has to be shown of work done here; another system's past is shown by nothing."""
    if not isinstance(fact, Resolved) or fact.policy_version is None or fact.occurred_at_counts:
        return None
    category = None
    if case.category is not None:
        category = terms_of(fact.policy_version, terms).categories.get(case.category)
    missing = [one for one in (category.shown if category else ()) if one not in fact.shown]
    return refused_for("not-shown", missing=", ".join(missing)) if missing else None


def _of_the_citizen(case: Case, fact: Progress) -> Refusal | None:
    match fact:
        case Disputed():
            return _of_the_window(case, fact)
        case Reopened() if role_of(fact) in THE_CITIZEN:
            return _of_the_window(case, fact)
        case Confirmed() if case.verdict == "confirmed":
            return refused_for("confirmed-already")
        case EscalationSeen():
            return _of_an_escalation(case, fact)
        case _:
            return None


def _of_the_window(case: Case, fact: Disputed | Reopened) -> Refusal | None:
    until = case.closing.dispute_until if case.closing else None
    if until is not None and case.not_before(fact.recorded_at) > until:
        return refused_for("window-over", until=until)
    return None


def _of_an_escalation(case: Case, fact: EscalationSeen) -> Refusal | None:
    role = role_of(fact)
    if role in case.seen:
        return refused_for("seen-already", role=role)
    if role not in case.told:
        return refused_for("not-escalated", role=role)
    return None
