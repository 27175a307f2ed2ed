"""Random lives of two cases, driven through what the edge takes and what the fold makes of it.

Anybody says anything at any time: there is no dead end, nothing is counted twice, what comes late
or twice changes nothing, and what a role may not say has no effect.
"""

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from schemas.codec import decode_desk, decode_fact, encode
from schemas.facts import Closing, Fact, Progress, Submitted
from schemas.living import Disputed
from schemas.messages import ProgressReport
from schemas.notices import Notice, Undisputed
from schemas.steering import Reopened
from schemas.topics import PROGRESS_DESK, ProgressInbox
from schemas.vocabulary import DEEDS, ROLES, CaseId, Deed, Department, Role
from streams.core.case import Case, Judgement, Positioned
from streams.core.counting import counted
from streams.core.fold import History, fold, learn, step
from streams.core.notices import next_due_at, notices_due
from streams.core.permissions import deed_of
from streams.core.refused import RefusedError
from streams.core.reporting import reported
from streams.core.transitions import AT_WORK, TRANSITIONS
from tests.builders import NOON, PARKS, source
from tests.living import (
    ABOVE,
    FIRST,
    LIVING_CITY,
    PUBLISHED,
    SECOND,
    SENSIBLE,
    TERMS,
    TRANSFERS_MAX,
    reports,
)
from tests.steering import ROADS, opened

# In `make test` some; with PEYGIR_LIVES, as many as one wants.
LIVES_MAX = int(os.environ.get("PEYGIR_LIVES", "200"))
DESK = ProgressInbox(topic=PROGRESS_DESK)
CASES = st.sampled_from((FIRST, SECOND))
CITIZENS: frozenset[Deed] = frozenset(
    {"information-received", "noted", "confirmed", "disputed", "rated", "reopened"}
)
NEVER: Mapping[Role, frozenset[Deed]] = {
    "operator": frozenset({"escalation-seen"}),
    "member": frozenset(
        {"reopened", "reclassified", "confirmed", "disputed", "rated", "escalation-seen"}
    ),
    "head": frozenset({"confirmed", "disputed", "rated"}),
    "deputy": frozenset({"confirmed", "disputed", "rated"}),
    "mayor": frozenset(DEEDS) - {"noted", "escalation-seen"},
    "auditor": frozenset(DEEDS),
    "administrator": frozenset(DEEDS),
    "channel": frozenset(DEEDS) - CITIZENS,
    "citizen": frozenset(DEEDS) - CITIZENS,
}
UNDER_A_DEPUTY: frozenset[Department] = frozenset({PARKS, ROADS})
# What only whoever has the case can say of the work.
OF_THE_WORK: frozenset[Deed] = frozenset(
    {"acknowledged", "started", "resolved", "closed-without-action"}
)


class Lives(RuleBasedStateMachine):
    """Two cases of one city; the second may follow the first."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.cases: dict[CaseId, Case] = {}
        self.brought: dict[CaseId, Submitted] = {}
        self.histories: dict[CaseId, list[Positioned]] = {}
        self.closings = Counter[CaseId]()
        self.openings = Counter[CaseId]()
        self.promises = Counter[tuple[CaseId, str, str]]()
        self.said = 0
        self.refused = set[str]()

    @initialize()
    def begin(self) -> None:
        for number, case_id in enumerate((FIRST, SECOND)):
            submitted, routed = opened(LIVING_CITY, NOON + timedelta(seconds=number), case_id)
            self.cases[case_id] = Case(case_id=case_id)
            self.brought[case_id], self.histories[case_id] = submitted, []
            self.append(submitted)
            self.append(routed)

    @rule(seconds=st.sampled_from((0, 1, 60, 300, 700, 2_000, 20_000, 200_000)))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(data=st.data(), case_id=CASES)
    def say(self, data: st.DataObject, case_id: CaseId) -> None:
        """Anybody says anything, sometimes of a case as it was a while ago."""
        did, role = data.draw(st.sampled_from(DEEDS)), data.draw(st.sampled_from(ROLES))
        report = data.draw(reports(did, role, self.cases[case_id]))
        behind = data.draw(st.sampled_from((None, 0, 3)))
        if behind is not None:
            seen = max(0, self.cases[case_id].version - behind)
            report = replace(report, if_version=seen)
        self.take(data, report)

    @rule(data=st.data(), case_id=CASES)
    def act(self, data: st.DataObject, case_id: CaseId) -> None:
        """Somebody who may do it does what can be done."""
        case = self.cases[case_id]
        possible: list[Deed] = [did for did in DEEDS if f"case.{did}.v1" in TRANSITIONS[case.state]]
        did = data.draw(st.sampled_from(possible))
        role = data.draw(st.sampled_from(SENSIBLE[did]))
        self.take(data, data.draw(reports(did, role, case)))

    @rule(data=st.data(), case_id=CASES)
    def repeat(self, data: st.DataObject, case_id: CaseId) -> None:
        """An old app sends again what it said yesterday."""
        again = data.draw(st.sampled_from(self.histories[case_id]))
        before = self.cases[case_id]
        judgement = self.append(again.fact)
        assert judgement.verdict == "duplicate"
        assert self.cases[case_id] == before

    @rule(case_id=CASES)
    def announce(self, case_id: CaseId) -> None:
        for notice in notices_due(self.cases[case_id], up_to=self.now, now=self.now):
            self.append(notice)

    @invariant()
    def somebody_must_act_by_a_clock(self) -> None:
        for case in self.cases.values():
            if case.state in AT_WORK:
                assert case.department in TERMS[LIVING_CITY.version].departments
                assert any(clock.open for clock in case.clocks)
                assert any(clock.kind == "resolution" for clock in case.clocks if clock.open)
                assert case.bounces <= TRANSFERS_MAX + 1
            elif case.state == "linked":
                assert case.parent is not None
                assert (self.at(case.parent), case.parent) < (self.at(case.case_id), case.case_id)
            else:
                assert case.closing is not None
                assert not any(clock.open for clock in case.clocks)
                assert case.verdict is not None or _waits_for_a_word(case)

    @invariant()
    def nothing_is_counted_twice(self) -> None:
        for case_id, case in self.cases.items():
            closed = case.closing is not None
            assert self.closings[case_id] == self.openings[case_id] + closed
            assert case.reopenings == self.openings[case_id]
            for clock in case.clocks:
                made = self.promises[case_id, clock.kind, "made"]
                assert made == sum(one.kind == clock.kind for one in case.clocks)

    def teardown(self) -> None:
        assert all(words.startswith("/") for words in self.refused)
        for case_id, history in self.histories.items():
            known: History = ()
            for positioned in [*history[::-1], *history[::2], *history]:
                known = learn(known, positioned)
            assert fold(case_id, known, TERMS) == self.cases[case_id]

    def take(self, data: st.DataObject, report: ProgressReport) -> None:
        if report.did == "linked":
            parent = self.brought[data.draw(CASES)]
            report = replace(report, parent=parent.case_id, parent_recorded_at=parent.recorded_at)
        late = timedelta(seconds=data.draw(st.sampled_from((0, 0, 0, 90))))
        fact = self.taken(report, self.now - late)
        if fact is not None:
            self.append(fact)

    def at(self, case_id: CaseId) -> datetime:
        return self.brought[case_id].recorded_at

    def taken(self, report: ProgressReport, at: datetime) -> Progress | None:
        """What comes of a report as it lies in the desk's inbox; none where it is refused."""
        lies = decode_desk(encode(report))
        assert isinstance(lies, ProgressReport)
        self.said += 1
        note = self.brought[report.case_id].content if report.note else None
        inbox_source = source(self.said, inbox=PROGRESS_DESK)
        try:
            return reported(lies, DESK, inbox_source, max(at, NOON), note, PUBLISHED)
        except RefusedError as error:
            self.refused.add(str(error))
            return None

    def append(self, fact: Fact) -> Judgement:
        assert decode_fact(encode(fact)) == fact
        before, history = self.cases[fact.case_id], self.histories[fact.case_id]
        one = Positioned(offset=3 * len(history) + 1, fact=fact)
        history.append(one)
        case, judgement = step(before, one, TERMS)
        self.cases[fact.case_id] = case
        if judgement.verdict == "effective":
            self.judged(before, fact, case)
        elif judgement.verdict == "refused":
            assert judgement.refusal is not None
            assert judgement.refusal.english
            assert judgement.refusal.persian
            assert not isinstance(fact, Notice), judgement.refusal.english
        return judgement

    def judged(self, before: Case, fact: Fact, case: Case) -> None:
        assert fact.fact_id not in before.effective
        self.closings[fact.case_id] += isinstance(fact, Closing)
        self.openings[fact.case_id] += isinstance(fact, Reopened | Disputed)
        for one, times in counted(before, case).items():
            self.promises[fact.case_id, one.clock, one.outcome] += times
        if isinstance(fact, Undisputed):
            assert before.verdict is None
        if isinstance(fact, Progress):
            self.permitted(before, fact)

    def permitted(self, before: Case, fact: Progress) -> None:
        deed, role = deed_of(fact), fact.role
        assert role is not None
        assert deed not in NEVER[role]
        if role == "channel":
            assert fact.author == self.brought[fact.case_id].author
        if role in {"member", "head"} or deed in OF_THE_WORK:
            assert fact.department == before.department or fact.department is None
        if role in {"member", "head"}:
            assert fact.department is not None
        if role == "deputy" and fact.department != before.department:
            assert (fact.department, deed in OF_THE_WORK) == (ABOVE, False)
            assert before.department in UNDER_A_DEPUTY


def _waits_for_a_word(case: Case) -> bool:
    """Whether silence will be told of."""
    return any(next_due_at(case, clock) is not None for clock in case.clocks)


TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=LIVES_MAX, stateful_step_count=40, deadline=None, derandomize=False
)
