"""What is promised anew when a case is passed on, reopened, or found to be about something else."""

from dataclasses import replace
from datetime import datetime

from schemas.fact_parts import Promise
from schemas.living import Disputed
from schemas.policy import Budget
from schemas.steering import Reclassified, Reopened, TransferRequested
from schemas.vocabulary import Category, ClockKind, Department
from streams.core import clocks
from streams.core.case import CITIZENS_CLOCKS, Case, Clock
from streams.core.clocks import Setting
from streams.core.permissions import role_of
from streams.core.promises import Grounds, promise
from streams.core.terms import AllTerms, Subject, Terms, terms_of
from streams.core.working_time import WorkingCalendar

_Renewing = TransferRequested | Reopened | Disputed | Reclassified


def receiver(case: Case, fact: TransferRequested, terms: AllTerms) -> Department:
    """Whom a case moves to.

    The department that was named; else that of the category or the district that it is said to be
    of; else the 137 centre. When departments have passed it on often enough, the centre decides.
    """
    version = terms_of(fact.policy_version, terms)
    centre = version.policy.centre
    if _decides(case, fact, centre):
        return fact.to or _by_rule(case, fact, version) or centre
    if case.bounces >= version.policy.transfers_max:
        return centre
    return fact.to or _by_rule(case, fact, version) or centre


def _by_rule(case: Case, fact: TransferRequested, version: Terms) -> Department | None:
    """Whose it is by what the fact says that it is about, or where; none where nobody new."""
    if fact.category is None and fact.district is None:
        return None
    category = version.categories.get(fact.category or case.category or Category(""))
    if category is None:
        return None
    department = version.in_district(category.department, fact.district or case.district)
    return None if department == case.department else department


def _decides(case: Case, fact: TransferRequested, centre: Department) -> bool:
    """Whether the 137 centre says it, and so whose it is."""
    return role_of(fact) == "operator" or (case.department == centre == fact.department)


def passed_on(case: Case, fact: TransferRequested, at: datetime, terms: AllTerms) -> Case:
    """With another department, whose holding time begins; the citizen's clocks go on as they are.

    Whoever has it now must look at it, so a pause is over. What a deputy is told of is told to the
    deputy of the department that has it.
    """
    to = receiver(case, fact, terms)
    centre = terms_of(fact.policy_version, terms).policy.centre
    deputy = terms_of(fact.policy_version, terms).deputy_of(to)
    # Stopped first: what goes on is set by this fact, and so is the holding time that begins.
    left = replace(case, clocks=clocks.stopped(case, ("holding",), at=at, terms=terms))
    moved = replace(
        clocks.resumed(left, at=at, by=fact.fact_id, terms=terms),
        department=to,
        district=fact.district or case.district,
        handed_over=None,
        transfers=case.transfers + 1,
        bounces=0 if _decides(case, fact, centre) else case.bounces + 1,
    )
    below = replace(moved, clocks=tuple(_below(clock, deputy) for clock in moved.clocks))
    return _with_promises(below, ("holding",), _setting(fact, at, to), terms)


def _below(clock: Clock, deputy: Department | None) -> Clock:
    """The clock with its ladder going over that deputy's office, if it still runs."""
    if not clock.open:
        return clock
    steps = tuple(
        replace(step, department=deputy) if step.role == "deputy" else step
        for step in clock.promise.escalations
    )
    return replace(clock, promise=replace(clock.promise, escalations=steps))


def reopened(case: Case, fact: Reopened | Disputed, at: datetime, terms: AllTerms) -> Case:
    """Open again, with a new resolution to be kept; what the first one came to stays counted.

    Where there is no such department any more, it is the 137 centre's.
    """
    assert case.department is not None, "what was closed had a department"
    version = terms_of(fact.policy_version, terms)
    still = case.department in version.departments
    department = case.department if still else version.policy.centre
    again = replace(
        case,
        department=department,
        closed_at=None,
        closing=None,
        times_reversed=False,
        reopenings=case.reopenings + 1,
    )
    setting = _setting(fact, at, department)
    return _with_promises(again, ("resolution", "holding"), setting, terms)


def reclassified(case: Case, fact: Reclassified, at: datetime, terms: AllTerms) -> Case:
    """About something else. What was promised stays, unless it is decided that it does not."""
    version = terms_of(fact.policy_version, terms)
    category = version.categories[fact.category]
    changed = replace(
        case,
        category=category.category,
        priority=category.priority,
        problem_report=category.problem_report,
    )
    if not fact.new_promises:
        return changed
    return replace(
        changed, clocks=tuple(_renewed(changed, clock, fact, at, version) for clock in case.clocks)
    )


def _renewed(case: Case, clock: Clock, fact: Reclassified, at: datetime, version: Terms) -> Clock:
    """The promise of the other category from the same start; what it was paused for stays."""
    if clock.kind not in CITIZENS_CLOCKS or not clock.open:
        return clock
    renewed = promise_under(case, clock, version)
    if renewed is None:
        return clock
    setting = _setting(fact, at, clock.department)
    return clocks.promised_anew(clock, renewed, setting, case.waiting)


def promise_under(case: Case, clock: Clock, version: Terms) -> Promise | None:
    """What that version promises for a clock that began when this one did, pauses taken off.

    None where it promises nothing of the kind for what the case is about.
    """
    grounds = version.grounds(clock.kind, _subject(case, clock.department))
    if grounds is None:
        return None
    return promise(clock.kind, clock.promise.started_at, grounds, clock.pauses)


def _setting(fact: _Renewing, at: datetime, department: Department) -> Setting:
    return Setting(
        by=fact.fact_id, at=at, department=department, policy_version=fact.policy_version
    )


def _with_promises(
    case: Case, kinds: tuple[ClockKind, ...], setting: Setting, terms: AllTerms
) -> Case:
    assert setting.policy_version is not None, "what is promised anew is promised by a policy"
    version = terms_of(setting.policy_version, terms)
    subject = _subject(case, setting.department)
    grounds = (
        version.grounds(kind, subject)
        or _as_before(case.clock(kind), version.calendar_of(setting.department))
        or version.grounds(kind, replace(subject, category=version.policy.centre_category))
        for kind in kinds
    )
    promises = tuple(
        promise(kind, setting.at, on)
        for kind, on in zip(kinds, grounds, strict=True)
        if on is not None
    )
    return replace(case, clocks=clocks.begun(case, promises, setting))


def _as_before(before: Clock | None, calendar: WorkingCalendar) -> Grounds | None:
    """As much time again, where the version does not know what the case is about, or whose it is.

    Where nothing was promised before either, what nobody could place is promised.
    How long a department may hold a case is for each its own.
    """
    if before is None or before.kind == "holding":
        return None
    promised = before.promise
    return Grounds(
        budget=Budget(seconds=promised.budget_seconds, working_time=promised.working_time),
        calendar=calendar,
        warn_percents=tuple(one.percent for one in promised.warnings),
    )


def _subject(case: Case, department: Department) -> Subject:
    assert case.submitted is not None, "what has clocks was submitted"
    assert case.category is not None, "what has clocks was routed"
    return Subject(category=case.category, department=department, channel=case.submitted.channel)
